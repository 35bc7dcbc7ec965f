import type { TracePoint } from "../api/trace.ts";
import { farthestWay } from "../space/distance.ts";
import type { Space } from "../space/space.ts";
import { middleOf } from "../util/statistics.ts";
import { LEAST_DIFFERENCE } from "./chance.ts";
import { judged } from "./best.ts";

/** The shares of a run between which its training may begin anew: the hyperparameters have moved by then, and enough is left to train again. */
export const RESTART_BETWEEN = [1 / 2, 2 / 3] as const;

/** The distance from which a training at other hyperparameters ends elsewhere: on a log scale a factor of 1.3. */
const ELSEWHERE = 0.25;

/** Where a run stands at an evaluation. */
export interface RestartPoint {
  /** The share of the run that is over. */
  readonly share: number;
  /** The evaluation. */
  readonly last: TracePoint;
  /** That with the lowest loss so far, on the guard where there is one. */
  readonly best: TracePoint;
  /** The losses of the latest scheduled evaluations, see {@link withLoss}. */
  readonly recent: readonly number[];
}

/**
 * Whether a run begins its training anew from the hyperparameters found, since its network has overfitted before these were: at an evaluation between a half
 * and two thirds of its length, if
 *
 * - the lowest validation loss lies in the first half of the steps so far, so that what is left of the run is enough to come as far again;
 * - a hyperparameter has moved far enough since then for a training at it to end elsewhere;
 * - the loss has risen: the median of the latest three evaluations, of which one can be high or low by chance, is above the lowest by as much as anybody would see.
 *
 * A run restarts once.
 */
export function hasOverfittedEarly({ share, last, best, recent }: RestartPoint, space: Space): boolean {
  const [from, to] = RESTART_BETWEEN;
  if (!(share >= from && share <= to && best.step <= last.step / 2) || recent.length < LATEST) return false;
  const moved = farthestWay(best.hyperparameters, last.hyperparameters, space)?.distance ?? 0;
  const lowest = judged(best);
  const hasRisen = middleOf(recent).median - lowest > LEAST_DIFFERENCE * Math.abs(lowest);
  return moved >= ELSEWHERE && hasRisen;
}

const LATEST = 3;

/** The losses by which a restart is decided, with that of one evaluation more: of the latest three. */
export const withLoss = (loss: number, recent: readonly number[] = []): readonly number[] =>
  [...recent, loss].slice(-LATEST);
