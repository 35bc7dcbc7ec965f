import { grad, jvp, valueAndGrad, type numpy as np } from "@jax-js/jax";

import type { Traceable } from "../../src/engine/onnx/trace.ts";

/*
 * jax-js's transformations of functions of any number of arrays, of which their own types infer the trees.
 */

/** A function of arrays that returns one. */
export type Numeric = (...arrays: np.Array[]) => np.Array;

interface Arguments {
  readonly argnums: readonly number[];
}

/** The gradients of a number by some of the arguments. */
export const gradientsOf = (f: Numeric, ...argnums: number[]): Traceable =>
  (grad as unknown as (f: Numeric, by: Arguments) => Traceable)(f, { argnums });

/** A number and its gradients by some of the arguments. */
export const withGradients = (
  f: Numeric,
  ...argnums: number[]
): ((...at: np.Array[]) => [value: np.Array, gradients: np.Array[]]) =>
  (valueAndGrad as unknown as (f: Numeric, by: Arguments) => ReturnType<typeof withGradients>)(f, {
    argnums,
  });

/** The value and its derivative in a direction. */
export const derivative = jvp as unknown as (
  f: Numeric,
  at: readonly np.Array[],
  direction: readonly np.Array[],
) => [value: np.Array, derivative: np.Array];
