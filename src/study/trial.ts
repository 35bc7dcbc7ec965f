import type { TracePoint } from "../api/trace.ts";
import type { Engine } from "../engine/engine.ts";
import type { Task } from "../problem/problem.ts";
import { createSpace, type Hyper, type HyperValues } from "../space/space.ts";
import { createRun, type Environment, type RunOptions, type Snapshot } from "../tuners/run.ts";
import type { PreparedTuner, Tuner } from "../tuners/tuner.ts";
import { sessionPool } from "./session-pool.ts";

/** A training run at some hyperparameters that stands still, in memory: it can be gone on with, or copied. */
export interface Checkpoint {
  readonly values: HyperValues;
  /** Where it stands; nothing before its first epoch. */
  readonly snapshot?: Snapshot;
}

/** Trains the trials of a study. */
export interface TrialRunner {
  /**
   * Trains from a checkpoint to a number of epochs in all, and tells of every evaluation on the way; the last value is the new
   * checkpoint.
   *
   * @throws {HypertrainError} where a loss is not finite.
   */
  train(from: Checkpoint, epochs: number): AsyncGenerator<TracePoint, Checkpoint>;
  dispose(): void;
}

/** How trials are trained. */
export interface TrialOptions {
  readonly task: Task;
  /** Trains with the hyperparameters held at their start: `fixed()`. */
  readonly tuner: Tuner;
  readonly engine: Engine;
  readonly run: Omit<RunOptions, "epochs" | "timeLimit" | "patience">;
  readonly environment: Environment;
}

/** A runner of trials, which differ in nothing but where their hyperparameters start. */
export function trialRunner({ task, tuner, engine, run: options, environment }: TrialOptions): TrialRunner {
  const pool = sessionPool(engine);
  const shared = compiledOnce(tuner);
  return {
    async *train(from, epochs) {
      const settings = { ...options, epochs };
      const run = createRun(
        startingAt(task, from.values),
        shared,
        pool.engine,
        settings,
        environment,
        from.snapshot,
      );
      try {
        for await (const event of run.events()) if (event.kind === "epoch") yield event.trace;
        return { values: from.values, snapshot: await run.snapshot() };
      } finally {
        run.dispose();
      }
    },
    dispose: () => pool.dispose(),
  };
}

/** The task with its hyperparameters starting at these values; those that the values lack stay. */
export function startingAt({ problem, data }: Task, values: Readonly<HyperValues>): Task {
  const hypers = Object.entries(problem.space.hypers).map(([name, hyper]) => [
    name,
    name in values ? ({ ...hyper, start: values[name] } as Hyper) : hyper,
  ]);
  const space = createSpace(Object.fromEntries(hypers) as Record<string, Hyper>);
  return { problem: { ...problem, space }, data };
}

/** The same tuner with the programs of its first preparation, which do not depend on where hyperparameters start. */
function compiledOnce(tuner: Tuner): Tuner {
  let programs: PreparedTuner["programs"] | undefined;
  return {
    name: tuner.name,
    prepare(task, seed) {
      const prepared = tuner.prepare(task, seed);
      programs ??= prepared.programs;
      return { ...prepared, programs };
    },
  };
}
