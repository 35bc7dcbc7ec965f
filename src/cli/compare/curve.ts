import type { Score, TracePoint } from "../../api/trace.ts";
import type { RunOptions } from "../../tuners/run.ts";
import { HypertrainError } from "../../util/error.ts";
import { validBatchSizeOf, type Config } from "../config.ts";
import { stepsPerEpochOf } from "../job.ts";
import { usualWarmup } from "../../methods/groups.ts";
import { warmupEpochsOf } from "../../methods/warmup.ts";
import { methodRun } from "../method-run.ts";
import { isSearch, methodOf } from "../../methods/lookup.ts";
import { loadTask } from "../registry/tasks.ts";
import { openEngine } from "../registry/engines.ts";

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
export interface LossCurve {
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
  /** With the method and the seed. */
  readonly config: Config;
  readonly seconds: number;
  /** Gradient evaluations that end it sooner; default none. */
  readonly budgetSteps?: number;
  readonly signal: AbortSignal;
  readonly clock: { now(): number };
  /** Sees the best so far after every evaluation. */
  watch(point: CurvePoint): void;
}

/**
 * Lets one method work for its time, which begins when the data and the engine are there.
 *
 * @returns nothing if it was interrupted
 * @throws {HypertrainError} for a method that cannot do this problem.
 */
export async function curveOf(options: CurveOptions): Promise<LossCurve | undefined> {
  const { signal, clock, seconds, budgetSteps = Infinity } = options;
  const named = await loadTask(options.config, { signal });
  const engine = await openEngine(options.config);
  const stepsPerEpoch = stepsPerEpochOf(options.config, named);
  const { warmup = usualWarmup } = methodOf(options.config.method);
  const usual = warmupEpochsOf(warmup, { epochs: Infinity, stepsPerEpoch }); // the budget ends it
  const config = { ...options.config, warmupEpochs: options.config.warmupEpochs ?? usual };
  const limits: RunOptions = {
    ...evaluating(config, stepsPerEpoch),
    epochs: budgetSteps, // an epoch takes at least one gradient, so that the budget ends before its epochs do
    timeLimit: seconds,
    ...(!isSearch(config.method) && { gradientLimit: budgetSteps, restart: config.restart === "auto" }),
  };

  const started = clock.now();
  const points: CurvePoint[] = [];
  let best: TracePoint | undefined;
  let trials = 1;
  let last: CurvePoint | undefined;
  let failed: string | undefined;
  const run = await methodRun(config, named, engine, limits, { clock, signal });
  try {
    for await (const event of run.events()) {
      if (event.kind !== "epoch") continue;
      const { trace } = event;
      if (!best || trace.valid.loss < best.valid.loss) best = trace;
      trials = Math.max(trials, 1 + (trace.trial?.number ?? 0));
      const { gradientEvaluations } = trace;
      const { valid, test } = best;
      last = { seconds: (clock.now() - started) / 1000, gradientEvaluations, valid, ...(test && { test }) };
      if (best === trace) points.push(last);
      options.watch(last);
      if (gradientEvaluations >= budgetSteps) break;
    }
  } catch (error) {
    failed = reasonOf(error);
  } finally {
    run.dispose();
  }
  if (signal.aborted) return undefined;
  if (last && points.at(-1) !== last) points.push(last);
  return {
    method: config.method,
    seed: config.seed,
    points,
    trials,
    ...(failed !== undefined && { failed }),
  };
}

/** Why a method failed: no failure may cost the others their table, so a bug of ours is a reason as well. */
export const reasonOf = (error: unknown): string =>
  error instanceof HypertrainError ? error.message : `hypertrain has a bug: ${(error as Error).message}`;

/** The same for all methods; evaluated after every epoch, but after 50 steps at the soonest. */
const evaluating = (config: Config, stepsPerEpoch: number) => ({
  ...{ batchSize: config.batchSize, seed: config.seed, precision: config.precision },
  validBatchSize: validBatchSizeOf(config),
  evaluateEvery: stepsPerEpoch * Math.ceil(50 / stepsPerEpoch),
});
