import { numpy as np } from "@jax-js/jax";

/** The first `units` of y: [rows, units before], with zeros where it has fewer: [rows, units]. Consumes y. */
export function fitted(y: np.Array, units: number): np.Array {
  const before = y.shape[1] as number;
  if (before >= units) return before === units ? y : y.slice([], [0, units]);
  return np.pad(y, [
    [0, 0],
    [0, units - before],
  ]);
}
