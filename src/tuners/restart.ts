import type { TracePoint } from "../api/trace.ts";
import { farthestWay } from "../space/distance.ts";
import type { Space } from "../space/space.ts";
import { LEAST_DIFFERENCE } from "./chance.ts";
import type { SmoothedLoss } from "./smoothed-loss.ts";

/** The shares of a run between which its training may begin anew: the hyperparameters have moved by then, and enough is left to train again. */
export const RESTART_BETWEEN = [1 / 2, 2 / 3] as const;

/** The distance from which a training at other hyperparameters ends elsewhere: a factor of 1.3. */
const ELSEWHERE = 0.25;

/** Where a run stands at an evaluation. */
export interface RestartPoint {
  /** The share of the run that is over. */
  readonly share: number;
  /** The evaluation. */
  readonly last: TracePoint;
  /** That with the lowest loss so far, on the guard where there is one. */
  readonly best: TracePoint;
  /** These losses smoothed. */
  readonly smoothed: SmoothedLoss;
}

/**
 * Whether a run begins its training anew from the hyperparameters found, since its network has overfitted before these were: at an evaluation between a half
 * and two thirds of its length, if
 *
 * - the lowest validation loss lies in the first half of the steps so far, so that what is left of the run is enough to come as far again;
 * - a hyperparameter has moved far enough since then for a training at it to end elsewhere;
 * - the loss is above its lowest by as much as anybody would see, both smoothed, since a single evaluation can be low or high by chance.
 *
 * A run restarts once.
 */
export function hasOverfittedEarly({ share, last, best, smoothed }: RestartPoint, space: Space): boolean {
  const [from, to] = RESTART_BETWEEN;
  if (!(share >= from && share <= to && best.step <= last.step / 2)) return false;
  const moved = farthestWay(best.hyperparameters, last.hyperparameters, space)?.distance ?? 0;
  return moved >= ELSEWHERE && smoothed.now - smoothed.lowest > LEAST_DIFFERENCE * Math.abs(smoothed.lowest);
}
