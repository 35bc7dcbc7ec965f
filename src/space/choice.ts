import { ownOptions } from "../util/given.ts";
import { anything, listOf, needed } from "../util/rule.ts";

/** What a choice can be. */
export type ChoiceValue = string | number | boolean;

/** A hyperparameter that takes one of several values; see {@link choice}. */
export interface ChoiceHyper<T extends ChoiceValue = ChoiceValue> {
  readonly kind: "choice";
  readonly options: readonly T[];
  readonly start: T;
}

/** What a choice can be. */
export interface ChoiceOptions<T extends ChoiceValue> {
  /** Texts, finite numbers, true or false, all different. */
  readonly options: readonly T[];
}

/**
 * A hyperparameter that takes one of `options`, without order, starting at `start`; `createSpace` checks it.
 *
 * It has no derivative: samplers and `smash` search it, methods that follow a gradient refuse it. Programs see the index of the
 * option.
 *
 * ```ts
 * createSpace({ activation: choice("relu", { options: ["relu", "tanh"] }) });
 * ```
 *
 * @throws {HypertrainError} without a list of options.
 */
export function choice<const T extends ChoiceValue>(
  start: NoInfer<T>,
  choices: ChoiceOptions<T>,
): ChoiceHyper<T> {
  const { options } = ownOptions<ChoiceOptions<ChoiceValue>>("choice", choices, {
    options: needed(listOf(anything)),
  });
  return Object.freeze({ kind: "choice", options: Object.freeze([...(options as readonly T[])]), start }); // as they were given
}
