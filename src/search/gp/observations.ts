import { inputError } from "../../util/error.ts";
import type { Kernel } from "./kernel.ts";

/** What a Gaussian process is given. */
export interface Observations {
  /** Rows of inputs, row-major. Bring them to one scale, for example [0, 1], if length scales are shared or have bounds. [n, d] */
  readonly inputs: Float64Array;
  /** The value observed at each row. [n] */
  readonly targets: Float64Array;
}

/** Targets on another scale: `targets = mean + scale * standard`. */
export interface StandardTargets {
  /** With mean 0 and variance 1, or all 0 if the targets are constant. [n] */
  readonly standard: Float64Array;
  /** The mean of the targets. */
  readonly mean: number;
  /** Their standard deviation (divided by n); 1 if they are constant. */
  readonly scale: number;
}

/** The observations' targets with mean 0 and variance 1. */
export function standardized(targets: Float64Array): StandardTargets {
  const mean = meanOf(targets);
  const deviation = Math.sqrt(meanOf(targets.map((y) => (y - mean) ** 2)));
  const scale = deviation > Number.EPSILON * Math.abs(mean) ? deviation : 1; // else the deviation is rounding
  return { standard: targets.map((y) => (y - mean) / scale), mean, scale };
}

/** The targets as they are, in the same form. */
export const unchanged = (targets: Float64Array): StandardTargets => ({
  standard: targets,
  mean: 0,
  scale: 1,
});

/**
 * Checks that observations fit a kernel: at least one, a row of inputs for each target, all finite.
 *
 * @throws {HypertrainError} if they do not.
 */
export function checkObservations({ inputs, targets }: Observations, { dimensions }: Kernel): void {
  if (targets.length === 0) {
    throw inputError(
      "a Gaussian process must have at least one observation, but got none; observe one first",
    );
  }
  if (inputs.length !== targets.length * dimensions) {
    throw inputError(
      `${targets.length} targets must come with ${targets.length} rows of ${dimensions} inputs, but got ${inputs.length} numbers; give one row a target`,
    );
  }
  const bad = [...inputs, ...targets].find((value) => !Number.isFinite(value));
  if (bad !== undefined) {
    throw inputError(
      `observations must be finite, but got ${bad}; leave such trials out, or give them a large loss`,
    );
  }
}

const meanOf = (values: Float64Array): number => values.reduce((sum, y) => sum + y, 0) / values.length;
