import type { Score, TracePoint } from "../../api/trace.ts";
import { loadTask, openEngine, tunerOf } from "../registry.ts";
import type { Config } from "../config.ts";
import { stepsPerEpochOf } from "../job.ts";
import { searchStudy } from "../../study/search-study.ts";
import { trialRunner } from "../../study/trial.ts";
import { createRun } from "../../tuners/run.ts";
import { HypertrainError } from "../../util/error.ts";
import type { Contender } from "./contenders.ts";
import { searchable } from "./searchable.ts";

/** The best network of a method after some time. */
export interface CurvePoint {
  readonly seconds: number;
  /** Gradients of minibatches that were taken until then. */
  readonly gradientEvaluations: number;
  /** The lowest validation loss so far, and the test score of the same network. */
  readonly valid: Score;
  readonly test?: Score;
}

/** What one method reached from one seed. */
export interface Curve {
  readonly method: string;
  readonly seed: number;
  /** Where the best became better, and where it ended; empty if it failed before its first evaluation. */
  readonly points: readonly CurvePoint[];
  /** Why it ended before its time, if it did. */
  readonly failed?: string;
  /** Trainings that were begun. */
  readonly trials: number;
}

/** How long a method works, and on what. */
export interface CurveOptions {
  readonly config: Config;
  readonly seconds: number;
  /** Gradient evaluations that end it sooner; default none. */
  readonly budgetSteps?: number;
  /** Epochs of a trial of a search; default at least 10, and at least a thousand steps. */
  readonly trialEpochs?: number;
  readonly signal: AbortSignal;
  readonly clock: { now(): number };
  /** Sees the best so far after every evaluation. */
  watch(point: CurvePoint): void;
}

/**
 * Lets one method work for its time.
 *
 * @returns nothing if it was interrupted
 * @throws {HypertrainError} for a method that cannot do this problem.
 */
export async function curveOf(
  name: string,
  contender: Contender,
  options: CurveOptions,
): Promise<Curve | undefined> {
  const started = options.clock.now();
  const elapsed = () => (options.clock.now() - started) / 1000;
  const points: CurvePoint[] = [];
  let best: TracePoint | undefined;
  let trials = 1;
  let last: CurvePoint | undefined;
  const evaluations =
    contender.kind === "tuning" ? tuning(contender.method, options) : searching(contender, options);
  let failed: string | undefined;
  try {
    for await (const { trace, gradientEvaluations, trial } of evaluations) {
      if (options.signal.aborted) return undefined;
      const improved = best === undefined || trace.valid.loss < best.valid.loss;
      if (improved) best = trace;
      trials = Math.max(trials, trial + 1);
      const { valid, test } = best as TracePoint;
      last = { seconds: elapsed(), gradientEvaluations, valid, ...(test && { test }) };
      if (improved) points.push(last);
      options.watch(last);
      if (last.seconds >= options.seconds || gradientEvaluations >= (options.budgetSteps ?? Infinity)) break;
    }
  } catch (error) {
    if (!(error instanceof HypertrainError && error.code === "work")) throw error;
    failed = error.message;
  }
  if (options.signal.aborted) return undefined;
  if (last && points.at(-1) !== last) points.push(last);
  return { method: name, seed: options.config.seed, points, trials, ...(failed !== undefined && { failed }) };
}

interface Evaluation {
  readonly trial: number;
  readonly trace: TracePoint;
  readonly gradientEvaluations: number;
}

async function* tuning(
  method: Config["method"],
  { config, seconds, budgetSteps = Infinity, signal, clock }: CurveOptions,
): AsyncGenerator<Evaluation, void> {
  const own: Config = { ...config, method };
  const named = await loadTask(own, { signal });
  const engine = await openEngine(own);
  const stepsPerEpoch = stepsPerEpochOf(own, named);
  // An epoch takes at least one gradient, so that the budget ends before its epochs do.
  const run = createRun(
    named.task,
    tunerOf({ ...own, warmupEpochs: own.warmupEpochs ?? warmupOf(stepsPerEpoch) }, stepsPerEpoch),
    engine,
    { ...runOptions(own, stepsPerEpoch), epochs: budgetSteps, timeLimit: seconds },
    { clock, signal },
  );
  try {
    for await (const event of run.events()) {
      if (event.kind !== "epoch") continue;
      yield { trial: 0, trace: event.trace, gradientEvaluations: event.trace.gradientEvaluations };
    }
  } finally {
    run.dispose();
  }
}

async function* searching(
  { sampler, scheduler }: Extract<Contender, { kind: "searching" }>,
  { config, trialEpochs, signal, clock }: CurveOptions,
): AsyncGenerator<Evaluation, void> {
  const own: Config = { ...config, method: "fixed" };
  const { task } = await loadTask(own, { signal });
  const stepsPerEpoch = stepsPerEpochOf(own, { name: "", task, warnings: [] });
  const space = searchable(task.problem.space);
  const runner = trialRunner({
    task: { ...task, problem: { ...task.problem, space } },
    tuner: tunerOf(own, stepsPerEpoch),
    engine: await openEngine(own),
    run: runOptions(own, stepsPerEpoch),
    environment: { clock, signal },
  });
  const budget = trialEpochs ?? Math.max(10, Math.ceil(1000 / stepsPerEpoch));
  try {
    yield* searchStudy({
      space,
      sampler: sampler(),
      scheduler: scheduler(budget),
      runner,
      seed: config.seed,
      signal,
    });
  } finally {
    runner.dispose();
  }
}

/** Steps without hyperparameter steps at the start: a fifth of a thousand. */
const warmupOf = (stepsPerEpoch: number): number => Math.max(1, Math.round(200 / stepsPerEpoch));

/** The same for all methods; evaluated after every epoch, but after 50 steps at the soonest. */
const runOptions = ({ batchSize, validBatchSize, seed, precision }: Config, stepsPerEpoch: number) => ({
  ...{ batchSize, validBatchSize, seed, precision },
  evaluateEvery: stepsPerEpoch * Math.ceil(50 / stepsPerEpoch),
});
