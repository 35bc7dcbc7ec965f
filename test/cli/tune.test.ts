import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import type { ComparisonDocument } from "../../src/api/comparison.ts";
import type { TuneResult } from "../../src/api/result.ts";
import type { Score, TracePoint } from "../../src/api/trace.ts";
import { decodeTensors } from "../../src/util/safetensors.ts";
import { leavesOf } from "../../src/util/host-array.ts";
import { call, traceOf, useFolder, withoutClock } from "./command.ts";

useFolder();

const tiny = [
  "--data",
  "wine",
  "--hidden",
  "4",
  "--epochs",
  "2",
  "--warmup-epochs",
  "0",
  "--batch-size",
  "20",
  ...["--model", "mlp"],
];
const withoutWarmup = tiny.filter((_, i) => i !== 6 && i !== 7);
const quiet = ["--quiet", "--json"];
const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}.ts`, import.meta.url));

async function tuned(...argv: readonly string[]): Promise<TuneResult> {
  const { code, stdout, stderr } = await call("tune", ...argv, ...quiet);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as TuneResult;
}

test("the loss gaussian learns at the default rate of sgd", async () => {
  const quick = ["--hidden", "8", "--epochs", "10", "--no-baseline", "--engine", "jax", "--json", "--quiet"];
  const { code, stdout } = await call("tune", "--data", "diabetes", "--loss", "gaussian", ...quick);
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as TuneResult).best.valid.metric?.value).toBeGreaterThan(0.2); // R2
});

test("--json prints one document with everything in it", async () => {
  const number = expect.any(Number);
  const score = {
    loss: number,
    metric: { name: "accuracy", value: number },
    measures: { "balanced accuracy": number, F1: number },
    confusion: Array.from({ length: 3 }, () => [number, number, number]),
  };
  const hyper = { value: number, scale: number };
  const names = ["dropout.input", "dropout.fc1", "l2.fc1", "l2.fc2"];
  const all = <T>(value: T) => Object.fromEntries(names.map((name) => [name, value]));
  const point = {
    epoch: number,
    train: { loss: number, penalty: number },
    valid: score,
    test: score,
    hyperparameters: all(hyper),
  };
  expect(await tuned(...tiny, "--out", "run")).toEqual({
    run: "run",
    method: "delta-stn",
    network: "mlp, 4",
    engine: "onnx",
    seed: 0,
    steps: 12,
    seconds: number,
    stepsPerSecond: number,
    ended: "epochs",
    start: {
      hyperparameters: {
        ...all(expect.closeTo(1e-4)),
        "dropout.input": expect.closeTo(0.05),
        "dropout.fc1": expect.closeTo(0.05),
      },
    },
    best: point,
    final: point,
    baseline: { ...point, run: "run/baseline", hyperparameters: all({ value: number, scale: null }) },
    linear: {
      ...point,
      hyperparameters: { "l2.fc1": { value: expect.closeTo((0.2 * (2 / 9) * 13) / 106, 6), scale: null } },
    }, // 13 columns, 106 rows, 3 classes
    report: "run/report.html",
    data: expect.objectContaining({ rows: 178, task: "classification" }) as object,
    trust: {
      ...{ verdict: "unchecked", checks: 0, predicted: null, seen: null, error: null, cosine: null },
      sentence: expect.stringMatching(/^The response was not checked: /) as string,
    },
    remarks: [
      expect.stringMatching(/^A linear model .* The network was still learning/),
      expect.stringMatching(
        /^Tuning gained next to nothing: .* The hyperparameters had hardly moved by the end, /,
      ),
    ],
    warnings: [],
  });
});

test("the run folder holds what the design promises", async () => {
  const result = await tuned(...tiny, "--out", "run");
  expect(readdirSync("run").toSorted()).toEqual([
    "baseline",
    "checkpoint",
    "config.json",
    "hyperparameters.json",
    "metrics.jsonl",
    "model-core.onnx",
    "model.json",
    "model.onnx",
    "model.safetensors",
    "origin.json",
    "report.html",
    "result.json",
  ]);
  const trace = traceOf("run") as { epoch: number; step: number }[];
  expect(trace.map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
  const schedule = JSON.parse(readFileSync("run/hyperparameters.json", "utf8")) as {
    best: { epoch: number };
    schedule: { epoch: number; hyperparameters: Record<string, { value: number; band: number[] }> }[];
  };
  expect(schedule.best.epoch).toBe(result.best.epoch);
  expect(schedule.schedule.map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
  expect(schedule.schedule[2]?.hyperparameters["dropout.input"]?.value).toBe(
    result.final.hyperparameters["dropout.input"]?.value,
  );
  const { tensors } = decodeTensors(readFileSync("run/model.safetensors"), "model");
  expect(leavesOf(tensors).map(([name, { shape }]) => [name, shape])).toEqual([
    ["fc1.weight", [13, 4]],
    ["fc1.bias", [4]],
    ["fc2.weight", [4, 3]],
    ["fc2.bias", [3]],
  ]);
});

test("config.json is a configuration that repeats the run", async () => {
  const first = await tuned(...tiny, "--seed", "5", "--hyper", "l2=1e-3", "--lr", "0.05", "--out", "first");
  const second = await tuned("first/config.json", "--out", "second");
  expect(withoutClock(second)).toEqual(withoutClock(first));
  expect(traceOf("second")).toEqual(traceOf("first"));
});

test("a schedule of the learning rate is of each training of a search", async () => {
  const search = [
    "--data",
    "wine",
    "--hidden",
    "4",
    "--engine",
    "jax",
    "--method",
    "random",
    "--no-baseline",
  ];
  const flags = [...search, "--schedule", "cosine", "--trial-epochs", "4"];
  const lossesOf = async (epochs: string) => {
    await tuned(...flags, "--epochs", epochs, "--out", epochs);
    return (traceOf(epochs) as TracePoint[]).map(({ valid }) => valid.loss);
  };
  const alone = await lossesOf("4");
  expect((await lossesOf("8")).slice(0, alone.length)).toEqual(alone);
});

test("what a search is compared with trains as its longest training does: as long, by the same schedule", async () => {
  const flags = ["--data", "wine", "--hidden", "4", "--engine", "jax"];
  const cosine = ["--schedule", "cosine", "--epochs", "6"];
  await tuned(...flags, ...cosine, "--method", "random", "--trial-epochs", "4", "--out", "whole");
  await tuned(...flags, "--schedule", "cosine", "--epochs", "4", "--method", "fixed", "--out", "alone");
  expect(traceOf("whole/baseline")).toEqual(traceOf("alone"));
  const { linear } = await tuned(...flags, "--method", "random", "--epochs", "3", "--out", "cut");
  expect((traceOf("cut/baseline") as TracePoint[]).at(-1)?.epoch).toBe(3); // its one training was to have 334
  expect(linear?.epoch).toBeLessThanOrEqual(3);
});

test.each([
  ["a run folder", ["--epochs", "50"]],
  ["a store", ["--store", "study.db"]],
])("trainings of a search that fail behind its last loss are told in %s", async (_, where) => {
  const rates = ["--method", "grid", "--hyper", "lr=.01:1e-14..1e30,log", "--seed", "1"]; // the largest comes last
  const grid = ["tune", "--data", "wine", "--hidden", "4", ...rates, "--trial-epochs", "1", "--threads", "1"];
  const { stdout } = await call(...grid, ...where, "--no-baseline", "--json", "--quiet", "--out", "run");
  const { trainings, failed, remarks } = JSON.parse(stdout) as TuneResult;
  expect([trainings, failed]).toEqual([3, 1]);
  expect(remarks[0]).toBe(
    "1 of 3 trainings diverged (training 2), with lr of 4.642e+22 or more: narrow its range (--hyper).",
  );
  expect((traceOf("run") as TracePoint[]).at(-1)?.trial?.number).toBe(1);
  expect(readFileSync("run/report.html", "utf8")).toMatch(/loss; 1 of all 3 diverged\./);
});

test("runs without --out get a name, numbered when it is taken", async () => {
  const short = [...tiny, "--no-baseline", "--epochs", "1"];
  const runs = [await tuned(...short), await tuned(...short), await tuned(...short, "--seed", "1")];
  expect(runs.map(({ run }) => run)).toEqual([
    "runs/wine-delta-stn-0",
    "runs/wine-delta-stn-0-2",
    "runs/wine-delta-stn-1",
  ]);
});

test.each(["delta-stn", "centered-stn", "stn", "fixed"])(
  "--method %s runs, and fixed needs no baseline",
  async (method) => {
    const { baseline, best } = await tuned(
      ...(method === "fixed" ? withoutWarmup : tiny),
      "--method",
      method,
      "--out",
      "run",
    );
    expect(baseline === undefined).toBe(method === "fixed");
    expect(best.valid.loss).toBeGreaterThan(0);
  },
);

test.each([
  ["a regression", ["--data", "diabetes"]],
  ["a linear model", ["--model", "linear", "--hidden", ""]],
  ["adam in float64", ["--optimizer", "adam", "--precision", "float64"]],
  ["rmsprop, a cosine and clipping", ["--optimizer", "rmsprop", "--schedule", "cosine", "--clip-norm", "1"]],
  ["steps and a low-rank response", ["--schedule", "step", "--decay-epochs", "1", "--response", "low-rank"]],
  ["patience", ["--patience", "1"]],
  [
    "an L1 penalty and a weight decay for every weight",
    ["--hyper", "l1.fc1=1e-4", "--hyper", "l2.each=1e-4"],
  ],
])("%s", async (_, options) => {
  const { best } = await tuned(...tiny, "--no-baseline", ...options, "--out", "run");
  expect(Number.isFinite(best.valid.loss)).toBe(true);
});

test("default hyperparameters that are off, since others are named, are told before tune and compare begin", async () => {
  const flags = [
    "--data",
    "wine",
    "--model",
    "mlp",
    "--hidden",
    "4",
    "--hyper",
    "l2=1e-3",
    "--engine",
    "jax",
  ];
  const told = /--hyper names all that is tuned, and these of the default are off: dropout\.\*;/;
  const { stdout, stderr } = await call("tune", ...flags, "--epochs", "1", "--no-baseline", "--json");
  expect(stderr.split(told)).toHaveLength(2); // once
  const { warnings, report } = JSON.parse(stdout) as TuneResult;
  const ofOptions = { about: "options", sentence: expect.stringMatching(told) as string };
  expect(warnings).toEqual([ofOptions]);
  const underOptions = /<h2>About the options<\/h2>\s*<ul>\s*<li>--hyper names all that is tuned,/;
  expect(readFileSync(report, "utf8")).toMatch(underOptions);
  const budget = ["--methods", "fixed", "--seeds", "1", "--budget-steps", "2"];
  const compared = await call("compare", ...flags, ...budget, "--out", "o", "--json");
  expect(compared.stderr.split(told)).toHaveLength(2);
  expect((JSON.parse(compared.stdout) as ComparisonDocument).warnings).toEqual([ofOptions]);
  expect(readFileSync("o/report.html", "utf8")).toMatch(underOptions);
});

test("what the losses of a regression are in is told wherever they are read", async () => {
  const flags = ["--data", "diabetes", "--epochs", "1", "--hidden", "4", "--no-baseline", "--engine", "jax"];
  const { code, stdout } = await call("tune", ...flags, "--out", "runs/r");
  expect(code).toBe(0);
  const one = Number(
    /standardised target, of which 1 is an RMSE of ([\d.]+) in its own units\./.exec(stdout)?.[1],
  );
  const shown = await call("show", "runs/r", "--json");
  const { valid } = JSON.parse(shown.stdout) as { valid: Required<Score> };
  expect(one * Math.sqrt(valid.loss)).toBeCloseTo(valid.measures.RMSE as number, 0);
  expect(readFileSync("runs/r/report.html", "utf8")).toContain(`1 is an RMSE of ${one}`);
  for (const command of [["show", "runs/r"], ["list"]])
    expect((await call(...command)).stdout).toContain("losses are of the standardised target");
  const resumed = await call("resume", "runs/r", "--epochs", "2");
  expect(resumed.stderr).toContain(`1 is an RMSE of ${one} in its own units.`); // at its start
  const compared = [
    "compare",
    "--data",
    "diabetes",
    "--methods",
    "fixed",
    "--seeds",
    "1",
    "--budget-steps",
    "5",
  ];
  expect((await call(...compared, "--hidden", "4", "--quiet")).stdout).toContain(`1 is an RMSE of ${one}`);
});

test("a table of the user's own, named in a config file beside it", async () => {
  mkdirSync("job");
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${i % 7},${i % 2 ? "red" : "blue"},${(i % 7) * 2 + (i % 2)}`,
  );
  writeFileSync("job/table.csv", ["x,colour,y", ...rows].join("\n"));
  const config = {
    $schema: "x",
    data: "./table.csv",
    target: "y",
    task: "regression",
    splitBy: "tail",
    valid: 10,
    hidden: [4],
    epochs: 9,
  };
  writeFileSync("job/config.json", JSON.stringify(config));
  const { steps, best, warnings } = await tuned("job/config.json", "--epochs", "2", "--out", "run");
  expect([steps, warnings]).toEqual([2, []]);
  expect(best.valid.metric?.name).toBe("R2");
  expect(readFileSync("run/report.html", "utf8")).toContain("R²");
});

describe("a problem of the user's own", () => {
  test.each(["my-problem", "layers-problem", "cnn"])("examples/%s.ts is tuned", async (name) => {
    const {
      best,
      start: { hyperparameters },
    } = await tuned(example(name), "--epochs", "12", "--lr", "0.01", "--out", "run");
    expect(Object.keys(best.hyperparameters)).toEqual(Object.keys(hyperparameters));
    expect(best.valid.loss).toBeLessThan((traceOf("run")[0] as { valid: { loss: number } }).valid.loss);
  });

  test("--hyper moves a start and nothing else", async () => {
    const short = [example("my-problem"), "--epochs", "2", "--no-baseline"];
    const {
      start: { hyperparameters },
    } = await tuned(...short, "--hyper", "jitter=0.1", "--out", "run");
    expect(hyperparameters.jitter).toBeCloseTo(0.1);
    const refused = await call("tune", ...short, "--hyper", "jitter=0.1:0..0.2");
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/may only move the start of "jitter"/),
    ]);
    const unknown = await call("tune", ...short, "--hyper", "jiter=0.1");
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringMatching(/did you mean "jitter"/)]);
  });

  test("whose function throws is named with function, file and line, not called a bug of ours", async () => {
    const source = readFileSync(example("my-problem"), "utf8");
    writeFileSync(
      "broken.ts",
      source.replace(
        "const { hidden, offset, output } = layers",
        "throw new Error('oops'); const { hidden, offset, output } = layers",
      ),
    );
    const { code, stderr } = await call("tune", "broken.ts", "--epochs", "2", "--quiet");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^error: predict of the problem .* but threw: oops \(at .*broken\.ts:\d+\)\n$/),
    ]);
    expect(existsSync("runs/broken-delta-stn-0/report.html")).toBe(false);
  });
});

test.each([
  "unrolled",
  "forward-unrolled",
  "reversible",
  "drmad",
  "implicit-cg",
  "implicit-neumann",
  "t1-t2",
])("%s tunes within a run", async (method) => {
  const horizon = ["unrolled", "reversible", "drmad"].includes(method) ? ["--horizon", "2"] : [];
  const options = ["--method", method, ...horizon, "--warmup-epochs", "0", "--hyper-lr", "0.05"];
  const { start, final } = await tuned(...tiny, "--no-baseline", ...options, "--out", "run");
  const moved = Object.entries(final.hyperparameters).filter(
    ([name, { value }]) => value !== start.hyperparameters[name],
  );
  expect(moved.length).toBeGreaterThan(0);
});

test.each([
  ["reversible", ["--optimizer", "adam"], /--optimizer must be sgd for reversible/],
  ["unrolled", ["--clip-norm", "1"], /--clip-norm must be left out for unrolled/],
])("%s refuses what it cannot do", async (method, flags, sentence) => {
  const { code, stderr } = await call("tune", "--method", method, ...flags);
  expect([code, stderr]).toEqual([2, expect.stringMatching(sentence)]);
});
