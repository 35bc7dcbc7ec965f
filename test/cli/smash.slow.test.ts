import { readFileSync } from "node:fs";

import * as ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { loadTask } from "../../src/cli/registry/tasks.ts";
import { openConfiguredRun } from "../../src/cli/run/run-config.ts";
import { decodeTensors } from "../../src/util/safetensors.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { leavesOf, type HostArray } from "../../src/util/host-array.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const small = ["--data", "wine", "--model", "mlp", "--hidden", "8,8", "--batch-size", "20", "--lr", "0.1"];
const open = [
  ...["--hyper", "width.*=6:2..12", "--hyper", "activation.*=relu|tanh|gelu", "--hyper", "skip.*=false|true"],
  ...["--hyper", "dropout.input=0.1"],
];

test("smash chooses an architecture, trains it, and leaves it alone in the model", async () => {
  const { code, stdout, stderr } = await call(
    ...[
      "tune",
      "--method",
      "smash",
      ...small,
      ...open,
      "--epochs",
      "40",
      "--out",
      "run",
      "--json",
      "--quiet",
    ],
  );
  expect([code, stderr]).toEqual([0, ""]);
  const { best, final, baseline } = JSON.parse(stdout) as TuneResult;
  const chosen = Object.fromEntries(
    Object.entries(best.hyperparameters).map(([name, { value }]) => [name, value]),
  );
  expect(chosen).toEqual({
    "width.fc1": expect.toSatisfy((n: number) => Number.isInteger(n) && n >= 2 && n <= 12),
    "width.fc2": expect.toSatisfy((n: number) => Number.isInteger(n) && n >= 2 && n <= 12),
    "activation.fc1": expect.toBeOneOf(["relu", "tanh", "gelu"]),
    "activation.fc2": expect.toBeOneOf(["relu", "tanh", "gelu"]),
    "skip.fc2": expect.any(Boolean),
    "dropout.input": expect.closeTo(0.1),
  });
  expect(final.hyperparameters).toEqual(best.hyperparameters); // the best point is one of the last phase
  expect(best.epoch).toBeGreaterThan(20); // two fifths and a tenth of the run
  expect(baseline?.hyperparameters["width.fc1"]?.value).toBe(6);
  const recorded = JSON.parse(readFileSync("run/hyperparameters.json", "utf8")) as typeof JSON & {
    best: { hyperparameters: unknown };
  };
  expect(recorded.best.hyperparameters).toEqual(
    Object.fromEntries(Object.entries(chosen).map(([name, value]) => [name, { value }])),
  );
  expect(readFileSync("run/report.html", "utf8")).toContain("activation.fc1");

  const { tensors, notes } = decodeTensors(readFileSync("run/model.safetensors"), "model");
  const { "width.fc1": first, "width.fc2": second } = chosen as Record<string, number>;
  const shapes = leavesOf(tensors).map(([path, { shape }]) => [path, shape]);
  expect(Object.fromEntries(shapes)).toEqual({
    ...{ "fc1.weight": [13, first], "fc1.bias": [first] },
    ...{ "fc2.weight": [first, second], "fc2.bias": [second] },
    ...{ "fc3.weight": [second, 3], "fc3.bias": [3] },
  });
  expect(JSON.parse(notes.architecture as string)).toMatchObject({
    "activation.fc1": chosen["activation.fc1"],
  });
  expect(await testAccuracy()).toBeCloseTo(best.test?.metric?.value as number, 6);
});

/** The accuracy of model.onnx on the test rows of its run. */
async function testAccuracy(): Promise<number> {
  const { config } = await openConfiguredRun("run");
  const { fields } = (await loadTask(config)).task.data.test as Dataset;
  const { data, shape } = fields.x as HostArray;
  const session = await ort.InferenceSession.create("run/model-core.onnx", { logSeverityLevel: 3 });
  const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.from(data), shape) });
  const logits = y?.data as Float32Array;
  const labels = (fields.y as HostArray).data;
  const right = Array.from(labels).filter((label, i) => {
    const row = Array.from(logits.subarray(3 * i, 3 * i + 3));
    return row.indexOf(Math.max(...row)) === label;
  });
  return right.length / labels.length;
}

test("fixed training and every search take the same space", async () => {
  const plain = await call(
    "tune",
    "--method",
    "fixed",
    ...small,
    ...open,
    "--epochs",
    "2",
    "--out",
    "plain",
    "--json",
    "--quiet",
  );
  expect([plain.code, plain.stderr]).toEqual([0, ""]);
  const compared = await call(
    ...["compare", "--methods", "random,tpe,gp,hyperband,smash", "--seeds", "1", "--budget-steps", "700"],
    ...[...small, ...open, "--warmup-epochs", "10", "--candidates", "20", "--trial-epochs", "4"],
    ...["--out", "all", "--json", "--quiet"],
  );
  expect([compared.code, compared.stderr]).toEqual([0, ""]);
  const { curves } = JSON.parse(compared.stdout) as {
    curves: { method: string; points: unknown[]; failed?: string }[];
  };
  expect(curves.map(({ method, failed }) => [method, failed])).toEqual(
    ["random", "tpe", "gp", "hyperband", "smash"].map((method) => [method, undefined]),
  );
  for (const { points } of curves) expect(points.length).toBeGreaterThan(0);
});

describe("one sentence says why not", () => {
  test.each<[string, readonly string[], RegExp]>([
    [
      "smash without an architecture",
      ["--method", "smash"],
      /^error: smash must have an architecture to choose, .*; add for example --hyper 'width\.\*=64:8\.\.128' [^\n]*\n$/,
    ],
    [
      "smash in too few steps",
      ["--method", "smash", ...open, "--epochs", "3", "--warmup-epochs", "2", "--candidates", "50"],
      /^error: a run of smash must have at least 63 steps for all that it does, but has 18; [^\n]*\n$/,
    ],
    [
      "patience",
      ["--method", "smash", ...open, "--patience", "3"],
      /^error: --patience must be left out for smash, [^\n]*\n$/,
    ],
    [
      "Delta-STN on an architecture",
      open,
      /^error: delta-stn must be able to differentiate [^\n]* are its architecture; hold it fixed, or take a method that chooses it: smash or a search\n$/,
    ],
    [
      "an unknown activation",
      ["--method", "fixed", "--hyper", "activation.*=relu|tan"],
      /^error: "activation\.fc1" must be a choice among relu, tanh, [^\n]*\n$/,
    ],
    [
      "a width without a range",
      ["--method", "fixed", "--hyper", "width.fc1=4"],
      /^error: a discrete hyperparameter must have a range, [^\n]*\n$/,
    ],
    [
      "a residual connection around nothing",
      ["--method", "fixed", "--hidden", "4", "--hyper", "skip.*=true|false"],
      /^error: "skip\.\*" must stand for a hidden layer behind the first, [^\n]*\n$/,
    ],
    [
      "one penalty for each weight",
      ["--method", "fixed", ...open, "--hyper", "l2.each=1e-4"],
      /^error: "l2\.each" must come with an architecture that stands still, [^\n]*\n$/,
    ],
  ])("%s", async (_, argv, sentence) => {
    const { code, stderr } = await call("tune", ...small, ...argv);
    expect(stderr).toMatch(sentence);
    expect(code).toBe(2);
  });
});
