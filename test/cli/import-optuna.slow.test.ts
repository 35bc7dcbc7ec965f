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
