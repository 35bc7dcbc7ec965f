import { numpy as np } from "@jax-js/jax";

import { HostArray } from "../util/host-array.ts";
import { randomUniform, type RandomKey } from "../util/random.ts";

/** The parameters of `y = x W + b`; weight: [inputs, outputs], bias: [outputs]. */
export type LinearParams = { weight: np.Array; bias: np.Array };

/** `x W + b` for x: [rows, inputs]. Borrows the parameters, consumes x. */
export const linear = ({ weight, bias }: LinearParams, x: np.Array): np.Array =>
  np.matmul(x, weight.ref).add(bias.ref); // [rows, outputs]

/** The sum of the squared weights, the bias left out: []. Borrows the parameters. */
export const squaredWeights = ({ weight }: LinearParams): np.Array => np.square(weight.ref).sum();

/**
 * Initial parameters as PyTorch's `nn.Linear` draws them: Kaiming-uniform with a = sqrt 5, which is uniform on
 * ±1/sqrt(inputs) for the weight and for the bias.
 */
export function initLinear(
  key: RandomKey,
  inputs: number,
  outputs: number,
): { weight: HostArray; bias: HostArray } {
  const bound = 1 / Math.sqrt(inputs);
  return {
    weight: uniformWithin(bound, randomUniform(key, 0, inputs * outputs), [inputs, outputs]),
    bias: uniformWithin(bound, randomUniform(key, 1, outputs), [outputs]),
  };
}

const uniformWithin = (bound: number, uniforms: Float32Array, shape: readonly number[]): HostArray =>
  new HostArray(
    uniforms.map((u) => (2 * u - 1) * bound),
    shape,
  );
