import type { numpy as np } from "@jax-js/jax";

import type { Layers } from "../../nn/layer.ts";
import type { Network } from "../../nn/network.ts";
import type { NaturalRange } from "../../space/natural-range.ts";

/** The range that a name suggests where a configuration gives none; on a log scale without ends a penalty is unbounded. */
export interface SuggestedRange {
  readonly low?: number;
  readonly high?: number;
  readonly log: boolean;
  readonly discrete?: boolean;
  /** Whether it counts pixels: the ends are for images of 28 to 32 of them. */
  readonly inPixels?: true;
}

/**
 * What a kind of hyperparameter does. Its name acts everywhere, `NAME.PLACE` at one place, which wins over it, and `NAME.*` stands for one
 * hyperparameter for every place.
 */
export interface Effect {
  readonly name: string;
  /** One line, for the table in docs/effects.md. */
  readonly about: string;
  /** What the range of a hyperparameter must lie in; absent where something else checks it. */
  readonly natural?: NaturalRange;
  readonly range: SuggestedRange;
  /** Where it may act in a network. */
  places(network: Network): readonly string[];
  /** The names that a network understands; default the name alone and with each place. */
  names?(network: Network): readonly string[];
  /** What `NAME.*` must stand for and why a network has nothing of it, for a sentence. */
  nowhere(network: Network): string;
  /**
   * What it makes in training of an array that passes one of its places in the network (`EffectPlace.effect`), which it consumes with the
   * value, [rows] or [1], and the place's uniform draws.
   */
  readonly act?: (x: np.Array, value: np.Array, uniform: np.Array) => np.Array;
  /** Whether one value must serve the whole minibatch, so that all hyperparameters are perturbed once a minibatch. Default false. */
  readonly perMinibatch?: boolean;
  /** What the loss of each example gets times the value, [rows], for the array that passes one of its places in training. Consumes it. */
  readonly observe?: (x: np.Array) => np.Array;
  /** The penalty that a hyperparameter of a name asks for. */
  penalty?(network: Network, hyper: string): PenaltyTerm;
}

/** One penalty on the weights, with one hyperparameter as its weight. Biases are left out, except where each has its own. */
export interface PenaltyTerm {
  readonly hyper: string;
  /** Whether it needs the weights themselves, so that one set must serve the whole minibatch. */
  readonly readsWeights: boolean;
  /** Whether it is twice differentiable in the weights. */
  readonly smooth: boolean;
  /** Whether it is ½ λ Σ w², so that λ is what it adds to the curvature of each weight. */
  readonly decays: boolean;
  /** The penalty [] or [rows] at the hyperparameter's values, [rows] or [1, weights], which it consumes. */
  value(layers: Layers, weight: np.Array): np.Array;
}
