import { sizeOf } from "../../util/host-array.ts";
import { kind } from "../kind.ts";
import type { Layer } from "../layer.ts";
import { mean } from "../mean.ts";
import { count } from "../option.ts";

const sequenceMisfit = ({ length }: readonly number[]): string | undefined =>
  length === 2 ? undefined : "a sequence [steps, features]";

/** The step `image-to-sequence`: [channels, height, width] to [height * width, channels]. */
export const imageToSequenceKind = kind({
  about: "the places of an image as a sequence, row after row, with their channels as features",
  options: {},
  misfit: ({ length }) => (length === 3 ? undefined : "images [channels, height, width]"),
  step([channels = 0, ...sides]) {
    const steps = sizeOf(sides);
    return {
      shape: [steps, channels],
      apply: (x) => x.reshape([x.shape[0] as number, channels, steps]).transpose([0, 2, 1]),
    };
  },
});

/** The step `sequence-mean`. */
export const sequenceMeanKind = kind({
  about: "the mean of every feature over a sequence, which leaves a vector",
  options: {},
  misfit: sequenceMisfit,
  step: ([, features = 0]) => ({ shape: [features], apply: (x) => mean(x, 1) }),
});

/** The step `positions`, `y = x + P`, with a weight for every step and feature of a sequence. */
export const positionsKind = kind({
  about: "a learned number for every step and feature of a sequence, which is added to it",
  options: {},
  prefix: "positions",
  misfit: sequenceMisfit,
  step(shape, _, { name }) {
    const [, features = 1] = shape;
    const layer: Layer = {
      ...{ name, kind: "positions", bias: false },
      weight: { shape: [sizeOf(shape)], outputAxis: 0, fanIn: 1, bound: 1 / Math.sqrt(features) },
      map: (weight, x) =>
        x
          .reshape([x.shape[0] as number, -1])
          .slice([], [0, 1])
          .mul(0)
          .add(weight.ref), // [rows, steps * features]
    };
    return {
      ...{ shape, layer },
      apply: (x, layers) =>
        layers
          .apply(layer, x.ref)
          .reshape([...x.shape])
          .add(x),
    };
  },
});

/**
 * The step `feature-tokens`: a vector of n features to a sequence of n steps, `y_i = x_i w_i + b_i` with a vector w_i and b_i for each.
 *
 * @see Gorishniy et al., "Revisiting deep learning models for tabular data", 2021, https://arxiv.org/abs/2106.11959
 */
export const featureTokensKind = kind({
  about: "a vector as a sequence, each of whose numbers becomes `units` numbers of a step of its own",
  options: { units: count() },
  prefix: "tokens",
  misfit: ({ length }) => (length === 1 ? undefined : "a vector, which flatten makes"),
  step([features = 0], { units }, { name }) {
    const layer: Layer = {
      ...{ name, kind: "feature-tokens", bias: true },
      weight: { shape: [features * units], outputAxis: 0, fanIn: 1, bound: 1 / Math.sqrt(units) },
      map: (weight, x) =>
        x
          .reshape([x.shape[0] as number, features, 1])
          .mul(weight.ref.reshape([features, -1]))
          .reshape([x.shape[0] as number, -1]), // [rows, features * units]
    };
    return {
      shape: [features, units],
      layer,
      apply: (x, layers) => layers.apply(layer, x).reshape([x.shape[0] as number, features, units]),
    };
  },
});
