import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { expect, onTestFinished, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";

const root = join(import.meta.dirname, "../..");

test("examples/run-folder.ts records a run, goes on with it, and leaves model and report", () => {
  const folder = mkdtempSync(join(tmpdir(), "hypertrain-example-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const url = (path: string) => JSON.stringify(pathToFileURL(join(root, path)).href);
  writeFileSync(
    join(folder, "main.mjs"),
    `import { registerResolveHook } from ${url("src/cli/resolve-hook.ts")};\nregisterResolveHook();\nawait import(${url("examples/run-folder.ts")});\n`,
  );
  const printed = execFileSync(process.execPath, ["main.mjs", "run"], { cwd: folder, encoding: "utf8" });
  const { ended, final } = JSON.parse(printed.trim().split("\n").at(-1) as string) as TuneResult;
  expect([ended, final.epoch]).toEqual(["epochs", 10]);
  const trace = readFileSync(join(folder, "run/metrics.jsonl"), "utf8").trimEnd().split("\n");
  expect(trace.map((line) => (JSON.parse(line) as { epoch: number }).epoch)).toEqual([...Array(11).keys()]);
  for (const file of ["model.safetensors", "model.onnx", "report.html", "checkpoint/last.safetensors"])
    expect(existsSync(join(folder, "run", file))).toBe(true);
  expect(existsSync(join(folder, "run/lock"))).toBe(false);
});
