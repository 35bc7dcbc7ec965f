import { numpy as np } from "@jax-js/jax";

import { kind } from "../kind.ts";
import type { Layer } from "../layer.ts";

/**
 * The step `tied-linear`: z = y E' + b, E being the weight of the embedding as it is without its response (MacKay et al. 2019). Its layer is b
 * alone, which does not respond either.
 */
export const tiedLinearKind = kind({
  about:
    "a linear layer whose weight is that of the embedding, transposed, so that its outputs are the words; it does not respond",
  options: {},
  prefix: "decoder",
  misfit(shape, _, { layers }) {
    const found = layers.find(({ kind }) => kind === "embedding");
    if (!found) return "a network that begins with an embedding";
    const width = found.weight.shape[1];
    return shape.at(-1) === width ? undefined : `as many numbers as the embedding has, ${width}`;
  },
  step(shape, _, { name, layers }) {
    const embedding = layers.find(({ kind }) => kind === "embedding") as Layer;
    const [words, width] = embedding.weight.shape as [number, number];
    const layer: Layer = {
      ...{ name, kind: "tied-linear", bias: false, outputsLast: true, responds: false },
      weight: { shape: [words], outputAxis: 0, fanIn: 1, bound: 1 / Math.sqrt(width) },
      map: (weight, logits) => logits.add(weight.ref),
    };
    return {
      shape: [...shape.slice(0, -1), words],
      layer,
      apply: (y, at) => at.apply(layer, np.matmul(y, at.base(embedding).transpose())),
    };
  },
});
