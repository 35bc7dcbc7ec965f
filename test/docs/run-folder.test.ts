import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { runExample } from "./example.ts";

test("examples/run-folder.ts records a run, goes on with it, and leaves model and report", () => {
  const folder = mkdtempSync(join(tmpdir(), "hypertrain-example-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const printed = runExample("run-folder.ts", folder, "run");
  const { ended, final } = JSON.parse(printed.trim().split("\n").at(-1) as string) as TuneResult;
  expect([ended, final.epoch]).toEqual(["epochs", 10]);
  const trace = readFileSync(join(folder, "run/metrics.jsonl"), "utf8").trimEnd().split("\n");
  expect(trace.map((line) => (JSON.parse(line) as { epoch: number }).epoch)).toEqual([...Array(11).keys()]);
  for (const file of ["model.safetensors", "model.onnx", "report.html", "checkpoint/last.safetensors"])
    expect(existsSync(join(folder, "run", file))).toBe(true);
  expect(existsSync(join(folder, "run/lock"))).toBe(false);
});
