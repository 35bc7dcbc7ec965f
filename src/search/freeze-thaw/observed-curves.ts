/**
 * The curves of a study's trials as a process over curves takes them.
 *
 * - Time is the share of a whole training.
 * - Losses are their logarithms if all of them are positive, since the good ones then differ as much as the bad ones; else they are
 *   as they are. Bad ones are brought near (`tamed`).
 * - A failed trial counts as one that ended at the worst of the others' last losses, and will not move.
 * - Long curves are thinned to points evenly spread over them, first and last included: a block costs the cube of its points.
 */
import type { SearchSpace } from "../conditions.ts";
import { toPoint } from "../coordinates.ts";
import type { Curve } from "../gp/curves.ts";
import type { ScheduledTrial } from "../schedulers/scheduler.ts";
import { tamed } from "../tamed.ts";

/** Trials as points with curves. */
export interface ObservedCurves {
  /** The trials that have a curve here, by number. [n] */
  readonly trials: readonly ScheduledTrial[];
  /** [n][d] */
  readonly points: readonly Float64Array[];
  /** [n] */
  readonly curves: readonly Curve[];
}

/** How {@link observedCurves} looks at trials. */
export interface CurveView {
  /** Epochs of a whole training. */
  readonly budget: number;
  /** Whether losses are taken as logarithms, see {@link allPositive}. */
  readonly logs: boolean;
  /** Up to which budget a curve counts; its first loss does in any case, as trainings pause at whole steps, which is later. */
  until(trial: ScheduledTrial): number;
  /** The most points of a curve. */
  readonly most: number;
}

/** Trials, in the order of their numbers, as curves; those without a loss so far have none. */
export function observedCurves(
  space: SearchSpace,
  trials: readonly ScheduledTrial[],
  { budget, logs, until, most }: CurveView,
): ObservedCurves {
  const seen = trials.flatMap((trial) => {
    if (hasFailed(trial)) return [{ trial, times: FOREVER, losses: [] }];
    const finite = trial.curve.filter(({ loss }) => Number.isFinite(loss));
    const limit = Math.max(until(trial), finite[0]?.budget ?? 0) + 1e-9;
    const curve = thinned(
      finite.filter((point) => point.budget <= limit),
      most,
    );
    if (curve.length === 0) return [];
    const times = Float64Array.from(curve, (point) => point.budget / budget);
    return [{ trial, times, losses: curve.map(({ loss }) => (logs ? Math.log(loss) : loss)) }];
  });
  const tame = tamed(Float64Array.from(seen.flatMap(({ losses }) => losses)));
  let from = 0;
  const values = seen.map(({ losses }) => tame.subarray(from, (from += losses.length)));
  const worst = values.reduce((most, part) => Math.max(most, part.at(-1) ?? -Infinity), -Infinity);
  const atWorst = Float64Array.of(Number.isFinite(worst) ? worst : 0);
  return {
    trials: seen.map(({ trial }) => trial),
    points: seen.map(({ trial }) => toPoint(space, trial.values)),
    curves: seen.map(({ times }, i) => {
      const part = values[i] as Float64Array;
      return { times, values: part.length > 0 ? part : atWorst };
    }),
  };
}

/** Whether a trial crashed, or its last loss is not finite. */
export const hasFailed = ({ state, curve }: ScheduledTrial): boolean =>
  state === "failed" || !Number.isFinite(curve.at(-1)?.loss ?? 0);

/** Whether all losses that count are positive, so that they have logarithms. */
export const allPositive = (trials: readonly ScheduledTrial[]): boolean =>
  trials.every((trial) => hasFailed(trial) || trial.curve.every(({ loss }) => !(loss <= 0)));

/** The last values of curves. [n] */
export const lastValues = (curves: readonly Curve[]): Float64Array =>
  Float64Array.from(curves, ({ values }) => values.at(-1) as number);

/** A time at which nothing decays any more. */
const FOREVER = Float64Array.of(1e9);

function thinned<T>(points: readonly T[], most: number): readonly T[] {
  const last = points.length - 1;
  if (last < most) return points;
  return Array.from({ length: most }, (_, i) => points[Math.round((i * last) / (most - 1))] as T);
}
