import type { LossCurve } from "../api/comparison.ts";
import { middleOf, type Middle } from "../util/statistics.ts";

/** The middle of a method's seeds at a moment. */
export interface Moment extends Middle {
  readonly seconds: number;
}

/** Points of time at which the curves are compared. */
const MOMENTS = 120;

/** The lowest validation losses of a method's seeds so far, at each moment at which three quarters of them have one. */
export const mediansOf = (curves: readonly LossCurve[], seconds: number): readonly Moment[] =>
  Array.from({ length: MOMENTS + 1 }, (_, i) => (seconds * i) / MOMENTS).flatMap((moment) => {
    const middle = middleOf(curves.map((curve) => lossAt(curve, moment)));
    return Number.isFinite(middle.upper) ? [{ ...middle, seconds: moment }] : [];
  });

/** The lowest validation loss until a moment; Infinity before the first. */
const lossAt = ({ points }: LossCurve, seconds: number): number =>
  points.findLast((point) => point.seconds <= seconds)?.valid.loss ?? Infinity;
