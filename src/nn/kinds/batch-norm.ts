import { numpy as np } from "@jax-js/jax";

import { workError } from "../../util/error.ts";
import { sizeOf } from "../../util/host-array.ts";
import { kind } from "../kind.ts";
import type { Layer, Layers } from "../layer.ts";
import { mean } from "../mean.ts";
import { gained } from "./gain.ts";

/**
 * The gain and the shift of a batch normalisation, `y = γ x̂ + β` with x̂: [rows, outputs, ...] normalised already: see {@link batchNormKind}.
 */
const batchScale = (name: string, outputs: number): Layer => ({
  name,
  kind: "batch-norm",
  weight: { shape: [outputs], outputAxis: 0, fanIn: 1 },
  bias: true,
  scales: true,
  map: gained,
});

/**
 * The step `batch-norm`, `y = γ x̂ + β`.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | m, v | mean and variance of each channel, over the minibatch and all places | [outputs] |
 * | x̂    | (x - m) / sqrt(v + 1e-5) | [rows, outputs, ...] |
 *
 * γ and β respond to the hyperparameters as every layer's weights do. In training m and v are those of the minibatch, and have derivatives; in evaluation they
 * are running means, which the plain half of a training step moves by a tenth of the way (PyTorch's rule, with the unbiased
 * variance). Decision 23 says which of three choices was taken.
 *
 * @see Ioffe and Szegedy, "Batch normalization", 2015, https://arxiv.org/abs/1502.03167
 */
export const batchNormKind = kind({
  about: "batch normalisation, with a gain and a shift for each channel or feature",
  options: {},
  prefix: "norm",
  misfit: ({ length }) =>
    length === 2 ? "a vector or an image; for sequences there is layer-norm" : undefined,
  step(shape, _, { name }) {
    const outputs = shape[0] as number;
    const layer = batchScale(name, outputs);
    const perRow = sizeOf(shape.slice(1));
    const statistic = (leaf: string, start: number) => ({
      ...{ layer: name, name: leaf, shape: [outputs], start, perRow, inModel: true },
    });
    return {
      ...{ shape, layer },
      carried: [statistic("mean", 0), statistic("variance", 1)],
      apply: (x, layers) => layers.apply(layer, normalized(x, name, layers)),
    };
  },
});

const EPSILON = 1e-5; // PyTorch's

/** x̂. Consumes x. */
function normalized(x: np.Array, name: string, { carry }: Layers): np.Array {
  if (!carry) throw workError(`internal: batch normalisation must find running statistics of "${name}"`);
  const along = (values: np.Array) => values.reshape([1, -1, ...x.shape.slice(2).map(() => 1)]);
  if (!carry.training) {
    const deviation = np.sqrt(carry.get(name, "variance").add(EPSILON));
    return x.sub(along(carry.get(name, "mean"))).div(along(deviation));
  }
  const means = channelMeans(x.ref);
  const centred = x.sub(along(means.ref));
  const variance = channelMeans(np.square(centred.ref));
  const count = centred.size / (centred.shape[1] as number);
  carry.average(name, "mean", means);
  carry.average(name, "variance", variance.ref.mul(count / Math.max(count - 1, 1)));
  return centred.div(along(np.sqrt(variance.add(EPSILON))));
}

/** The mean of every channel: [outputs]. Consumes x: [rows, outputs, ...]. */
const channelMeans = (x: np.Array): np.Array => {
  const places = [...x.shape.keys()].slice(2);
  return mean(places.length > 0 ? mean(x, places) : x, 0);
};
