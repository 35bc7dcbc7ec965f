import { numpy as np } from "@jax-js/jax";

import { paramsOf, parametersOf, type Layer, type Layers } from "../nn/layer.ts";
import type { Network } from "../nn/network.ts";
import type { Effect, PenaltyTerm } from "./effects/effect.ts";

/** What is computed for one kind of penalty on weights. */
export interface WeightPenalty {
  readonly name: string;
  readonly about: string;
  /** Whether even one weight for all needs the weights themselves, not their squared norm alone. */
  readonly readsWeights: boolean;
  /** Whether it is twice differentiable in the weights. */
  readonly smooth: boolean;
  /** Whether it is ½ λ Σ w². */
  readonly decays: boolean;
  /** With one hyperparameter for the weights of layers: [] or [rows]. */
  shared(at: Layers, layers: readonly Layer[], weight: np.Array): np.Array;
  /** With one for each of the weights and biases, in one vector. */
  each(weights: np.Array, weight: np.Array): np.Array;
}

/** The effect of a penalty on weights: `NAME`, `NAME.LAYER` and `NAME.each`. */
export const weightPenalty = ({
  name,
  about,
  readsWeights,
  smooth,
  decays,
  shared,
  each,
}: WeightPenalty): Effect => ({
  ...{ name, about },
  natural: { low: 0, high: Infinity },
  range: { log: true }, // a perturbation of scale 1 is a factor of e
  places: (network) => penalisedLayers(network).map((layer) => layer.name),
  names: (network) => [
    name,
    ...penalisedLayers(network).map((layer) => `${name}.${layer.name}`),
    `${name}.each`,
  ],
  nowhere: (network) => `something of the network, but ${network.name} has no such layer; leave it out`,
  penalty(network, hyper) {
    const part = hyper.split(".")[1];
    if (part === "each") {
      const value: PenaltyTerm["value"] = (at, weight) => each(flatParameters(at, network), weight);
      return { hyper, readsWeights: true, smooth, decays, value };
    }
    const layers = penalisedLayers(network).filter((layer) => part === undefined || part === layer.name);
    return { hyper, readsWeights, smooth, decays, value: (at, weight) => shared(at, layers, weight) };
  },
});

/** The layers that penalties are about: all but those that scale what is normalised, and those that do not respond. */
const penalisedLayers = ({ layers }: Network): readonly Layer[] =>
  layers.filter(({ scales, responds = true }) => !scales && responds);

/** The number of weights of a network with its biases: the size of `l2.each`. */
export const parameterCount = (network: Network): number =>
  network.layers.reduce((sum, layer) => sum + parametersOf(layer), 0);

/** All weights of layers in one vector, in the order of the layers. */
export function flatWeights(at: Layers, layers: readonly Layer[]): np.Array {
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
