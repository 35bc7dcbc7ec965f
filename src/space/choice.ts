/** What a choice can be. */
export type ChoiceValue = string | number | boolean;

/** A hyperparameter that takes one of several values; see {@link choice}. */
export interface ChoiceHyper {
  readonly kind: "choice";
  readonly options: readonly ChoiceValue[];
  readonly start: ChoiceValue;
}

/**
 * A hyperparameter that takes one of `options`, without order, starting at `start`; `createSpace` checks it.
 *
 * It has no derivative: samplers and `smash` search it, methods that follow a gradient refuse it. Programs see the index of the
 * option.
 *
 * ```ts
 * createSpace({ activation: choice(["relu", "tanh"], "relu") });
 * ```
 */
export const choice = (options: readonly ChoiceValue[], start: ChoiceValue): ChoiceHyper =>
  Object.freeze({ kind: "choice", options: Object.freeze([...options]), start });
