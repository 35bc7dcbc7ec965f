import { numpy as np } from "@jax-js/jax";

/**
 * The mean over all elements, or along some axes. Consumes its argument.
 *
 * Not jax-js's own: its jit (0.1.25) rounds 1/n to float32 in float64 programs. Here it is a constant of the values' own type.
 */
export function mean(values: np.Array, axis?: number | number[]): np.Array {
  const axes = axis === undefined ? [...values.shape.keys()] : [axis].flat();
  const count = axes.reduce((product, i) => product * (values.shape.at(i) as number), 1);
  const share = np.array(1 / count, { dtype: values.dtype });
  return values.sum(axis ?? null).mul(share);
}
