import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import type { TracePoint } from "../../src/api/trace.ts";
import { randomKey, randomUniform } from "../../src/util/random.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const PLANE = 32 * 32;

/** Noise around a tone of each colour that tells the class: a row of CIFAR-10's files is a class and three planes. */
function writeImages(path: string, rows: number): void {
  const noise = randomUniform(randomKey(7, path), 0, rows * 3 * PLANE);
  const record = (row: number) => {
    const label = row % 10;
    const tones = [label % 2, Math.floor(label / 2) % 2, Math.floor(label / 4) / 2];
    return [
      label,
      ...tones.flatMap((tone, plane) =>
        Array.from({ length: PLANE }, (_, i) =>
          Math.floor(150 * tone + 100 * (noise[(3 * row + plane) * PLANE + i] as number)),
        ),
      ),
    ];
  };
  writeFileSync(path, Uint8Array.from(Array.from({ length: rows }, (_, row) => record(row)).flat()));
}

function writeCifar10(): void {
  mkdirSync("photos/cifar10", { recursive: true });
  for (const name of [1, 2, 3, 4, 5].map((i) => `data_batch_${i}`))
    writeImages(`photos/cifar10/${name}.bin`, 60);
  writeImages("photos/cifar10/test_batch.bin", 40);
}

const cifar = [
  "--data",
  "cifar10",
  "--data-dir",
  "photos",
  "--seed",
  "1",
  "--threads",
  "1",
  "--json",
  "--quiet",
];

async function tuned(...flags: string[]): Promise<TuneResult> {
  const { code, stdout, stderr } = await call("tune", ...cifar, ...flags);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as TuneResult;
}

test("a network learns the colours of CIFAR-10's files", { timeout: 120_000 }, async () => {
  writeCifar10();
  const small = ["--model", "simple-cnn", "--width", "0.25", "--batch-size", "30", "--out", "small"];
  const { best } = await tuned(...small, "--epochs", "12", "--no-baseline");
  for (const part of [best.valid, best.test]) expect(part?.loss).toBeLessThan(1.5); // ln 10 = 2.3 at first
});

test(
  "AlexNet's eighteen hyperparameters are tuned on CIFAR-10, bit for bit after a resume",
  { timeout: 120_000 },
  async () => {
    writeCifar10();
    const large = ["--model", "alexnet", "--width", "0.05", "--batch-size", "60", "--warmup-epochs", "0"];
    const whole = await tuned(...large, "--epochs", "2", "--no-baseline", "--out", "whole");
    const names = Object.keys(whole.best.hyperparameters);
    expect(names.filter((name) => name.startsWith("dropout."))).toHaveLength(8);
    expect(names).toHaveLength(18);
    await tuned(...large, "--epochs", "1", "--no-baseline", "--out", "half");
    const resumed = await call("resume", "half", "--epochs", "2", "--json", "--quiet");
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(last("half")).toEqual(last("whole")); // the same views
  },
);

/** The last trace point of a run, but for its time and the line's checksum. */
function last(folder: string): Omit<TracePoint, "seconds"> {
  const line = readFileSync(`${folder}/metrics.jsonl`, "utf8").trim().split("\n").at(-1) as string;
  const { seconds: _, crc32: _sum, ...point } = JSON.parse(line) as TracePoint & { crc32: string };
  return point;
}
