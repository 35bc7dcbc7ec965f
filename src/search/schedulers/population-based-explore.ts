/**
 * | symbol | meaning |
 * |---|---|
 * | t | place of a hyperparameter in its range, on (0, 1), by `unitPlace` |
 * | f | the factor that was drawn |
 */
import type { ChoiceHyper, IntegerHyper, RealHyper } from "../../space/values.ts";
import type { Hyper, HyperValues, Space } from "../../space/space.ts";
import { naturalAt, unitPlace } from "../../space/unit.ts";
import { coordinatesOf, fromPoint, toPoint } from "../coordinates.ts";
import { ownOptions } from "../../util/given.ts";
import { listOf, positive, probability } from "../../util/rule.ts";

/**
 * Changes the hyperparameters of a copy: "explore" in the paper's words. The result lies inside the ranges, and strictly inside those
 * of reals.
 *
 * @param draws so many numbers uniform on [0, 1), always the same
 */
export type Explore = (
  values: Readonly<HyperValues>,
  space: Space,
  draws: (count: number) => ArrayLike<number>,
) => Readonly<HyperValues>;

/** Options of {@link perturbOrResample}. */
export interface PerturbOptions {
  /** Factors, one of which is drawn; default 0.8 and 1.2. */
  readonly factors?: readonly number[];
  /** Probability of a draw from the whole range instead; default 0.25. */
  readonly resample?: number;
}

/**
 * Multiplies every hyperparameter, each on its own, by a factor, or with some probability draws it anew, uniform on its range or on
 * the logarithms there.
 *
 * What a factor multiplies: on a log scale the value itself; else its distance from the low end of the range, which is the value
 * itself where the range begins at 0, and has a meaning where it does not. Reals stop just inside their range. Integers are rounded,
 * but move by one at least, and stop at the ends. The options of a choice have no order, so that it stays unless it is drawn anew.
 *
 * @throws {HypertrainError} for a factor that is not positive, or a probability outside [0, 1].
 */
export function perturbOrResample(options: PerturbOptions = {}): Explore {
  const { factors = [0.8, 1.2], resample = 0.25 } = ownOptions("perturbOrResample", options, {
    ...{ factors: listOf(positive, 1), resample: probability },
  });
  return (values, space, draws) => {
    const coordinates = coordinatesOf(space);
    const drawn = draws(2 * coordinates.length);
    const point = toPoint(space, values).map((t, j) => {
      const [fate, place] = [drawn[2 * j] as number, drawn[2 * j + 1] as number];
      // What no condition let exist before may exist now: it has no value to start from.
      if (Number.isNaN(t) || fate < resample) return place;
      const factor = factors[Math.floor(place * factors.length)] as number;
      const { hyper } = coordinates[j] as (typeof coordinates)[number];
      return scaled[hyper.kind](hyper as never, t, factor);
    });
    return fromPoint(space, point);
  };
}

/** Where a factor moves a place; beyond the range is for `fromPoint` to bring inside. */
const scaled = {
  real: ({ low, high, log }: RealHyper, t: number, factor: number) =>
    log ? t + Math.log(factor) / Math.log((high as number) / (low as number)) : t * factor, // `coordinatesOf` saw the ends
  integer(hyper: IntegerHyper, t: number, factor: number) {
    const { low, high, log } = hyper;
    const now = naturalAt(hyper, t) as number;
    const origin = log ? 0 : low;
    const next = origin + Math.round((now - origin) * factor);
    const moved = factor > 1 ? Math.max(next, now + 1) : factor < 1 ? Math.min(next, now - 1) : now;
    return unitPlace(hyper, Math.min(Math.max(moved, low), high));
  },
  choice: (_: ChoiceHyper, t: number) => t,
} satisfies {
  [K in Hyper["kind"]]: (hyper: Extract<Hyper, { kind: K }>, t: number, factor: number) => number;
};
