import type { CurvePoint, LossCurve } from "../../api/comparison.ts";
import type { HyperPoint, TracePoint } from "../../api/trace.ts";
import type { Engine } from "../../engine/engine.ts";
import { isBetter } from "../../tuners/best.ts";
import type { Environment, Run, RunOptions } from "../../tuners/run.ts";
import { planRun } from "../../tuners/run-plan.ts";
import type { Snapshot } from "../../tuners/snapshot.ts";
import { HypertrainError } from "../../util/error.ts";
import { sizedConfig } from "../config/batch-size.ts";
import type { Config, SizedConfig } from "../config/config.ts";
import { stepsPerEpochOf, warmupShareOf } from "../run/job.ts";
import { advised } from "../../methods/advice.ts";
import { usualWarmup } from "../../methods/groups.ts";
import { warmupEpochsOf } from "../../methods/warmup.ts";
import type { MethodSeed } from "./plan.ts";
import { methodRun } from "../run/method-run.ts";
import { followsGradient, isSearch, methodOf } from "../../methods/lookup.ts";
import { neverMoved } from "../../report/remarks/never-moved.ts";
import { farthestWay } from "../../space/distance.ts";
import { startValues, type Space } from "../../space/space.ts";
import { mapValues } from "../../util/record.ts";
import { inFlags } from "../terminal/in-flags.ts";
import { loadTask, type NamedTask } from "../registry/tasks.ts";
import { tunerOf } from "../registry/tuners.ts";
import { openEngine } from "../registry/engines.ts";
import { trainingOptions } from "../run/run-options.ts";

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
  const { config, signal, clock } = options;
  const named = await loadTask(config, { signal });
  const engine = await openEngine(config);
  const started = clock.now();
  const curve = growingCurve(config, named.task.problem.space);
  let failed: string | undefined;
  const run = await comparedRun(options, named, engine, { clock, signal });
  try {
    for await (const event of run.events()) {
      if (event.kind === "start") curve.begin(event.trace);
      if (event.kind === "failed") curve.strike(event.since);
      if (event.kind !== "epoch") continue;
      const point = curve.see({ ...event.trace, seconds: (clock.now() - started) / 1000 });
      if (point) options.watch(point);
    }
  } catch (error) {
    failed = reasonOf(error);
  } finally {
    run.dispose();
  }
  const { seconds } = options;
  return signal.aborted ? undefined : curve.end(failed, { firstTuning: run.firstTuning, seconds });
}

/** What a method does in a comparison, and how long. */
export type ComparedWork = Pick<CurveOptions, "config" | "seconds" | "budgetSteps">;

/** The run of a method in a comparison. @param from a snapshot of an earlier run of the same work */
export function comparedRun(
  work: ComparedWork,
  named: NamedTask,
  engine: Engine,
  environment: Environment,
  from?: Snapshot,
): Promise<Run> {
  const { config, options } = comparedSettings(work, named);
  return methodRun(config, named, engine, options, environment, from);
}

/** What a method is made with in a comparison, and how long it is. */
function comparedSettings(
  work: ComparedWork,
  named: NamedTask,
): { readonly config: SizedConfig; readonly options: RunOptions } {
  const config = sizedConfig(work.config, named.task.data.train.rows);
  const stepsPerEpoch = stepsPerEpochOf(config, named);
  const { warmup = usualWarmup } = methodOf(config.method);
  const usual = warmupEpochsOf(warmup, { epochs: Infinity, stepsPerEpoch }); // the budget ends it
  const warmupShare = warmupShareOf(config);
  return {
    config: { ...config, warmupEpochs: config.warmupEpochs ?? usual },
    options: {
      ...comparedOptions({ ...work, config }, stepsPerEpoch),
      ...(warmupShare !== undefined && { warmupShare }),
    },
  };
}

/**
 * When a method of a comparison makes its first hyperparameter step, for whoever has its evaluations and not its run.
 *
 * @returns undefined of a method that makes none
 */
export async function tuningOf(
  work: ComparedWork,
  named: NamedTask,
): Promise<((trace: readonly TracePoint[]) => TuningFacts) | undefined> {
  if (!followsGradient(work.config.method)) return undefined;
  const { config, options } = comparedSettings(work, named);
  const tuner = await tunerOf(config, stepsPerEpochOf(config, named));
  const { firstTuning } = planRun(named.task, tuner, options).plan;
  const { warmupShare = Infinity } = options;
  const { seconds } = work;
  return (trace) => {
    const warm = trace.find((point) => point.seconds >= warmupShare * seconds); // the first evaluation behind the warm-up's end
    return { firstTuning: firstTuning(warm?.step), seconds };
  };
}

/**
 * Options as in `tune`, but for those that the comparison settles: how long it is, and evaluations as often for all methods, after every
 * epoch, but after 50 steps at the soonest.
 */
function comparedOptions(
  { config, seconds, budgetSteps = Infinity }: ComparedWork & { readonly config: SizedConfig },
  stepsPerEpoch: number,
): RunOptions {
  return {
    ...trainingOptions(config, stepsPerEpoch),
    evaluateEvery: stepsPerEpoch * Math.ceil(50 / stepsPerEpoch),
    guard: 0, // of which its curves tell nothing
    epochs: budgetSteps, // an epoch takes at least one gradient, so that the budget ends before its epochs do
    timeLimit: seconds,
    gradientLimit: budgetSteps,
  };
}

/** The curve of a method from a seed as its evaluations come in, whose seconds are those of the method. */
export function growingCurve({ method, seed }: MethodSeed, space: Space) {
  const start = mapValues(startValues(space), (value): HyperPoint => ({ value }));
  let lower: { readonly trace: TracePoint; readonly point: CurvePoint }[] = []; // where the best became better
  let last: CurvePoint | undefined;
  let untrained = Infinity;
  let trials = 1;
  let still: TracePoint[] | undefined = followsGradient(method) ? [] : undefined; // as long as no hyperparameter has moved
  /** What was best by an evaluation. */
  const bestBy = ({ seconds, gradientEvaluations }: Spending, { valid, test }: TracePoint): CurvePoint => ({
    ...{ seconds, gradientEvaluations, valid },
    ...(test && { test }),
  });
  const found = (): CurvePoint[] => [
    ...lower.map(({ point }) => point),
    ...(last && lower.at(-1)?.point !== last ? [last] : []),
  ];
  return {
    /** The untrained network, which is none that a method found. */
    begin({ valid }: TracePoint): void {
      untrained = valid.loss;
    },
    /** @returns the best so far; nothing where all trainings until now failed */
    see(trace: TracePoint): CurvePoint | undefined {
      trials = Math.max(trials, 1 + (trace.trial?.number ?? 0));
      const best = lower.at(-1)?.trace;
      if (trace.trial?.failed) return (last = best && bestBy(trace, best));
      if (best?.unfit && !trace.unfit) lower = [];
      const way = still && farthestWay(start, trace.hyperparameters, space);
      if (way && way.distance < NO_WAY) still?.push(trace);
      else still = undefined;
      if (best && !isBetter(trace, best)) return (last = bestBy(trace, best));
      last = bestBy(trace, trace);
      lower.push({ trace, point: last });
      return last;
    },
    /** Takes back what a training that failed came to behind a step. */
    strike(since: number): void {
      lower = lower.filter(({ trace }) => trace.step <= since);
      const best = lower.at(-1)?.trace;
      last = last && best && bestBy(last, best);
    },
    /** A search that failed has found nothing. */
    end: (failed?: string, known: TuningFacts = {}): LossCurve => ({
      ...{ method, seed, trials },
      ...(failed === undefined && last && untrained <= last.valid.loss && { untrained }),
      points: failed !== undefined && isSearch(method) ? [] : found(),
      ...(failed !== undefined && { failed }),
      ...(failed === undefined && still && whyUntuned(still, known)),
    }),
  };
}

/** What an evaluation came after. */
type Spending = Pick<CurvePoint, "seconds" | "gradientEvaluations">;

/** Less than any hyperparameter step, and more than a start is off by single precision. */
const NO_WAY = 1e-5;

/** When a method makes its first hyperparameter step, and how many seconds it may work, where that is known. */
export interface TuningFacts extends Pick<Run, "firstTuning"> {
  readonly seconds?: number;
}

/** Why no hyperparameter has moved at any evaluation; nothing of none. */
function whyUntuned(
  trace: readonly TracePoint[],
  { firstTuning, seconds = Infinity }: TuningFacts,
): Pick<LossCurve, "untuned"> {
  const end = trace.at(-1);
  if (!end) return {};
  const ended = end.seconds >= seconds ? "time" : "gradients";
  const start = { ...end, step: 0, epoch: 0, seconds: 0, gradientEvaluations: 0 };
  return { untuned: inFlags(neverMoved([start, ...trace], { firstTuning, ended }).sentence) };
}

/** Why a method failed: no failure may cost the others their table, so a bug of ours is a reason as well. */
export function reasonOf(error: unknown): string {
  const { message } = advised(error) as Error;
  return error instanceof HypertrainError ? message : `hypertrain has a bug: ${message}`;
}
