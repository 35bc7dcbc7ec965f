import { tree, type numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { linear, squaredWeights, type LinearParams } from "./linear.ts";

/** What a network needs to know of one of its layers before any array exists. */
export interface LayerSpec {
  readonly name: string;
  readonly kind: "linear";
  readonly inputs: number;
  readonly outputs: number;
}

/**
 * The parameterised layers that a network is written over.
 *
 * A network never touches its weights itself: it asks for `layers.linear("fc1", x)`. So the same network runs on plain
 * weights ({@link plainLayers}) and on weights that respond to the hyperparameters (`response/`), one response per example.
 * The arrays behind the layers are borrowed: calls leave them alive. Arguments are consumed.
 */
export interface Layers {
  /** `y = x W + b` of the layer `name`; x: [rows, inputs], y: [rows, outputs]. */
  linear(name: string, x: np.Array): np.Array;
  /** The sum of a layer's squared weights without its bias: [] for plain weights, [rows] with one response per example. */
  squaredNorm(name: string): np.Array;
  /**
   * All parameters as one tree, for losses and penalties that need the numbers themselves.
   *
   * @throws {HypertrainError} where every example has its own weights: perturb the hyperparameters per minibatch there.
   */
  params(): ArrayTree;
}

/** Layers whose weights are the given ones. */
export function plainLayers(params: ArrayTree): Layers {
  const layer = (name: string) => (params as Record<string, LinearParams>)[name] as LinearParams;
  return {
    linear: (name, x) => linear(layer(name), x),
    squaredNorm: (name) => squaredWeights(layer(name)),
    params: () => tree.ref(params),
  };
}
