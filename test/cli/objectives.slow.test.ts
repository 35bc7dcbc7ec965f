import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";

import { call, start, useFolder } from "./command.ts";

useFolder();

const store = ["--store", "study.db"];
const search = [
  ...["tune", "--data", "wine", "--model", "mlp", "--hidden", "16"],
  ...["--hyper", "width.fc1=8:2..16", "--trial-epochs", "2"],
];
const tune = (study: string, ...flags: readonly string[]) =>
  start(
    ...search,
    ...["--trials", "5", "--no-baseline", "--threads", "1", "--quiet", ...store, "--study", study, ...flags],
  ).finished;

interface Shown {
  readonly trials: readonly {
    readonly values: Record<string, number>;
    readonly measures: Record<string, number>;
  }[];
}

test("a study by loss and size counts the weights of each trial's network, and keeps one within its bounds", async () => {
  const tuned = await tune(
    "s",
    "--method",
    "nsga-2",
    "--objectives",
    "loss,parameters",
    "--where",
    "parameters<=200",
    "--json",
  );
  expect(tuned.stderr).toBe("");
  const { trials } = JSON.parse((await call("study", "show", "s", "--json", ...store)).stdout) as Shown;
  expect(trials).toHaveLength(5);
  // 13 columns and a bias to each unit, and each unit and a bias to 3 classes.
  for (const { values, measures } of trials) {
    const width = values["width.fc1"] as number;
    expect(measures["parameters"]).toBe(14 * width + 3 * (width + 1));
    expect(measures["epochs"]).toBe(2);
  }
  const kept = trials.filter(({ measures }) => (measures["parameters"] as number) <= 200);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThan(5);
  const { best, front = [], remarks } = JSON.parse(tuned.stdout) as TuneResult;
  const shown = JSON.parse((await call("study", "show", "s", "--json", ...store)).stdout) as {
    front: number[];
  };
  expect(front.map(({ trial }) => trial)).toEqual(shown.front);
  expect(remarks.join(" ")).toContain("The network that is kept has the lowest loss within the bounds.");
  expect(best.valid.loss).toBe(Math.min(...kept.map(({ measures }) => measures["loss"] as number)));
  const { stdout } = await call("study", "pareto", "s", ...store);
  expect(stdout).toMatch(/trials with a loss are on the front\n\n {2}trial +loss +parameters /);
});

test("a search whose start is beyond its bounds says so, and names the network that it keeps", async () => {
  const flags = ["--method", "nsga-2", "--objectives", "loss,parameters", "--trial-epochs", "2"];
  const own = ["tune", "--data", "wine", "--model", "mlp", "--hyper", "width.fc1=32:4..128", ...flags];
  const found = async (...where: readonly string[]) =>
    JSON.parse(
      (await call(...own, "--epochs", "30", "--threads", "1", "--quiet", "--json", ...where)).stdout,
    ) as TuneResult;
  const { best, network, remarks } = await found("--where", "parameters<=2000"); // 32 units have 5059
  const width = best.hyperparameters["width.fc1"]?.value as number;
  expect(width).toBeLessThan(11);
  expect(network).toBe(`mlp, ${width}-128`);
  expect(remarks.join(" ")).toMatch(/ with the start held fixed, which breaks the bounds/);
  expect(remarks.join(" ")).not.toMatch(/ended before it trained what it chose/);
  expect((await found("--where", "parameters<=5059")).remarks.join(" ")).not.toMatch(/breaks the bounds/);
});

test("without a store the same trials are made, the front is told, and a stopped search goes on with it", async () => {
  const flags = ["--method", "nsga-2", "--objectives", "loss,parameters"];
  await tune("s", ...flags);
  const { trials, front } = JSON.parse(
    (await call("study", "show", "s", "--json", ...store)).stdout,
  ) as Shown & {
    readonly front: readonly number[];
  };
  const own = [...search, ...["--no-baseline", "--threads", "1", ...flags]];
  const whole = await call(...own, "--epochs", "10", "--out", "whole", "--json", "--quiet");
  expect(whole.stderr).toBe("");
  const result = JSON.parse(whole.stdout) as TuneResult;
  expect(result.trainings).toBe(5);
  const told = result.front?.map(({ trial, objectives, hyperparameters }) => [
    trial,
    objectives,
    hyperparameters["width.fc1"],
  ]);
  expect(told).toEqual(
    front.map((number) => {
      const { values, measures } = trials[number] as Shown["trials"][number];
      return [number, { loss: measures["loss"], parameters: measures["parameters"] }, values["width.fc1"]];
    }),
  );
  expect(result.remarks.join(" ")).toMatch(
    new RegExp(
      `The front of loss, parameters has ${front.length} of 5 trainings: training ${front[0]} \\(loss `,
    ),
  );
  expect(readFileSync("whole/report.html", "utf8")).toContain("The front of loss, parameters has");

  await call(...own, "--epochs", "5", "--out", "half", "--quiet");
  const resumed = await call("resume", "half", "--epochs", "10", "--json", "--quiet");
  expect((JSON.parse(resumed.stdout) as TuneResult).front).toEqual(result.front);
});

test("with and without a store the best keeps the bounds wherever it is shown, and a search without such a training says so", async () => {
  const flags = ["--method", "random", "--where", "parameters>=200"];
  const stored = await tune("s", ...flags, "--out", "stored", "--json");
  const own = [...search, ...["--no-baseline", "--threads", "1", "--quiet"]];
  const whole = await call(...own, ...flags, "--epochs", "10", "--out", "whole", "--json");
  expect([stored.stderr, whole.stderr]).toEqual(["", ""]);
  const { trials } = JSON.parse((await call("study", "show", "s", "--json", ...store)).stdout) as Shown;
  const losses = trials.map(({ measures }) => measures["loss"] as number);
  const kept = losses.filter((_, i) => (trials[i]?.measures["parameters"] as number) >= 200);
  const least = Math.min(...kept);
  expect(Math.min(...losses)).toBeLessThan(least); // of a network that is too small
  const listed = JSON.parse((await call("list", ".", "--json")).stdout) as { run: string; valid: object }[];
  expect(listed.map(({ run }) => run).sort()).toEqual(["stored", "whole"]);
  for (const { valid } of listed) expect(valid).toMatchObject({ loss: least });
  for (const { stdout } of [stored, whole]) {
    const { best } = JSON.parse(stdout) as TuneResult;
    expect(best.valid.loss).toBe(least);
  }
  const shown = JSON.parse((await call("show", "whole", "--json")).stdout) as { best: { valid: object } };
  expect(shown.best.valid).toMatchObject({ loss: least });

  const none = ["--method", "random", "--where", "parameters<=1", "--epochs", "4", "--out", "none"];
  const { code, stdout, stderr } = await call(...own, ...none, "--json");
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(
      /^error: a search within bounds must find a training that keeps them, but none did; widen the bounds, or .*; model and report in none are of the best epoch, 2 of training 1$/m,
    ),
  ]);
  const result = JSON.parse(stdout) as TuneResult;
  expect(result.ended).toBe("unfit");
  expect(readFileSync("none/report.html", "utf8")).toContain('"ended":"unfit"');
});

test("latency is measured of every trial's network, in a store and without one", async () => {
  const flags = ["--method", "random", "--objectives", "loss,latency"];
  await tune("s", ...flags);
  const { trials } = JSON.parse((await call("study", "show", "s", "--json", ...store)).stdout) as Shown;
  for (const { measures } of trials) expect(measures["latency"]).toBeGreaterThan(0);
  const { stdout } = await call("study", "pareto", "s", ...store);
  expect(stdout).toMatch(/\n {2}trial +loss +latency /);
  const own = [
    "--data",
    "wine",
    "--model",
    "mlp",
    "--hidden",
    "16",
    "--hyper",
    "width.fc1=8:2..16",
    "--trial-epochs",
    "2",
  ];
  const told = await call(
    "tune",
    ...own,
    "--epochs",
    "4",
    "--no-baseline",
    "--threads",
    "1",
    ...flags,
    "--json",
    "--quiet",
  );
  const { front = [] } = JSON.parse(told.stdout) as TuneResult;
  expect(front.length).toBeGreaterThan(0);
  for (const { objectives } of front) expect(objectives["latency"]).toBeGreaterThan(0);
});

test("bounds that no trial keeps end in a sentence", async () => {
  const { code, stderr } = await tune("t", "--method", "random", "--where", "parameters<=1", "--trials", "2");
  expect(stderr).toMatch(
    /^error: a search within bounds must find a training that keeps them, but none of 2 kept "parameters<=1"/m,
  );
  expect(code).toBe(1);
});
