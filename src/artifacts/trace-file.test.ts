import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { appendTrace, beginTrace, readTrace, truncateTrace } from "./trace-file.ts";

const folder = mkdtempSync(join(tmpdir(), "hypertrain-trace-"));
afterAll(() => rmSync(folder, { recursive: true }));

const pointAt = (step: number, count: number): TracePoint => ({
  step,
  epoch: step,
  examples: step,
  gradientEvaluations: step,
  seconds: step,
  hyperparameters: {
    "l2.each": { value: Array.from({ length: count }, (_, i) => i), scale: Array<number>(count).fill(0.5) },
    name: { value: "naïve – ü" },
  },
  valid: { loss: 1 / (step + 1) },
});

async function written(name: string, count: number, steps = 4): Promise<string> {
  const path = join(folder, name);
  await beginTrace(path, pointAt(0, count));
  for (let step = 1; step < steps; step++) await appendTrace(path, pointAt(step, count));
  return path;
}

test("what is written is read again, element by element where they are few", async () => {
  const path = await written("few", 5);
  expect(await readTrace(path)).toEqual([0, 1, 2, 3].map((step) => pointAt(step, 5)));
});

test("of a hundred thousand elements a line holds mean and quantiles, in less than a kilobyte", async () => {
  const path = await written("many", 100_001);
  expect(statSync(path).size).toBeLessThan(4 * 1024);
  const [, point] = await readTrace(path);
  expect(point?.hyperparameters["l2.each"]).toEqual({
    value: 50_000,
    scale: 0.5,
    elements: { count: 100_001, q10: 10_000, q50: 50_000, q90: 90_000 },
  });
});

test("points behind a step are taken back, and with them what a killed run left unfinished", async () => {
  const path = await written("cut", 5);
  appendFileSync(path, '{"step":4,"epo');
  expect(await readTrace(path)).toHaveLength(4);
  await truncateTrace(path, 2);
  await appendTrace(path, pointAt(3, 5));
  expect(await readTrace(path)).toEqual([0, 1, 2, 3].map((step) => pointAt(step, 5)));
  await expect(truncateTrace(path, 7)).rejects.toThrow("must reach step 7 of the checkpoint, but ends at 3");
});

test("every changed character of a line is told of", async () => {
  const path = await written("flip", 2, 2);
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length - 1; at++) {
    const bytes = Buffer.from(whole);
    bytes.writeUInt8((bytes[at] as number) ^ (1 << (at % 8)), at);
    writeFileSync(path, bytes);
    await expect(readTrace(path), `byte ${at}`).rejects.toThrow(/line [12] of .* must (be|not)/);
  }
});

test("a trace that is gone is no place to write to", async () => {
  await expect(appendTrace(join(folder, "gone"), pointAt(1, 2))).rejects.toThrow("must exist");
});
