import { numpy as np } from "@jax-js/jax";

import {
  onOutputs,
  outputsOf,
  paramsOf,
  plainLayers,
  squaredSum,
  type Layer,
  type LayerParams,
} from "../nn/layer.ts";
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
 * so use it for small models, opaque parameter trees and few hyperparameters. Per example it serves layers only.
 */
export const dense: Response = {
  name: "dense",
  init: (_, params, size) => mapTree(params, ({ shape }) => hostZeros([size, ...shape])),
  layers(params, response, h) {
    return {
      apply(layer, x) {
        if (layer.responds === false) return plainLayers(params).apply(layer, x);
        const plain = plainLayers(params).apply(layer, x.ref);
        return plain.add(along(layer, paramsOf(response, layer), h, x));
      },
      base: plainLayers(params).base,
      squaredNorm: (layer) => squaredWeights(paramsOf(params, layer), paramsOf(response, layer), h),
      params: () => {
        sharedInput(h);
        return shifted(params, response, h);
      },
    };
  },
};

/** `Σ_j h_j (map(Θ_j, x) + β_j)`; each example has its own h. Consumes x. */
function along(layer: Layer, { weight, bias }: LayerParams, h: np.Array, x: np.Array): np.Array {
  const size = weight.shape[0] as number;
  const each = layer.map(withinOutputs(weight, layer.weight.outputAxis), x); // [rows, outputs * size, ...]
  const axis = layer.outputsLast ? each.ndim - 1 : 1;
  const before = each.shape.slice(0, axis);
  const behind = each.shape.slice(axis + 1);
  const amounts = h.ref.reshape([
    ...[h.shape[0] as number, ...before.slice(1).map(() => 1)],
    ...[1, size, ...behind.map(() => 1)],
  ]);
  const y = each
    .reshape([...before, outputsOf(layer), size, ...behind])
    .mul(amounts)
    .sum(axis + 1); // [rows, outputs, ...], or with the outputs last
  return bias ? y.add(onOutputs(layer, np.matmul(h.ref, bias.ref), y)) : y;
}

/** [size, ..., outputs, ...] as [..., outputs * size, ...]: `size` numbers for each output. Borrows. */
function withinOutputs(weights: np.Array, outputAxis: number): np.Array {
  const [size, ...shape] = weights.shape as [number, ...number[]];
  const order = shape.flatMap((_, axis) => (axis === outputAxis ? [axis + 1, 0] : [axis + 1]));
  return weights.ref
    .transpose(order)
    .reshape(shape.map((length, axis) => (axis === outputAxis ? length * size : length)));
}

/** `|W0 + Σ_j h_j Θ_j|²` = |W0|² + 2 h·c + h' C h with c_j = <W0, Θ_j>, C_jk = <Θ_j, Θ_k>: [rows]. */
function squaredWeights(params: LayerParams, { weight }: LayerParams, h: np.Array): np.Array {
  const size = weight.shape[0] as number;
  const flat = weight.ref.reshape([size, -1]);
  const cross = np.matmul(flat.ref, params.weight.ref.reshape([-1])); // [size]
  const gram = np.matmul(flat.ref, flat.transpose()); // [size, size]
  const quadratic = np.matmul(h.ref, gram).add(cross.mul(2)).mul(h.ref).sum(1); // [rows]
  return squaredSum(params.weight).add(quadratic);
}

/** w0 + Θ h for every leaf, h: [1, size]. Borrows. */
function shifted(params: ArrayTree, response: ArrayTree, h: np.Array): ArrayTree {
  const size = h.shape[1] as number;
  const shift = (base: np.Array, theta: np.Array) =>
    base.ref.add(np.matmul(h.ref, theta.ref.reshape([size, -1])).reshape([...base.shape]));
  return mapArrays((base, theta) => shift(base, theta), params, response);
}
