import { numpy as np } from "@jax-js/jax";

import type { Layers } from "../nn/layer.ts";
import type { LinearParams } from "../nn/linear.ts";
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
    const layers = network.layers
      .map(({ name }) => name)
      .filter((name) => part === undefined || part === name);
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

/** The number of weights of a network with its biases: the size of `l2.each`. */
export const parameterCount = (network: Network): number =>
  network.layers.reduce((sum, { inputs, outputs }) => sum + (inputs + 1) * outputs, 0);

type SharedPenalty = (layers: Layers, names: readonly string[], weight: np.Array) => np.Array;

const sharedWeight: Readonly<Record<string, SharedPenalty>> = {
  /** ½ λ Σ w² */
  l2: (layers, names, weight) =>
    names
      .map((name) => layers.squaredNorm(name))
      .reduce((a, b) => a.add(b))
      .mul(weight)
      .mul(0.5),
  /** λ Σ |w| */
  l1: (layers, names, weight) => np.absolute(flatWeights(layers, names)).sum().mul(weight),
};

const eachWeight: Readonly<Record<string, (weights: np.Array, weight: np.Array) => np.Array>> = {
  /** ½ Σ λ_i w_i² */
  l2: (weights, weight) => np.square(weights).mul(weight).sum(-1).mul(0.5),
  /** Σ λ_i |w_i| */
  l1: (weights, weight) => np.absolute(weights).mul(weight).sum(-1),
};

/** All weights of the named layers in one vector, in the order of the layers. */
function flatWeights(layers: Layers, names: readonly string[]): np.Array {
  const params = layers.params() as Record<string, LinearParams>;
  const parts = names.map((name) => (params[name] as LinearParams).weight.ref.reshape([-1]));
  return np.concatenate(parts); // [weights]
}

/** All weights and biases of a network in one vector: layer after layer, each one's weight and then its bias. */
function flatParameters(layers: Layers, network: Network): np.Array {
  const params = layers.params() as Record<string, LinearParams>;
  const parts = network.layers.flatMap(({ name }) => {
    const { weight, bias } = params[name] as LinearParams;
    return [weight.ref.reshape([-1]), bias.ref];
  });
  return np.concatenate(parts); // [parameters]
}
