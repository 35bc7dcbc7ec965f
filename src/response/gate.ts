import { numpy as np } from "@jax-js/jax";

import { onOutputs, outputsOf, type Layer, type LayerParams } from "../nn/layer.ts";
import { hostZeros, type HostArray } from "../util/host-array.ts";
import { amounts, initGain, sumOfOutputs } from "./gain.ts";
import { layerwise } from "./layerwise.ts";
import type { Response } from "./response.ts";

/**
 * A learned gain for each output of a layer: the factored response with the weights themselves for its directions, and so without a
 * second set of weights. A step of Delta-STN costs six forward passes of the network instead of eight.
 *
 * | symbol | meaning | shape | here |
 * |---|---|---|---|
 * | h   | input of the response | [rows, size] | `h` |
 * | G_w | relative change of each output's weights | [size, 1, …, outputs, …, 1] | `weightGain` |
 * | G_b | change of each bias   | [size, outputs] | `biasGain` |
 * | g   | 1 + h G_w             | [rows, outputs] | |
 *
 *     W(h) = g * W0,   b(h) = b0 + h G_b,   y = g * map(W0, x) + b(h).
 *
 * Exact where the best response only scales the outputs of each layer, as that of a two-layer linear network to a weight decay.
 */
export const gate: Response = layerwise<GateParams>("gate", {
  init: (_, layer, size) => initGate(layer, size),
  apply(layer, { weight, bias }, { weightGain, biasGain }, h, x) {
    const plain = layer.map(weight, x);
    const y = plain.ref.mul(onOutputs(layer, amounts(h, weightGain).add(1), plain));
    plain.dispose();
    return bias && biasGain ? y.add(onOutputs(layer, bias.ref.add(amounts(h, biasGain)), y)) : y;
  },
  squaredNorm({ weight }, { weightGain }, h) {
    const squares = sumOfOutputs(np.square(weight.ref), weightGain); // [outputs]
    return np.square(amounts(h, weightGain).add(1)).mul(squares).sum(1); // [rows]
  },
  moved: gated,
});

type GateParams<Leaf = np.Array> = { readonly weightGain: Leaf; readonly biasGain?: Leaf };

const initGate = (layer: Layer, size: number): GateParams<HostArray> => ({
  weightGain: initGain(layer, size),
  ...(layer.bias && { biasGain: hostZeros([size, outputsOf(layer)]) }),
});

/** The weights at one h: [1, size] in full. */
function gated(
  { weight, bias }: LayerParams,
  { weightGain, biasGain }: GateParams,
  h: np.Array,
): LayerParams {
  const moved = weight.ref.mul(amounts(h, weightGain).reshape(weightGain.shape.slice(1)).add(1));
  return bias && biasGain
    ? { weight: moved, bias: bias.ref.add(amounts(h, biasGain).reshape([-1])) }
    : { weight: moved };
}
