import { anEngine, type Engine } from "../engine/engine.ts";
import { aTask, type Problem, type Task } from "../problem/problem.ts";
import { startValues, toUnconstrained, type HyperValues } from "../space/space.ts";
import { createRun, type Environment, type Run, type RunOptions } from "../tuners/run.ts";
import type { Snapshot } from "../tuners/snapshot.ts";
import { anEnvironment, trialRunRules } from "../tuners/run-options.ts";
import { aTuner, type PreparedTuner, type Tuner } from "../tuners/tuner.ts";
import { hostVector } from "../util/host-array.ts";
import { sessionPool } from "./session-pool.ts";
import { ownOptions } from "../util/given.ts";
import { needed, optionsOf, type Rules } from "../util/rule.ts";

/** A training run at some hyperparameters that stands still, in memory: it can be gone on with, there or at other values. */
export interface Checkpoint {
  /** What it goes on with, whatever it was trained with before: weights, optimizer and progress stay. */
  readonly values: Readonly<HyperValues>;
  /** Where it stands; nothing before its first epoch. */
  readonly snapshot?: Snapshot;
}

/** Trains the trials of a study. */
export interface TrialRunner {
  /** The run from a checkpoint to a number of epochs in all. @param keepBelow as in {@link RunOptions} */
  open(from: Checkpoint, epochs: number, keepBelow?: number): Run;
  dispose(): void;
}

/** How trials are trained. */
export interface TrialOptions {
  readonly task: Task;
  /** Trains with the hyperparameters held at their start: `fixed()`. */
  readonly tuner: Tuner;
  readonly engine: Engine;
  readonly run: Omit<RunOptions, "epochs" | "timeLimit" | "patience" | "keepBelow">;
  readonly environment: Environment;
}

const trialRules: Rules<TrialOptions> = {
  ...{ task: needed(aTask), tuner: needed(aTuner), engine: needed(anEngine) },
  ...{ run: needed(optionsOf(trialRunRules)), environment: needed(anEnvironment) },
};

/** A runner of trials, which differ in nothing but where their hyperparameters start. @throws {HypertrainError} for parts that are none. */
export function trialRunner(options: TrialOptions): TrialRunner {
  const { task, tuner, engine, run, environment } = ownOptions("trialRunner", options, trialRules);
  const pool = sessionPool(engine);
  const shared = compiledOnce(tuner);
  return {
    open({ values, snapshot }, epochs, keepBelow = Infinity) {
      const settings = { ...run, epochs, keepBelow };
      const hypers = hypersAt(values, task);
      const from = snapshot && { ...snapshot, state: { ...snapshot.state, hypers } };
      return createRun(task, beginningAt(values, shared), pool.engine, settings, environment, from);
    },
    dispose: () => pool.dispose(),
  };
}

const startedAt = (values: Readonly<HyperValues>, { problem }: Task): HyperValues => ({
  ...startValues(problem.space),
  ...values,
});

/** The state's part `hypers` at these values, element by element; those that the values lack are at their start. */
const hypersAt = (values: Readonly<HyperValues>, task: Task) =>
  hostVector(toUnconstrained(task.problem.space, startedAt(values, task)));

/** The same tuner with its hyperparameters at these values. */
const beginningAt = (values: Readonly<HyperValues>, tuner: Tuner): Tuner => ({
  name: tuner.name,
  prepare(task, seed, length) {
    const start = startedAt(values, task);
    const init: Problem["init"] = (key) => task.problem.init(key, start); // which an architecture has a say in
    const prepared = tuner.prepare({ ...task, problem: { ...task.problem, init } }, seed, length);
    return { ...prepared, state: { ...prepared.state, hypers: hypersAt(values, task) } };
  },
});

/** The same tuner with the programs of its first preparation, which do not depend on where hyperparameters start. */
function compiledOnce(tuner: Tuner): Tuner {
  let programs: PreparedTuner["programs"] | undefined;
  return {
    name: tuner.name,
    prepare(task, seed, length) {
      const prepared = tuner.prepare(task, seed, length);
      programs ??= prepared.programs;
      return { ...prepared, programs };
    },
  };
}
