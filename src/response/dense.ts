import { numpy as np } from "@jax-js/jax";

import { linear, squaredWeights, type LinearParams } from "../nn/linear.ts";
import type { ArrayTree } from "../engine/engine.ts";
import { mapArrays } from "../engine/transform.ts";
import { hostZeros, mapTree } from "../util/host-array.ts";
import type { Response } from "./response.ts";
import { sharedInput } from "./shared-input.ts";

/**
 * The dense affine response: every parameter has its own derivative for every hyperparameter, Θ: [size, ...shape] for a leaf of
 * `shape`.
 *
 * Exact where the best response is affine, at any perturbation width; it takes `size` times the parameters' memory and work,
 * so use it for small models, opaque parameter trees and few hyperparameters. Per example it serves linear layers only.
 */
export const dense: Response = {
  name: "dense",
  init: (params, size) => mapTree(params, ({ shape }) => hostZeros([size, ...shape])),
  layers(params, response, h) {
    const of = (name: string): readonly [LinearParams, LinearParams] => [
      (params as Record<string, LinearParams>)[name] as LinearParams,
      (response as Record<string, LinearParams>)[name] as LinearParams,
    ];
    return {
      linear: (name, x) => denseLinear(...of(name), h, x),
      squaredNorm: (name) => denseSquaredWeights(...of(name), h),
      params: () => {
        sharedInput(h);
        return shifted(params, response, h);
      },
    };
  },
};

/** `y = x W0 + b0 + Σ_j h_j (x Θ_j + β_j)`; each example has its own h. Consumes x. */
function denseLinear(
  params: LinearParams,
  { weight, bias }: LinearParams,
  h: np.Array,
  x: np.Array,
): np.Array {
  const [size, inputs, outputs] = weight.shape as [number, number, number];
  const flat = weight.ref.transpose([1, 0, 2]).reshape([inputs, size * outputs]);
  const each = np.matmul(x.ref, flat).reshape([-1, size, outputs]); // [rows, size, outputs]
  const along = each.mul(h.ref.reshape([h.shape[0] as number, size, 1])).sum(1); // [rows, outputs]
  return linear(params, x).add(along).add(np.matmul(h.ref, bias.ref));
}

/** `|W0 + Σ_j h_j Θ_j|²` = |W0|² + 2 h·c + h' C h with c_j = <W0, Θ_j>, C_jk = <Θ_j, Θ_k>: [rows]. */
function denseSquaredWeights(params: LinearParams, { weight }: LinearParams, h: np.Array): np.Array {
  const size = weight.shape[0] as number;
  const flat = weight.ref.reshape([size, -1]);
  const cross = np.matmul(flat.ref, params.weight.ref.reshape([-1])); // [size]
  const gram = np.matmul(flat.ref, flat.transpose()); // [size, size]
  const quadratic = np.matmul(h.ref, gram).add(cross.mul(2)).mul(h.ref).sum(1); // [rows]
  return squaredWeights(params).add(quadratic);
}

/** w0 + Θ h for every leaf, h: [1, size]. Borrows. */
function shifted(params: ArrayTree, response: ArrayTree, h: np.Array): ArrayTree {
  const size = h.shape[1] as number;
  const shift = (base: np.Array, theta: np.Array) =>
    base.ref.add(np.matmul(h.ref, theta.ref.reshape([size, -1])).reshape([...base.shape]));
  return mapArrays((base, theta) => shift(base, theta as np.Array), params, response);
}
