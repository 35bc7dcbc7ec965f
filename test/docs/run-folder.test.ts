import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { call } from "../cli/command.ts";
import { runExample } from "./example.ts";

test("examples/run-folder.ts records a run, goes on with it, and leaves model and report", async () => {
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
  const told = async (...argv: string[]) => {
    const { stdout, stderr } = await call(...argv);
    return stdout + stderr;
  };
  const [run, rows] = [join(folder, "run"), join(folder, "new.csv")];
  writeFileSync(rows, "length,width\n1,0.5\n");
  expect(await told("show", run)).toContain("finished");
  expect(await told("predict", run, rows)).toContain("prediction");

  rmSync(join(run, "hyperparameters.json"));
  rmSync(join(run, "model.json"));
  const stopped = await told("show", run);
  expect(stopped).toContain("stopped");
  expect(stopped).not.toContain("hypertrain resume"); // which could not go on with a program's own run
  expect(await told("predict", run, rows)).toContain(
    "must hold a trained model, but the program that made it wrote no model.json; let it give writeTrainedModel the data",
  );
});
