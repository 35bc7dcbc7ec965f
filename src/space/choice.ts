import { ownOptions } from "../util/given.ts";
import { anything, listOf, needed } from "../util/rule.ts";
import { demandPossible } from "./validate.ts";
import type { ChoiceHyper, ChoiceValue } from "./values.ts";

/** What a choice can be. */
export interface ChoiceOptions<T extends ChoiceValue> {
  /** Texts, finite numbers, true or false, all different. */
  readonly options: readonly T[];
}

/**
 * A hyperparameter that takes one of `options`, without order, starting at `start`.
 *
 * It has no derivative: samplers and `smash` search it, methods that follow a gradient refuse it. Programs see the index of the
 * option.
 *
 * ```ts
 * createSpace({ activation: choice("relu", { options: ["relu", "tanh"] }) });
 * ```
 *
 * @throws {HypertrainError} without options, for one that it cannot have or has twice, and for a start that is none of them.
 */
export function choice<const T extends ChoiceValue>(
  start: NoInfer<T>,
  choices: ChoiceOptions<T>,
): ChoiceHyper<T> {
  const { options } = ownOptions<ChoiceOptions<ChoiceValue>>("choice", choices, {
    options: needed(listOf(anything)),
  });
  return demandPossible("choice()", choiceRecord(start as T, options as readonly T[])); // as they were given
}

/** What {@link choice} makes, of which nobody has looked whether it is possible: `createSpace` does, and tells it by its name. */
export const choiceRecord = <T extends ChoiceValue>(start: T, options: readonly T[]): ChoiceHyper<T> =>
  Object.freeze({ kind: "choice", options: Object.freeze([...options]), start });
