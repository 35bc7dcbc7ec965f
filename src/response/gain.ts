import { numpy as np } from "@jax-js/jax";

import type { Layer } from "../nn/layer.ts";
import { hostZeros, type HostArray } from "../util/host-array.ts";

/*
 * Gains G: for each hyperparameter and each output of a layer, how far the weights of that output move. They are kept in a shape that is
 * broadcast against the weight's, [size, 1, …, outputs, …, 1].
 */

/** Gains of 0. */
export const initGain = ({ weight: { shape, outputAxis } }: Layer, size: number): HostArray =>
  hostZeros([size, ...shape.map((length, axis) => (axis === outputAxis ? length : 1))]);

/** h G: [rows, outputs]. Borrows. */
export const amounts = (h: np.Array, gain: np.Array): np.Array =>
  np.matmul(h.ref, gain.ndim === 2 ? gain.ref : gain.ref.reshape([gain.shape[0] as number, -1]));

/** The sum over all weights of each output: [outputs]. Consumes the weights, looks at the gain. */
export function sumOfOutputs(weights: np.Array, gain: np.Array): np.Array {
  const others = gain.shape.slice(1).flatMap((length, axis) => (length === 1 ? [axis] : []));
  return weights.sum(others).reshape([-1]);
}
