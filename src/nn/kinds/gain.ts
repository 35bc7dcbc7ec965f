import type { numpy as np } from "@jax-js/jax";

/**
 * A gain for each output, `weight * x`, for x: [rows, outputs, ...]: what follows a normalisation. Several weights for each output, as a response
 * has them, give as many outputs for each. Borrows the weight, consumes x.
 */
export function gained(weight: np.Array, x: np.Array): np.Array {
  const [rows, outputs, ...place] = x.shape as [number, number, ...number[]];
  const each = (weight.shape[0] as number) / outputs;
  if (each === 1) return x.mul(weight.ref.reshape([outputs, ...place.map(() => 1)])); // images keep their axes
  return x
    .reshape([rows, outputs, 1, ...place])
    .mul(weight.ref.reshape([outputs, each, ...place.map(() => 1)]))
    .reshape([rows, outputs * each, ...place]);
}
