import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { TracePoint } from "../../src/api/trace.ts";
import { fakeMlflow } from "../tracking/fake-mlflow.ts";
import { readTraining } from "../tracking/read-events.ts";
import { call, useFolder } from "./command.ts";

const folder = useFolder();
const wine = ["--data", "wine", "--hidden", "4", "--engine", "onnx", "--threads", "1", "--batch-size", "40"];

const traceOf = (run: string): readonly TracePoint[] =>
  readFileSync(join(folder.path, run, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as TracePoint);

test("TensorBoard and MLflow are told what the run folder holds, of the baseline too", async () => {
  using server = await fakeMlflow();
  const flags = [
    "--method",
    "stn",
    "--epochs",
    "4",
    "--out",
    "run",
    "--tensorboard",
    "events",
    "--mlflow",
    server.url,
  ];
  const { code, stderr } = await call("tune", ...wine, ...flags);
  expect(code, stderr).toBe(0);
  const trace = traceOf("run");
  const { scalars, params, status } = readTraining("events/run");
  expect(scalars["valid/loss"]).toEqual(trace.map(({ step, valid }) => [step, Math.fround(valid.loss)]));
  const penalty = trace.at(-1)?.hyperparameters["l2.fc1"]?.value as number;
  expect(scalars["hyper/l2.fc1"]?.at(-1)?.[1]).toBe(Math.fround(penalty));
  expect(params).toMatchObject({ method: "stn", data: "wine", seed: 0 });
  expect(status).toBe(1);
  const baseline = traceOf("run/baseline");
  expect(readTraining("events/run/baseline").scalars["valid/loss"]).toHaveLength(baseline.length);
  const runs = Object.values(server.runs);
  expect(runs.map(({ name, status: ended }) => [name, ended])).toEqual([
    ["run", "FINISHED"],
    ["run/baseline", "FINISHED"],
  ]);
  const losses = runs[0]?.metrics.filter(({ key }) => key === "valid/loss").map(({ value }) => value);
  expect(losses).toEqual(trace.map(({ valid }) => valid.loss));
});

test.each([
  ["a search", ["--epochs", "12"]],
  ["a study", ["--store", "study.db", "--trials", "3", "--study", "run"]],
])("each trial of %s is a training of its own, with its hyperparameters", async (_, flags) => {
  const search = ["--method", "random", "--trial-epochs", "4", "--no-baseline", "--out", "run"];
  const { code, stderr } = await call("tune", ...wine, ...search, ...flags, "--tensorboard", "events");
  expect(code, stderr).toBe(0);
  const trace = traceOf("run");
  const trials = readdirSync("events/run").filter((name) => name.startsWith("trial-"));
  expect(trials.sort()).toEqual(["trial-0", "trial-1", "trial-2"]);
  for (const [number, name] of trials.entries()) {
    const own = trace.filter(({ trial, step }) => trial?.number === number && step > 0);
    const { scalars, params, status } = readTraining(join("events/run", name));
    const losses = scalars["valid/loss"]?.filter(([step]) => step > 0).map(([, loss]) => loss);
    expect(losses).toEqual(own.map(({ valid }) => Math.fround(valid.loss)));
    expect(params["l2.fc1"]).toBe(own[0]?.hyperparameters["l2.fc1"]?.value as number);
    expect(params["l2.fc1"]).toBeGreaterThan(0);
    expect(status).toBe(1);
  }
  expect(readTraining("events/run").scalars["best/valid/loss"]?.at(-1)?.[1]).toBe(
    Math.fround(Math.min(...trace.map(({ valid }) => valid.loss))),
  );
});

test("trackers say what losses are in, where that is not plain", async () => {
  using server = await fakeMlflow();
  const short = ["--engine", "onnx", "--threads", "1", "--epochs", "1", "--no-baseline"];
  const trackers = ["--tensorboard", "events", "--mlflow", server.url];
  const tracked = async (data: string, ...more: string[]) => {
    const { code, stderr } = await call(
      "tune",
      "--data",
      data,
      "--out",
      data,
      ...short,
      ...trackers,
      ...more,
    );
    expect(code, stderr).toBe(0);
    const runs = Object.values(server.runs).filter(({ name }) => name === data);
    return [readTraining(`events/${data}`).params, ...runs.map(({ params }) => params)].map(
      (params) => params["lossUnit"],
    );
  };
  const target = /^Losses are mean squared errors of the standardised target, of which 1 is an RMSE of /;
  expect(await tracked("diabetes")).toEqual(Array(2).fill(expect.stringMatching(target)));
  expect(await tracked("wine", "--loss", "squared-error")).toEqual(
    Array(2).fill("Losses are mean squared errors of one-hot classes."),
  );
  expect(await tracked("digits")).toEqual([undefined, undefined]);
});

test("a comparison tells each method from each seed", async () => {
  const compared = ["--methods", "random,stn", "--seeds", "1", "--budget-steps", "40", "--out", "compared"];
  const { code, stderr } = await call("compare", ...wine, ...compared, "--tensorboard", "events");
  expect(code, stderr).toBe(0);
  expect(readdirSync("events/compared").sort()).toEqual(["random-0", "stn-0"]);
  const { scalars, params } = readTraining("events/compared/stn-0");
  expect(params).toMatchObject({ method: "stn", seed: 0 });
  expect(scalars["best/valid/loss"]?.length).toBeGreaterThan(0);
});

test("a server that is away costs the run nothing but a sentence", async () => {
  const { code, stderr } = await call(
    "tune",
    ...wine,
    "--epochs",
    "2",
    "--no-baseline",
    "--mlflow",
    "http://127.0.0.1:9",
  );
  expect(code).toBe(0);
  expect(stderr).toMatch(/warning: MLflow at http:\/\/127.0.0.1:9 was not told all of this run/);
  const refused = await call("tune", ...wine, "--epochs", "2", "--mlflow", "nowhere");
  expect(refused.code).toBe(2);
});
