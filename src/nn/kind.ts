import type { numpy as np } from "@jax-js/jax";

import type { CarriedLeaf } from "./carried.ts";
import type { Layer, Layers } from "./layer.ts";
import type { ApplyEffect, EffectPlace } from "./network.ts";
import type { Option, Options, Values } from "./option.ts";
import type { RowState } from "./row-states.ts";
import { ownOptions } from "../util/given.ts";
import { functionOf, named, needed, text, type Rules } from "../util/rule.ts";

/**
 * A kind of step that {@link sequential} networks are made of: a kind of layer with parameters, a pooling, an activation, a dropout.
 * `nn/kinds/` has a file for each, `nn/kinds.ts` lists them.
 */
export interface Kind<O extends Options = Options> {
  /** One sentence without a full stop, for documentation. */
  readonly about: string;
  readonly options: O;
  /** What its layers are called without a name of their own, before their number; absent where it has none. */
  readonly prefix?: string;
  /** What an input must be, where `shape` is not: the end of a sentence. */
  misfit?(shape: readonly number[], options: Values<O>, place: StepPlace): string | undefined;
  /** A step for examples of a shape that fits. */
  step(shape: readonly number[], options: Values<O>, place: StepPlace): Step;
}

/** Where a step stands in its network. */
export interface StepPlace {
  /** Its own name; of a dropout without one that of the layer before, or `input`. */
  readonly name: string;
  /** The step in words, for sentences. */
  readonly title: string;
  /** The number of the network's outputs. */
  readonly outputs: number;
  /** Whether each step of a sequence has outputs of its own, for which it may not see the steps behind it. */
  readonly perStep: boolean;
  /**
   * Steps of its own, for examples of a shape, which its {@link Step} then lists.
   *
   * @param beside others of its own before these, whose names are taken
   */
  inside(layers: readonly unknown[], shape: readonly number[], beside?: readonly Step[]): readonly Step[];
  /** The layers before it. */
  readonly layers: readonly Layer[];
}

/** One step of a network. */
export interface Step {
  /** The shape of an example behind it. */
  readonly shape: readonly number[];
  /** Its parameters, if it has any. */
  readonly layer?: Layer;
  /** Where a hyperparameter may act on what it passes on, if it may. */
  readonly place?: EffectPlace;
  /** What training carries for it from step to step. */
  readonly carried?: readonly CarriedLeaf[];
  /** What each row hands to the row behind it, where rows follow each other. */
  readonly rowStates?: readonly RowState[];
  /** Numbers of one example that training keeps of it for its derivatives, beside those behind steps with parameters. */
  readonly kept?: number;
  /** Its name among those of its prefix, which a network gives it. */
  readonly called?: string;
  /** Where it stands in its network, in words, which the network gives it. */
  readonly title?: string;
  /** The steps that it is made of. */
  readonly inner?: readonly Step[];
  /** Consumes x: [rows, ...]. */
  apply(x: np.Array, layers: Layers, act: ApplyEffect): np.Array;
}

/** A step and all that it is made of, in their order. */
export const wholeOf = (step: Step): readonly Step[] => [step, ...(step.inner ?? []).flatMap(wholeOf)];

/** A kind, with the types of its options looked at where it is defined. @throws {HypertrainError} for what a kind does not have. */
export const kind = <const O extends Readonly<Record<string, Option<unknown>>>>(
  definition: Kind<O>,
): Kind<O> => ownOptions<Kind<never>>("kind", definition as Kind<never>, kindRules) as unknown as Kind<O>; // the same

const kindRules: Rules<Kind<never>> = {
  ...{ about: needed(text), options: needed(named("options")), prefix: text },
  ...{ misfit: functionOf("of a shape"), step: needed(functionOf("of a shape")) },
};
