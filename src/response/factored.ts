import { numpy as np } from "@jax-js/jax";

import { HostArray, hostZeros } from "../util/host-array.ts";
import { drawLayer, onOutputs, outputsOf, squaredSum, type Layer, type LayerParams } from "../nn/layer.ts";
import type { RandomKey } from "../util/random.ts";
import { amounts, initGain, sumOfOutputs } from "./gain.ts";
import { layerwise } from "./layerwise.ts";
import type { Response } from "./response.ts";

/**
 * The factored response of a layered network: in every layer the weights of each output move along a learned direction, by an amount
 * that is linear in h. Cheap enough for one response per example: about twice the plain network's work.
 *
 * | symbol | meaning | shape | here |
 * |---|---|---|---|
 * | h      | input of the response                 | [rows, size]        | `h` |
 * | V      | direction of the weights              | the weight's        | `weightDirection` |
 * | G_w    | amount for each output, weights       | [size, 1, …, outputs, …, 1], outputs on the weight's axis of outputs | `weightGain` |
 * | v, G_b | the same for the bias                 | [outputs], [size, outputs] | `biasDirection`, `biasGain` |
 * | g      | h G_w                                 | [rows, outputs]     | `gain` |
 *
 *     W(h) = W0 + (h G_w) * V,   b(h) = b0 + (h G_b) * v,   y = map(W0, x) + g * map(V, x) + b(h).
 *
 * The last form makes no example's weights. Use it for networks; where one direction per output is too poor, use `dense` or `lowRank`.
 *
 * @see MacKay, Vicol, Lorraine, Duvenaud, Grosse, "Self-tuning networks", 2019, https://arxiv.org/abs/1903.03088, section 3.2
 */
export const factored: Response = layerwise<FactoredParams>("factored", {
  init: initResponse,
  apply: applied,
  squaredNorm: squaredWeights,
  moved: shifted,
});

type FactoredParams<Leaf = np.Array> = {
  readonly weightGain: Leaf;
  readonly weightDirection: Leaf;
  readonly biasGain?: Leaf;
  readonly biasDirection?: Leaf;
};

/** G = 0, so that training starts from the plain network; V and v are drawn as a layer's own weights, but for biases of 0, with which G_b would never move. */
function initResponse(key: RandomKey, layer: Layer, size: number): FactoredParams<HostArray> {
  const { weight, bias } = drawLayer(key, layer);
  const { deviation } = layer.weight;
  return {
    weightGain: initGain(layer, size),
    weightDirection: weight,
    ...(bias && {
      biasGain: hostZeros([size, outputsOf(layer)]),
      biasDirection:
        deviation === undefined
          ? bias
          : new HostArray(
              bias.data.map(() => BIAS_DIRECTION),
              bias.shape,
            ),
    }),
  };
}

/** v where biases start at 0, as in the authors' VGG16. */
const BIAS_DIRECTION = 0.001;

/** The layer's outputs with one response for each row of h. Consumes x. */
function applied(
  layer: Layer,
  params: LayerParams,
  { weightGain, weightDirection, biasGain, biasDirection }: FactoredParams,
  h: np.Array,
  x: np.Array,
): np.Array {
  const along = layer.map(weightDirection, x.ref);
  const moved = along.ref.mul(onOutputs(layer, amounts(h, weightGain), along));
  const y = layer.map(params.weight, x).add(moved);
  along.dispose();
  if (!params.bias || !biasGain || !biasDirection) return y;
  const shift = np.matmul(h.ref, biasGain.ref.mul(biasDirection.ref)); // (h G_b) * v: [rows, outputs]
  return y.add(onOutputs(layer, params.bias.ref.add(shift), y)); // on small arrays
}

/** `|W(h)|²` = |W0|² + Σ_o (2 <W0_o, V_o> + |V_o|² g_o) g_o: [rows]. */
function squaredWeights(
  { weight }: LayerParams,
  { weightGain, weightDirection: direction }: FactoredParams,
  h: np.Array,
): np.Array {
  const cross = sumOfOutputs(weight.ref.mul(direction.ref), weightGain); // [outputs]
  const length = sumOfOutputs(np.square(direction.ref), weightGain); // [outputs]
  const gain = amounts(h, weightGain);
  return squaredSum(weight).add(cross.mul(2).add(length.mul(gain.ref)).mul(gain).sum(1));
}

/** The weights at one h: [1, size] in full. */
function shifted(
  { weight, bias }: LayerParams,
  { weightGain, weightDirection, biasGain, biasDirection }: FactoredParams,
  h: np.Array,
): LayerParams {
  const gain = amounts(h, weightGain).reshape(weightGain.shape.slice(1));
  const moved = weight.ref.add(gain.mul(weightDirection.ref));
  if (!bias || !biasGain || !biasDirection) return { weight: moved };
  const shift = amounts(h, biasGain).reshape([-1]); // [outputs]
  return { weight: moved, bias: bias.ref.add(shift.mul(biasDirection.ref)) };
}
