import type { TracePoint } from "../api/trace.ts";
import { farthestWay } from "../space/distance.ts";
import type { Space } from "../space/space.ts";
import { middleOf } from "../util/statistics.ts";
import { bestPoint, judged } from "./best.ts";
import { LEAST_DIFFERENCE } from "./chance.ts";

/** The shares of a run between which its training may begin anew: the hyperparameters have moved by then, and enough is left to train again. */
export const RESTART_BETWEEN = [1 / 2, 2 / 3] as const;

/** The distance from which a training at other hyperparameters ends elsewhere: on a log scale a factor of 1.3. */
const ELSEWHERE = 0.25;

/** What a run remembers of its losses while it may begin anew: numbers that survive JSON. */
export interface LossTrend {
  /** The latest, of five evaluations at most. */
  readonly recent: readonly number[];
  /** The lowest median of any five in a row; absent before there are five. */
  readonly lowest?: number;
}

const ROW = 5;

/** The evaluations of a run that can begin anew, at least: one more than a row of them by the last share at which it may. */
export const LEAST_EVALUATIONS = Math.ceil((ROW + 1) / RESTART_BETWEEN[1]);

/** What is remembered behind one evaluation more, or the first. */
export function withLoss(
  loss: number,
  { recent: before, lowest = Infinity }: LossTrend = { recent: [] },
): LossTrend {
  const recent = [...before, loss].slice(-ROW);
  return recent.length < ROW ? { recent } : { recent, lowest: Math.min(lowest, middleOf(recent).median) };
}

/** Whether the median of the latest evaluations is above the lowest such by as much as anybody would see. */
const hasRisen = ({ recent, lowest }: LossTrend): boolean =>
  lowest !== undefined && middleOf(recent).median - lowest > LEAST_DIFFERENCE * Math.abs(lowest);

/** Where a run stands at an evaluation. */
export interface RestartPoint {
  /** The share of the run that is over. */
  readonly share: number;
  /** The evaluation. */
  readonly last: TracePoint;
  /** That with the lowest loss so far, on the guard where there is one. */
  readonly best: TracePoint;
  /** Of the losses of its scheduled evaluations; absent before the first behind a step. */
  readonly trend?: LossTrend | undefined;
}

/**
 * Whether a run begins its training anew from the hyperparameters found, since its network has overfitted before these were: at an evaluation between a half
 * and two thirds of its length, if
 *
 * - the lowest validation loss lies in the first half of the steps so far, so that what is left of the run is enough to come as far again;
 * - a hyperparameter has moved far enough since then for a training at it to end elsewhere;
 * - the loss has risen since it was lowest, by medians of five evaluations, of which one or two may be low or high by chance.
 *
 * A run restarts once.
 */
export const hasOverfittedEarly = (point: RestartPoint, space: Space): boolean =>
  isBetween(point.share) && unmetAt(point, space) === undefined;

const isBetween = (share: number): boolean => share >= RESTART_BETWEEN[0] && share <= RESTART_BETWEEN[1];

/** What must hold for a training to begin anew, in the order in which it is looked at. */
const DEMANDS = ["early", "moved", "risen"] as const;

/** One of what {@link hasOverfittedEarly} demands: that the lowest loss came early, that a hyperparameter has moved since, that the loss has risen. */
export type RestartDemand = (typeof DEMANDS)[number];

/** The first that does not hold. */
function unmetAt(
  { last, best, trend }: Omit<RestartPoint, "share">,
  space: Space,
): RestartDemand | undefined {
  if (best.step > last.step / 2) return "early";
  const moved = farthestWay(best.hyperparameters, last.hyperparameters, space)?.distance ?? 0;
  if (moved < ELSEWHERE) return "moved";
  return trend !== undefined && hasRisen(trend) ? undefined : "risen";
}

/**
 * What kept a run from beginning anew whose training never did: of the demands that were not met first at its evaluations between a half and two thirds of its length, the
 * last in order; undefined where there were none, or all were met at one.
 *
 * @param shareOf the share of the run that was over at an evaluation
 */
export function whyNoRestart(
  trace: readonly TracePoint[],
  shareOf: (point: TracePoint) => number,
  space: Space,
): RestartDemand | undefined {
  let trend: LossTrend | undefined;
  const unmet = new Set<RestartDemand | undefined>();
  for (const [i, last] of trace.entries()) {
    if (last.step > 0) trend = withLoss(judged(last), trend);
    if (!isBetween(shareOf(last))) continue;
    const best = bestPoint(trace.slice(0, i + 1)) as TracePoint; // of one at least
    unmet.add(unmetAt({ last, best, trend }, space));
  }
  return unmet.has(undefined) ? undefined : DEMANDS.findLast((demand) => unmet.has(demand));
}
