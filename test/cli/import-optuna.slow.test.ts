import { spawnSync } from "node:child_process";

import { expect, test } from "vitest";

import type { StudySummary } from "../../src/cli/study/study-summary.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const store = ["--store", "study.db"];
const shownOf = async (study: string) =>
  JSON.parse((await call("study", "show", study, "--json", ...store)).stdout) as StudySummary;

const python = "/usr/bin/python3";
const hasOptuna = spawnSync(python, ["-c", "import optuna"]).status === 0;

test.skipIf(!hasOptuna)(
  "a study of Optuna's own is the same from its journal and from its database",
  async () => {
    const program = `
import json, optuna
from optuna.storages import JournalStorage, JournalFileStorage
optuna.logging.set_verbosity(optuna.logging.ERROR)
def objective(trial):
    x = trial.suggest_float("x", -5, 5)
    rate = trial.suggest_float("rate", 1e-4, 1, log=True)
    n = trial.suggest_int("n", 1, 9)
    kind = trial.suggest_categorical("kind", ["a", "b", 3])
    trial.report(3.0, 1)
    if trial.number == 3: raise optuna.TrialPruned()
    if trial.number == 4: raise ValueError("bad")
    if trial.number == 5: return float("nan")
    return (x - 1) ** 2 + n
for storage in [JournalStorage(JournalFileStorage("o.log")), "sqlite:///o.db"]:
    study = optuna.create_study(study_name="mine", storage=storage, sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(objective, n_trials=12, catch=(ValueError,))
print(json.dumps([[t.state.name, t.value, t.params] for t in study.trials]))`;
    const { stdout } = spawnSync(python, ["-W", "ignore", "-c", program], { encoding: "utf8" });
    const expected = (JSON.parse(stdout) as [string, number | null, object][]).map(
      ([state, value, values]) => ({
        ...{
          state: state === "FAIL" ? "failed" : state === "PRUNED" ? "paused" : "complete",
          best: value,
          values,
        },
      }),
    );
    for (const file of ["o.log", "o.db"]) {
      expect(await call("study", "import", file, "--as", file, ...store)).toMatchObject({ code: 0 });
      expect((await shownOf(file)).trials).toMatchObject(expected);
    }
    const shares = JSON.parse(
      (await call("study", "importances", "o.db", "--json", ...store)).stdout,
    ) as object;
    expect(shares).toMatchObject({ study: "o.db", importances: { x: expect.any(Number) as number } });
  },
);

test.skipIf(!hasOptuna)(
  "a study of Optuna with several objectives and a constraint keeps directions, values and bounds, here and on the way back",
  async () => {
    const begin = `
import json, sys, optuna
from optuna.storages import JournalStorage, JournalFileStorage
optuna.logging.set_verbosity(optuna.logging.ERROR)
def objective(trial):
    x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
    trial.set_user_attr("sum", x + y - 1.2)
    if trial.number == 4: raise ValueError("bad")
    return x, x * (1 - y), y
def sampler():
    return optuna.samplers.NSGAIISampler(seed=1, population_size=8, constraints_func=lambda trial: [trial.user_attrs["sum"]])
def told(study):
    return [[t.state.name, t.values, t.params, t.system_attrs.get("constraints")] for t in study.trials]`;
    const program = (body: string) => {
      const run = spawnSync(python, ["-W", "ignore", "-c", `${begin}\n${body}`], { encoding: "utf8" });
      if (run.status !== 0) throw new Error(run.stderr);
      return JSON.parse(run.stdout) as readonly Told[];
    };
    const made = program(`
directions = ["minimize", "maximize", "minimize"]
for storage in [JournalStorage(JournalFileStorage("o.log")), "sqlite:///o.db"]:
    study = optuna.create_study(study_name="mine", storage=storage, sampler=sampler(), directions=directions)
    study.optimize(objective, n_trials=30, catch=(ValueError,))
print(json.dumps(told(study)))`);
    const kept = made
      .map(([, values, , constraints], number) => ({ number, values, constraints }))
      .filter(({ values, constraints }) => values !== null && (constraints?.[0] ?? 1) <= 0);
    const costs = (one: (typeof kept)[number]) => {
      const [loss = 0, gain = 0, last = 0] = one.values ?? [];
      return [loss, -gain, last];
    };
    const beats = (a: readonly number[], b: readonly number[]) =>
      a.every((value, i) => value <= (b[i] as number)) && a.some((value, i) => value < (b[i] as number));
    const front = kept.filter((one) => !kept.some((other) => beats(costs(other), costs(one))));
    expect(front.length).toBeGreaterThan(2);
    expect(front.length).toBeLessThan(kept.length);
    for (const file of ["o.log", "o.db"]) {
      const { stderr } = await call("study", "import", file, "--as", file, "--trials", "32", ...store);
      expect(stderr).toContain("tell values_1, values_2, constraint_0 as measures beside the loss");
      const shown = await shownOf(file);
      for (const [number, [state, values, params, constraints]] of made.entries()) {
        const { measures, ...trial } = shown.trials[number] as StudySummary["trials"][number];
        const [loss, gain, last] = values ?? [];
        expect(trial).toMatchObject({ values: params, state: state === "FAIL" ? "failed" : "complete" });
        if (values === null) continue;
        expect(measures).toMatchObject({
          loss,
          values_1: gain,
          values_2: last,
          constraint_0: constraints?.[0],
        });
        expect(trial.beyond === true).toBe((constraints?.[0] ?? 1) > 0);
      }
      expect([...shown.front].sort((a, b) => a - b)).toEqual(front.map(({ number }) => number));
      const { stdout } = await call("study", "pareto", file, "--json", ...store);
      const { objectives } = JSON.parse(stdout) as { readonly objectives: unknown };
      expect(objectives).toEqual([
        { name: "loss", largest: false },
        { name: "values_1", largest: true },
        { name: "values_2", largest: false },
      ]);
    }
    await call("study", "export", "o.db", "--format", "optuna-journal", "--out", "back.log", ...store);
    const back = program(`
study = optuna.load_study(study_name="o.db", storage=JournalStorage(JournalFileStorage("back.log")), sampler=sampler())
assert [d.name for d in study.directions] == ["MINIMIZE", "MAXIMIZE", "MINIMIZE"], study.directions
before = told(study)
study.optimize(objective, n_trials=3)
assert len(study.trials) == len(before) + 3
print(json.dumps(before))`);
    expect(
      back.map(([state, values, params, constraints]) => [state, values, params, values && constraints]),
    ).toEqual(
      made.map(([state, values, params, constraints]) => [state, values, params, values && constraints]),
    );
  },
);

/** A trial of Optuna: state, values, parameters, constraints. */
type Told = readonly [
  state: string,
  values: readonly number[] | null,
  params: object,
  constraints: readonly number[] | null,
];
