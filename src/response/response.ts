import type { numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import type { Layer, Layers } from "../nn/layer.ts";
import type { HostTree } from "../util/host-array.ts";
import type { RandomKey } from "../util/random.ts";
import { objectWith } from "../util/rule.ts";

/**
 * A model of the best response: how the weights that minimise the training loss move with the hyperparameters.
 *
 * Every response is affine in its input h, with w(0) = w0: `w(h) = w0 + Θ h`. What h means (λ + ε for a plain STN, the
 * distance from the current λ for the centred ones) is the tuner's business.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | h  | input of the response: unconstrained hyperparameters or their displacement | [rows, size]; rows = 1: all examples share it |
 * | w0 | base weights, `params` | a tree |
 * | Θ  | the response's Jacobian, stored in the form of each model | a tree |
 */
export interface Response {
  readonly name: string;
  /** Whether it has one set of weights for all examples of a minibatch, so that they must share every perturbation. Default false. */
  readonly perMinibatch?: boolean;
  /**
   * Initial response parameters with Θ = 0.
   *
   * @param layers those that the parameters belong to; none for an opaque tree
   * @param params the initial base weights
   * @param size the number of unconstrained hyperparameters
   */
  init(layers: readonly Layer[], params: HostTree, size: number, key: RandomKey): HostTree;
  /** The layers at w0 + Θ h. The arrays stay the caller's; the layers only borrow them. */
  layers(params: ArrayTree, response: ArrayTree, h: np.Array): Layers;
}

/** What a response must be. */
export const aResponse = objectWith<Response>("a response, such as factored or lowRank(10)", {
  name: "string",
  init: "function",
  layers: "function",
});
