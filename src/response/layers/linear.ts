import { numpy as np } from "@jax-js/jax";

import { initLinear, linear, squaredWeights, type LinearParams } from "../../nn/linear.ts";
import type { HostArray } from "../../util/host-array.ts";
import { hostZeros } from "../../util/host-array.ts";
import type { RandomKey } from "../../util/random.ts";

/**
 * The factored response of a linear layer (MacKay et al. 2019, section 3.2): the rows of W belonging to one output move along
 * a learned direction, by an amount that is linear in h.
 *
 * | symbol | meaning | shape | here |
 * |---|---|---|---|
 * | h     | input of the response                       | [rows, size]      | `h` |
 * | G_w   | amount for each output, weights             | [size, outputs]   | `weightGain` |
 * | V     | direction of the weights                    | [inputs, outputs] | `weightDirection` |
 * | G_b, v | the same for the bias                      | [size, outputs], [outputs] | `biasGain`, `biasDirection` |
 *
 * `W(h) = W0 + V diag(h G_w)`, `b(h) = b0 + (h G_b) * v`.
 */
export type LinearResponse = {
  weightGain: np.Array;
  weightDirection: np.Array;
  biasGain: np.Array;
  biasDirection: np.Array;
};

/** G = 0, so that training starts from the plain network; V and v as a layer's own weights. */
export function initLinearResponse(
  key: RandomKey,
  size: number,
  inputs: number,
  outputs: number,
): Record<keyof LinearResponse, HostArray> {
  const { weight, bias } = initLinear(key, inputs, outputs);
  return {
    weightGain: hostZeros([size, outputs]),
    weightDirection: weight,
    biasGain: hostZeros([size, outputs]),
    biasDirection: bias,
  };
}

/** `x W0 + b0 + (h G_w) * (x V) + (h G_b) * v`: one response per example without making its weights. Consumes x. */
export function respondingLinear(
  params: LinearParams,
  response: LinearResponse,
  h: np.Array,
  x: np.Array,
): np.Array {
  const along = np.matmul(x.ref, response.weightDirection.ref).mul(np.matmul(h.ref, response.weightGain.ref));
  const shift = np.matmul(h.ref, response.biasGain.ref.mul(response.biasDirection.ref)); // (h G_b) * v, on smaller arrays
  return linear(params, x).add(along).add(shift); // [rows, outputs]
}

/**
 * `|W(h)|²` = |W0|² + 2 Σ_o g_o <W0_o, V_o> + Σ_o g_o² |V_o|² with g = h G_w: [rows].
 */
export function respondingSquaredWeights(
  params: LinearParams,
  response: LinearResponse,
  h: np.Array,
): np.Array {
  const { weight } = params;
  const { weightDirection: direction, weightGain } = response;
  const gain = np.matmul(h.ref, weightGain.ref); // [rows, outputs]
  const cross = weight.ref.mul(direction.ref).sum(0); // [outputs]
  const length = np.square(direction.ref).sum(0); // [outputs]
  return squaredWeights(params).add(cross.mul(2).add(length.mul(gain.ref)).mul(gain).sum(1)); // [rows]
}

/** The weights at one h [1, size] in full. */
export function respondedParams(params: LinearParams, response: LinearResponse, h: np.Array): LinearParams {
  const along = np.matmul(h.ref, response.weightGain.ref); // [1, outputs]
  const shift = np.matmul(h.ref, response.biasGain.ref).reshape([-1]); // [outputs]
  return {
    weight: params.weight.ref.add(along.mul(response.weightDirection.ref)),
    bias: params.bias.ref.add(shift.mul(response.biasDirection.ref)),
  };
}
