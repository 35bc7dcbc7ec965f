import { expect, test } from "vitest";

import { call, start, useFolder } from "./command.ts";

useFolder();

const store = ["--store", "study.db"];
const tune = (study: string, ...flags: readonly string[]) =>
  start(
    ...["tune", "--data", "wine", "--hidden", "16", "--hyper", "width.fc1=8:2..16", "--trial-epochs", "2"],
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
  const { best } = JSON.parse(tuned.stdout) as { best: { valid: { loss: number } } };
  expect(best.valid.loss).toBe(Math.min(...kept.map(({ measures }) => measures["loss"] as number)));
  const { stdout } = await call("study", "pareto", "s", ...store);
  expect(stdout).toMatch(/trials with a loss are on the front\n\n {2}trial +loss +parameters /);
});

test("bounds that no trial keeps end in a sentence", async () => {
  const { code, stderr } = await tune("t", "--method", "random", "--where", "parameters<=1", "--trials", "2");
  expect(stderr).toMatch(
    /^error: a search within bounds must find a training that keeps them, but none of 2 kept "parameters<=1"/m,
  );
  expect(code).toBe(1);
});
