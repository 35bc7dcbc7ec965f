import { numpy as np } from "@jax-js/jax";

import { demandGiven } from "../util/given.ts";
import { anArray } from "./an-array.ts";

/**
 * Inverted dropout with a rate per example: keeps an element where its uniform draw reaches the rate, scales by 1/(1 - rate).
 *
 * @param x [rows, ...features], consumed
 * @param rate the probability of dropping, in [0, 1): [rows], [1] or []
 * @param uniform draws on [0, 1) in a shape that is broadcast against x: of its own for elements, [rows, channels, 1, 1] for channels
 * @throws {HypertrainError} for what is no array of jax-js.
 */
export function dropout(x: np.Array, rate: np.Array, uniform: np.Array): np.Array {
  demandGiven("dropout", { x, rate, uniform }, { x: anArray, rate: anArray, uniform: anArray });
  const perRow =
    rate.ndim === 0 ? rate : rate.reshape([rate.shape[0] as number, ...x.shape.slice(1).map(() => 1)]);
  const kept = np.greaterEqual(uniform, perRow.ref).astype(x.dtype);
  return x.mul(kept.div(np.subtract(1, perRow))); // of channels, the factor is smaller than x
}
