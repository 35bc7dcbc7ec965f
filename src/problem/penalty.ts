import { numpy as np } from "@jax-js/jax";

import { paramsOf, parametersOf, type Layer, type Layers } from "../nn/layer.ts";
import type { Network } from "../nn/network.ts";

/** One penalty on the weights, with one hyperparameter as its weight. Biases are left out, except where each has its own. */
export interface PenaltyTerm {
  readonly hyper: string;
  /** Whether it needs the weights themselves, so that one set must serve the whole minibatch. */
  readonly readsWeights: boolean;
  /** The penalty [] or [rows] at the hyperparameter's values, [rows] or [1, weights], which it consumes. */
  value(layers: Layers, weight: np.Array): np.Array;
}

/** The penalties that a network's hyperparameter names ask for: `l2`, `l2.LAYER`, `l2.each`, and the same with `l1`. */
export const penaltyTerms = (network: Network, hypers: readonly string[]): PenaltyTerm[] =>
  hypers.flatMap((hyper): PenaltyTerm[] => {
    const [kind, part] = hyper.split(".") as [string, string | undefined];
    const layers = penalisedLayers(network).filter(({ name }) => part === undefined || part === name);
    if (part === "each") {
      const term = eachWeight[kind];
      return term
        ? [{ hyper, readsWeights: true, value: (at, weight) => term(flatParameters(at, network), weight) }]
        : [];
    }
    const term = sharedWeight[kind];
    return term
      ? [{ hyper, readsWeights: kind === "l1", value: (at, weight) => term(at, layers, weight) }]
      : [];
  });

/** The layers that `l2` and `l1` are about: all but those that scale what is normalised. */
export const penalisedLayers = ({ layers }: Network): readonly Layer[] =>
  layers.filter(({ scales }) => !scales);

/** The number of weights of a network with its biases: the size of `l2.each`. */
export const parameterCount = (network: Network): number =>
  network.layers.reduce((sum, layer) => sum + parametersOf(layer), 0);

type SharedPenalty = (at: Layers, layers: readonly Layer[], weight: np.Array) => np.Array;

const sharedWeight: Readonly<Record<string, SharedPenalty>> = {
  /** ½ λ Σ w² */
  l2: (at, layers, weight) =>
    layers
      .map((layer) => at.squaredNorm(layer))
      .reduce((a, b) => a.add(b))
      .mul(weight)
      .mul(0.5),
  /** λ Σ |w| */
  l1: (at, layers, weight) => np.absolute(flatWeights(at, layers)).sum().mul(weight),
};

const eachWeight: Readonly<Record<string, (weights: np.Array, weight: np.Array) => np.Array>> = {
  /** ½ Σ λ_i w_i² */
  l2: (weights, weight) => np.square(weights).mul(weight).sum(-1).mul(0.5),
  /** Σ λ_i |w_i| */
  l1: (weights, weight) => np.absolute(weights).mul(weight).sum(-1),
};

/** All weights of layers in one vector, in the order of the layers. */
function flatWeights(at: Layers, layers: readonly Layer[]): np.Array {
  const params = at.params();
  return np.concatenate(layers.map((layer) => paramsOf(params, layer).weight.ref.reshape([-1]))); // [weights]
}

/** All weights and biases of a network in one vector: layer after layer, each one's weight and then its bias. */
function flatParameters(at: Layers, network: Network): np.Array {
  const params = at.params();
  const parts = network.layers.flatMap((layer) => {
    const { weight, bias } = paramsOf(params, layer);
    return bias ? [weight.ref.reshape([-1]), bias.ref] : [weight.ref.reshape([-1])];
  });
  return np.concatenate(parts); // [parameters]
}
