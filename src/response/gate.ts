import { numpy as np } from "@jax-js/jax";

import { onOutputs, outputsOf, paramsOf, type Layer, type LayerParams } from "../nn/layer.ts";
import { hostZeros, type HostArray } from "../util/host-array.ts";
import { amounts, initGain, sumOfOutputs } from "./gain.ts";
import type { Response } from "./response.ts";
import { demandLayers } from "./demand-layers.ts";
import { sharedInput } from "./shared-input.ts";

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
export const gate: Response = {
  name: "gate",
  init(layers, params, size) {
    demandLayers("gate", layers, params);
    return Object.fromEntries(layers.map((layer) => [layer.name, initGate(layer, size)]));
  },
  layers: (params, response, h) => {
    const of = (layer: Pick<Layer, "name">) =>
      [paramsOf(params, layer), paramsOf<GateParams>(response, layer)] as const;
    return {
      apply(layer, x) {
        const [{ weight, bias }, { weightGain, biasGain }] = of(layer);
        const plain = layer.map(weight, x);
        const y = plain.ref.mul(onOutputs(amounts(h, weightGain).add(1), plain));
        plain.dispose();
        return bias && biasGain ? y.add(onOutputs(bias.ref.add(amounts(h, biasGain)), y)) : y;
      },
      squaredNorm(layer) {
        const [{ weight }, { weightGain }] = of(layer);
        const squares = sumOfOutputs(np.square(weight.ref), weightGain); // [outputs]
        return np.square(amounts(h, weightGain).add(1)).mul(squares).sum(1); // [rows]
      },
      params: () => {
        sharedInput(h);
        return Object.fromEntries(Object.keys(params).map((name) => [name, gated(...of({ name }), h)]));
      },
    };
  },
};

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
