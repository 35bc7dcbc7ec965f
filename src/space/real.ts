import { perturbationOf, type Perturbation, type PerturbationOptions } from "./perturbation.ts";

/** A real hyperparameter; see {@link real}. */
export interface RealHyper<S extends readonly number[] = readonly number[]> extends Perturbation<S> {
  readonly kind: "real";
  readonly start: number;
  readonly low?: number;
  readonly high?: number;
  readonly log: boolean;
}

/** The range of a real hyperparameter, in natural units, and how it is perturbed. */
export interface RealOptions<S extends readonly number[] = readonly number[]> extends PerturbationOptions<S> {
  /** Values stay above; default unbounded. */
  readonly low?: number;
  /** Values stay below; default unbounded. */
  readonly high?: number;
  /** Whether equal steps are equal ratios; needs `low > 0`, or neither a positive `low` nor a `high`. Default false. */
  readonly log?: boolean;
}

/**
 * A real hyperparameter that starts at `start`; `createSpace` checks it.
 *
 * ```ts
 * createSpace({ dropout: real(0.05, { low: 0, high: 0.95 }), decay: real(1e-4, { log: true }) });
 * ```
 */
export function real(
  start: number,
  options?: RealOptions & { readonly shape?: never },
): RealHyper<readonly []>;
export function real<const S extends readonly number[]>(start: number, options: RealOptions<S>): RealHyper<S>;
export function real(start: number, { low, high, log = false, ...rest }: RealOptions = {}): RealHyper {
  return Object.freeze({
    kind: "real",
    start,
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
    log,
    ...perturbationOf(rest),
  });
}
