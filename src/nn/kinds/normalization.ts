import { numpy as np } from "@jax-js/jax";

import { sizeOf } from "../../util/host-array.ts";
import { kind } from "../kind.ts";
import type { Layer } from "../layer.ts";
import { mean } from "../mean.ts";
import { count } from "../option.ts";
import { gained } from "./gain.ts";

/** The size of a group normalisation. */
export interface GroupNormOptions {
  readonly name: string;
  /** Channels, or features of a vector. */
  readonly outputs: number;
  /** How many groups of channels are normalised apart. */
  readonly groups: number;
}

/**
 * Group normalisation, `y = γ x̂ + β` for x: [rows, outputs, ...]: x̂ has the mean 0 and the variance 1 over every group of each example.
 * It is linear in its weight γ, which starts at 1, and so responds as every other layer. Unlike those of batch normalisation, its
 * statistics are each example's own, at its own hyperparameters.
 *
 * @see Wu and He, "Group normalization", 2018, https://arxiv.org/abs/1803.08494
 */
const groupNorm = ({ name, outputs, groups }: GroupNormOptions): Layer => ({
  name,
  kind: "group-norm",
  weight: { shape: [outputs], outputAxis: 0, fanIn: 1 },
  bias: true,
  scales: true,
  map: (weight, x) => gained(weight, normalized(x, groups)),
});

/** x with the mean 0 and the variance 1 in every group of each example. Consumes x. */
function normalized(x: np.Array, groups: number): np.Array {
  const { shape } = x;
  const rows = shape[0] as number;
  const centred = center(x.reshape([rows, groups, -1]));
  const variance = mean(np.square(centred.ref), 2).reshape([rows, groups, 1]);
  return centred.div(np.sqrt(variance.add(EPSILON))).reshape([...shape]);
}

function center(x: np.Array): np.Array {
  const means = mean(x.ref, 2).reshape([...x.shape.slice(0, 2), 1]);
  return x.sub(means);
}

/** Layer normalisation of x: [rows, steps, features] at every step. */
const sequenceNorm = (name: string, features: number): Layer => ({
  ...{ name, kind: "layer-norm", bias: true, scales: true, outputsLast: true },
  weight: { shape: [features], outputAxis: 0, fanIn: 1 },
  map(weight, x) {
    const [rows, steps] = x.shape as [number, number];
    const normal = normalized(x.reshape([rows * steps, features]), 1).reshape([rows, steps, features, 1]);
    return normal.mul(weight.ref.reshape([features, -1])).reshape([rows, steps, -1]); // [rows, steps, features]
  },
});

const EPSILON = 1e-5; // PyTorch's

/** The step `group-norm`. */
export const groupNormKind = kind({
  about: "group normalisation over `groups` groups of channels, with a gain and a shift for each channel",
  options: { groups: count() },
  prefix: "norm",
  misfit(shape, { groups }) {
    const [channels = 0] = shape;
    if (shape.length === 2) return "a vector or an image; for sequences there is layer-norm";
    if (channels % groups !== 0) return `channels that ${groups} groups divide`;
    return sizeOf(shape) > groups ? undefined : "more than one number in each group, to normalise these";
  },
  step(shape, { groups }, { name }) {
    const layer = groupNorm({ name, groups, outputs: shape[0] as number });
    return { shape, layer, apply: (x, layers) => layers.apply(layer, x) };
  },
});

/** The step `layer-norm`. */
export const layerNormKind = kind({
  about:
    "layer normalisation of a vector, of a sequence at every step, with a gain and a shift for each feature",
  options: {},
  prefix: "norm",
  misfit(shape) {
    if (shape.length > 2) return "a vector or a sequence; for images there is group-norm";
    return shape.at(-1) === 1 ? "more than one feature, to normalise these" : undefined;
  },
  step(shape, _, { name }) {
    if (shape.length === 2) {
      const layer = sequenceNorm(name, shape[1] as number);
      return { shape, layer, apply: (x, layers) => layers.apply(layer, x) };
    }
    const layer = { ...groupNorm({ name, groups: 1, outputs: shape[0] as number }), kind: "layer-norm" };
    return { shape, layer, apply: (x, layers) => layers.apply(layer, x) };
  },
});
