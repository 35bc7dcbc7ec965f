import type { numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import type { HostTree } from "../util/host-array.ts";
import type { RandomKey } from "../util/random.ts";
import type { ActivationName } from "./activation.ts";
import type { CarriedLeaf } from "./carried.ts";
import type { Layer, Layers } from "./layer.ts";
import type { RowState } from "./row-states.ts";
import { objectWith } from "../util/rule.ts";

/** A point in a network where a hyperparameter may act on an array, for example by dropping elements. */
export interface EffectPlace {
  readonly name: string;
  /** The shape of one draw, of one example unless examples share it. */
  readonly shape: readonly number[];
  /** The kind of hyperparameter, by its name; default `dropout`. */
  readonly effect?: string;
  /** Whether each example has a draw of its own or all share one, which then has a leading axis of 1; default `example`. */
  readonly per?: "example" | "minibatch";
}

/** What a network asks its {@link ApplyEffect} for at a place: the name, with the effect's before it where that is not dropout. */
export const placeKey = ({ name, effect = "dropout" }: Pick<EffectPlace, "name" | "effect">): string =>
  effect === "dropout" ? name : `${effect}.${name}`;

/** The places of one kind of hyperparameter. */
export const placesOf = ({ places }: Pick<Network, "places">, kind: string): readonly EffectPlace[] =>
  places.filter(({ effect = "dropout" }) => effect === kind);

/** Lets the effect of a place act on x, such as dropout, by its `placeKey`, or returns x itself where that place has no hyperparameter. Consumes x. */
export type ApplyEffect = (place: string, x: np.Array) => np.Array;

/** A network of steps in words, as JSON holds it. */
export interface NetworkDescription {
  readonly name: string;
  readonly input: readonly number[];
  readonly outputs: number;
  readonly perStep?: boolean;
  readonly layers: readonly { readonly layer: string }[];
}

/** A model as a pure function over {@link Layers}: no weights, no hyperparameters, no randomness of its own. */
export interface Network {
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly places: readonly EffectPlace[];
  /** What training carries from step to step beside the parameters; absent where that is nothing. */
  readonly carried?: readonly CarriedLeaf[];
  /** What each row hands to the row behind it, where rows follow each other as windows of a text do; absent where that is nothing. */
  readonly rowStates?: readonly RowState[];
  /** Numbers of one example that training keeps for its derivatives, at the least; absent where nobody counted. */
  readonly kept?: number;
  /** The network in words, from which `sequential` makes it; absent where it is none of those. */
  readonly description?: NetworkDescription;
  /** Where its layers stand in the description, in words, by their names: `layer 3 (residual), layer 1 (linear "fc1")`. */
  readonly titles?: Readonly<Record<string, string>>;
  /** The parameters: one record per layer, by its name. */
  init(key: RandomKey): HostTree;
  /** The outputs [rows, outputs] for inputs x [rows, ...]. Consumes x. */
  apply(layers: Layers, x: np.Array, act: ApplyEffect): np.Array;
  /**
   * The same network with parts of its hidden layers (all layers but the last) left open, by the layers' names. Absent where its
   * architecture cannot be searched.
   */
  opened?(parts: Readonly<Record<string, OpenLayer>>): Supernetwork;
}

/** What a network must be. */
export const aNetwork = objectWith<Network>("a network, such as mlp({ … })", {
  name: "string",
  layers: "object",
  init: "function",
  apply: "function",
});

/** What is open of one hidden layer; what is absent is as in the network that was opened. */
export interface OpenLayer {
  /** The largest number of units. */
  readonly width?: number;
  /** What its activation may be. */
  readonly activation?: readonly ActivationName[];
  /** Whether it may have a residual connection. */
  readonly skip?: boolean;
}

/** What an architecture has for one hidden layer, where that is open. */
export interface LayerChoice {
  readonly width?: number;
  readonly activation?: ActivationName;
  readonly skip?: boolean;
}

/** The same inside programs, [rows] or [1] each: the units n, the index a, the switch s. */
export interface LayerChoiceArrays {
  readonly width?: np.Array;
  readonly activation?: np.Array;
  readonly skip?: np.Array;
}

/** Something for each hidden layer, by its name; layers that are not open may be left out. */
export type ByLayer<T> = Readonly<Record<string, T>>;

/** A network whose architecture is an argument. */
export interface Supernetwork {
  /** The largest of its networks, whose layers and places are its own. */
  readonly largest: Network;
  /** The outputs [rows, outputs] of an architecture. Consumes x, borrows the choices. */
  apply(layers: Layers, x: np.Array, act: ApplyEffect, choices: ByLayer<LayerChoiceArrays>): np.Array;
  /** The parameters, with 0 where an architecture ([1] each) has none. Consumes them, borrows the choices. */
  masked(params: ArrayTree, choices: ByLayer<LayerChoiceArrays>): ArrayTree;
  /** The network of an architecture alone. */
  plain(choices: ByLayer<LayerChoice>): Network;
  /** The initial parameters of the plain network, with 0 elsewhere. */
  init(key: RandomKey, choices: ByLayer<LayerChoice>): HostTree;
  /** Those of the parameters that the plain network has. */
  cropped(params: HostTree, choices: ByLayer<LayerChoice>): HostTree;
}
