import { perturbationOf, type Perturbation, type PerturbationOptions } from "./perturbation.ts";

/** An integer hyperparameter; see {@link integer}. */
export interface IntegerHyper extends Perturbation {
  readonly kind: "integer";
  readonly start: number;
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
}

/** How an integer hyperparameter is spaced and perturbed. */
export interface IntegerOptions extends PerturbationOptions {
  /** Whether equal steps are equal ratios; needs `low > 0`. Default false. */
  readonly log?: boolean;
}

/**
 * An integer hyperparameter between `low` and `high`, both included, that starts at `start`; `createSpace` checks it.
 *
 * Inside, it is a real number on [low, high + 1) that is floored at the last moment: the loss sees the integer, while
 * derivatives pass as if it were the real number (straight-through).
 *
 * ```ts
 * createSpace({ holes: integer(1, 0, 5) });
 * ```
 */
export const integer = (
  start: number,
  low: number,
  high: number,
  { log = false, ...rest }: IntegerOptions = {},
): IntegerHyper => Object.freeze({ kind: "integer", start, low, high, log, ...perturbationOf(rest) });
