import { inputError } from "../util/error.ts";
import { HostArray } from "../util/host-array.ts";
import { normalsAt, uniformsAt, type RandomKey } from "../util/random.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { either, fromZero, listOf, needed, number, orInfinity } from "../util/rule.ts";

/** A distribution p(λ) of unconstrained hyperparameters: where a hypernetwork is trained to be right. */
export interface HyperDistribution {
  readonly name: string;
  /** How many different λ it can yield; Infinity for a continuous one. */
  readonly points: number;
  /** Draws [count, size], a function of the key and the step. */
  sample(key: RandomKey, step: number, count: number, size: number): HostArray;
}

/** Options of {@link normalHypers}, in unconstrained units. */
export interface NormalHypersOptions {
  /** One number for all hyperparameters, or one each. */
  readonly mean: number | readonly number[];
  /** Standard deviation; likewise. */
  readonly sd: number | readonly number[];
  /** What is drawn above is moved here; default Infinity. */
  readonly high?: number;
}

/**
 * Independent normal hyperparameters, clipped from above where a penalty would drown the loss.
 *
 * @throws {HypertrainError} for a deviation below 0, or an option that is none of these.
 */
export function normalHypers(options: NormalHypersOptions): HyperDistribution {
  const {
    mean,
    sd,
    high = Infinity,
  } = ownOptions("normalHypers", options, {
    mean: needed(either(number(), listOf(number()))),
    sd: needed(either(fromZero, listOf(fromZero))),
    high: orInfinity(number()),
  });
  const deviations = typeof sd === "number" ? [sd] : sd;
  const at = (values: number | readonly number[], column: number): number =>
    typeof values === "number" ? values : (values[column] as number);
  return {
    name: "normal",
    points: deviations.some((value) => value > 0) ? Infinity : 1,
    sample(key, step, count, size) {
      requireLength(mean, size);
      requireLength(sd, size);
      const draws = normalsAt(key, step, count * size);
      return new HostArray(
        draws.map((z, i) => Math.min(at(mean, i % size) + at(sd, i % size) * z, high)),
        [count, size],
      );
    },
  };
}

/**
 * Independent hyperparameters, uniform from `low` to `high` in unconstrained units.
 *
 * @throws {HypertrainError} for bounds in the wrong order, or another option.
 */
export function uniformHypers(options: { readonly low: number; readonly high: number }): HyperDistribution {
  const rules = { low: needed(number()), high: needed(number()) };
  const { low, high } = ownOptions("uniformHypers", options, rules);
  if (!(low <= high)) {
    throw inputError(`low <= high must hold for p(λ), but got low=${low}, high=${high}; swap them`);
  }
  return {
    name: "uniform",
    points: low < high ? Infinity : 1,
    sample: (key, step, count, size) =>
      new HostArray(
        Float64Array.from(uniformsAt(key, step, count * size), (u) => low + (high - low) * u),
        [count, size],
      ),
  };
}

/**
 * The same given points at every step, in turn: [points][size] unconstrained values.
 *
 * @throws {HypertrainError} without a point.
 */
export function fixedHypers(points: readonly (readonly number[])[]): HyperDistribution {
  demandGiven("fixedHypers", { points }, { points: listOf(listOf(number()), 1) });
  return {
    name: "fixed",
    points: new Set(points.map((point) => point.join())).size,
    sample(_key, step, count, size) {
      const rows = Array.from({ length: count }, (_, i) => {
        const point = points[(step * count + i) % points.length] as readonly number[];
        requireLength(point, size);
        return point;
      });
      return new HostArray(Float64Array.from(rows.flat()), [count, size]);
    },
  };
}

function requireLength(values: number | readonly number[], size: number): void {
  if (typeof values === "number" || values.length === size) return;
  throw inputError(
    `p(λ) must have one value for each of ${size} unconstrained hyperparameters, but got ${values.length}`,
  );
}
