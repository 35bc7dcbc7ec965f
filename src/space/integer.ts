import { demandGiven, ownOptions } from "../util/given.ts";
import { flag, needed, type Rules } from "../util/rule.ts";
import { aNumber, perturbationOf, perturbationRules, type PerturbationOptions } from "./perturbation.ts";
import { demandPossible } from "./validate.ts";
import type { IntegerHyper } from "./values.ts";

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
 * An integer hyperparameter between `low` and `high`, both included, that starts at `start`.
 *
 * Inside, it is a real number on [low, high + 1) that is floored at the last moment: the loss sees the integer, while
 * derivatives pass as if it were the real number (straight-through).
 *
 * ```ts
 * createSpace({ holes: integer(1, { low: 0, high: 5 }) });
 * ```
 *
 * @throws {HypertrainError} for numbers that are not whole, a start outside the range, or an empty range, and for an option that it does not have, or of another type.
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
  return demandPossible("integer()", integerRecord(start, ownOptions("integer", options, integerRules)));
}

/** What {@link integer} makes, of which nobody has looked whether it is possible: `createSpace` does, and tells it by its name. */
export const integerRecord = (
  start: number,
  { low, high, log = false, ...rest }: IntegerOptions,
): IntegerHyper => Object.freeze({ kind: "integer", start, low, high, log, ...perturbationOf(rest) });
