import { demandGiven, ownOptions } from "../util/given.ts";
import { flag, type Rules } from "../util/rule.ts";
import { aNumber, perturbationOf, perturbationRules, type PerturbationOptions } from "./perturbation.ts";
import { demandPossible } from "./validate.ts";
import type { RealHyper } from "./values.ts";

/** The range of a real hyperparameter, in natural units, and how it is perturbed. */
export interface RealOptions<S extends readonly number[] = readonly number[]> extends PerturbationOptions<S> {
  /** Values stay above; default unbounded. */
  readonly low?: number;
  /** Values stay below; default unbounded. */
  readonly high?: number;
  /** Whether equal steps are equal ratios; needs `low > 0`, or neither a positive `low` nor a `high`. Default false. */
  readonly log?: boolean;
}

const realRules: Rules<RealOptions> = { low: aNumber, high: aNumber, log: flag, ...perturbationRules };

/**
 * A real hyperparameter that starts at `start`.
 *
 * ```ts
 * createSpace({ dropout: real(0.05, { low: 0, high: 0.95 }), decay: real(1e-4, { log: true }) });
 * ```
 *
 * @throws {HypertrainError} for a start outside the range, an empty range, or one without a meaning on a log scale, and for an option that it does not have, or of another type.
 */
export function real(
  start: number,
  options?: RealOptions & { readonly shape?: never },
): RealHyper<readonly []>;
export function real<const S extends readonly number[]>(start: number, options: RealOptions<S>): RealHyper<S>;
export function real(start: number, options: RealOptions = {}): RealHyper {
  demandGiven("real", { start }, { start: aNumber });
  return demandPossible("real()", realRecord(start, ownOptions("real", options, realRules)));
}

/** What {@link real} makes, of which nobody has looked whether it is possible: `createSpace` does, and tells it by its name. */
export const realRecord = (start: number, { low, high, log = false, ...rest }: RealOptions): RealHyper =>
  Object.freeze({
    kind: "real",
    start,
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
    log,
    ...perturbationOf(rest),
  });
