import type { StepConfig } from "../kinds.ts";
import type { Network } from "../network.ts";
import { namedNetwork, type NamedNetworkOptions } from "./named.ts";

/**
 * A small transformer encoder for images and tables: an image is cut into patches (4 x 4, or as large as both sides allow), of a table every column is a step
 * of its own. Two blocks of attention in four heads and of a hidden layer, each behind a normalisation and beside a
 * residual connection; the mean over all steps decides. 64 features, of which `width` makes others. Places of dropout: `attention1`, `hidden1`, `attention2` and `hidden2`.
 *
 * @see Dosovitskiy et al., "An image is worth 16x16 words", 2020, https://arxiv.org/abs/2010.11929; Gorishniy et al. 2021 for tables
 */
export const transformer = (options: NamedNetworkOptions): Network =>
  namedNetwork("transformer", options, (wide) => {
    const features = featuresOf(wide);
    return [
      ...sequenceOf(options.input, features),
      ...transformerBlocks(features),
      { layer: "layer-norm" },
      { layer: "sequence-mean" },
      { layer: "linear" },
    ];
  });

/** Features of a transformer of width 1. */
export const TRANSFORMER_FEATURES = 64;
const HEADS = 4;

/** Features that the heads divide. */
export const featuresOf = (wide: (count: number) => number): number =>
  HEADS * wide(TRANSFORMER_FEATURES / HEADS);

/** Two blocks of attention and of a hidden layer; `causal` where every step is predicted from those before it. */
export const transformerBlocks = (features: number, causal = false): StepConfig[] =>
  [1, 2].flatMap((i) => block(i, features, causal));

function sequenceOf(input: readonly number[], features: number): StepConfig[] {
  if (input.length !== 3) return [{ layer: "feature-tokens", units: features }];
  const patch = [4, 2].find((side) => input.slice(1).every((length) => length % side === 0 && length > side));
  return [
    { layer: "conv2d", name: "patches", channels: features, kernel: patch ?? 1, stride: patch ?? 1 },
    { layer: "image-to-sequence" },
    { layer: "positions" },
  ];
}

const block = (i: number, features: number, causal: boolean): StepConfig[] => [
  {
    layer: "residual",
    layers: [
      { layer: "layer-norm" },
      { layer: "attention", heads: HEADS, causal },
      { layer: "dropout", name: `attention${i}` },
    ],
  },
  {
    layer: "residual",
    layers: [
      { layer: "layer-norm" },
      { layer: "linear", outputs: 2 * features },
      { layer: "gelu" },
      { layer: "linear", outputs: features },
      { layer: "dropout", name: `hidden${i}` },
    ],
  },
];
