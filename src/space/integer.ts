import { demandGiven, ownOptions } from "../util/given.ts";
import { flag, needed, type Rules } from "../util/rule.ts";
import {
  aNumber,
  perturbationOf,
  perturbationRules,
  type Perturbation,
  type PerturbationOptions,
} from "./perturbation.ts";

/** An integer hyperparameter; see {@link integer}. */
export interface IntegerHyper<S extends readonly number[] = readonly number[]> extends Perturbation<S> {
  readonly kind: "integer";
  readonly start: number;
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
}

/** The range of an integer hyperparameter, how it is spaced and how it is perturbed. */
export interface IntegerOptions<
  S extends readonly number[] = readonly number[],
> extends PerturbationOptions<S> {
  /** The least value. */
  readonly low: number;
  /** The greatest value. */
  readonly high: number;
  /** Whether equal steps are equal ratios; needs `low > 0`. Default false. */
  readonly log?: boolean;
}

const integerRules: Rules<IntegerOptions> = {
  ...{ low: needed(aNumber), high: needed(aNumber), log: flag, ...perturbationRules },
};

/**
 * An integer hyperparameter between `low` and `high`, both included, that starts at `start`; `createSpace` checks it.
 *
 * Inside, it is a real number on [low, high + 1) that is floored at the last moment: the loss sees the integer, while
 * derivatives pass as if it were the real number (straight-through).
 *
 * ```ts
 * createSpace({ holes: integer(1, { low: 0, high: 5 }) });
 * ```
 *
 * @throws {HypertrainError} for a start that is no number, and an option that it does not have, or of another type.
 */
export function integer(
  start: number,
  options: IntegerOptions & { readonly shape?: never },
): IntegerHyper<readonly []>;
export function integer<const S extends readonly number[]>(
  start: number,
  options: IntegerOptions<S>,
): IntegerHyper<S>;
export function integer(start: number, options: IntegerOptions): IntegerHyper {
  demandGiven("integer", { start }, { start: aNumber });
  const { low, high, log = false, ...rest } = ownOptions("integer", options, integerRules);
  return Object.freeze({ kind: "integer", start, low, high, log, ...perturbationOf(rest) });
}
