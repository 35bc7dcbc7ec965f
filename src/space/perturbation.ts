import { flag, listOf, oneOf, type ValueRule, type Rules } from "../util/rule.ts";

/** How many draws a minibatch takes: one per example, or one for all of it. */
export type PerturbationSharing = "example" | "minibatch";

/** How a response method perturbs a hyperparameter; other methods ignore it. */
export interface Perturbation<S extends readonly number[] = readonly number[]> {
  /** Standard deviation at the start, in unconstrained space; positive. */
  readonly scale: number;
  /** Whether the method may change that standard deviation. */
  readonly tuneScale: boolean;
  /** `minibatch` is for losses that have no cheap form with weights that differ by example, such as an L1 penalty. */
  readonly perturb: PerturbationSharing;
  /** `[]` for one hyperparameter, `[n]` for n of them that share range and start; row-major. */
  readonly shape: S;
}

/** What a hyperparameter's factory accepts of {@link Perturbation}: scale 1, tuned, per example and scalar by default. */
export type PerturbationOptions<S extends readonly number[] = readonly number[]> = Partial<Perturbation<S>>;

/** A number, of which `createSpace` says by the hyperparameter's name what else must hold. */
export const aNumber: ValueRule<number> = { must: "a number", holds: (value) => typeof value === "number" };

/** What {@link PerturbationOptions} must be. */
export const perturbationRules = {
  ...{ scale: aNumber, tuneScale: flag, perturb: oneOf("example", "minibatch"), shape: listOf(aNumber) },
} satisfies Rules<PerturbationOptions>;

/** Fills the defaults of {@link PerturbationOptions}. */
export const perturbationOf = ({
  scale = 1,
  tuneScale = true,
  perturb = "example",
  shape = [],
}: PerturbationOptions): Perturbation => ({ scale, tuneScale, perturb, shape: Object.freeze([...shape]) });
