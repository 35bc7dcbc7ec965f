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
    const features = HEADS * wide(FEATURES / HEADS);
    return [
      ...sequenceOf(options.input, features),
      ...[1, 2].flatMap((i) => block(i, features)),
      { layer: "layer-norm" },
      { layer: "sequence-mean" },
      { layer: "linear" },
    ];
  });

const FEATURES = 64;
const HEADS = 4;

function sequenceOf(input: readonly number[], features: number): StepConfig[] {
  if (input.length !== 3) return [{ layer: "feature-tokens", units: features }];
  const patch = [4, 2].find((side) => input.slice(1).every((length) => length % side === 0 && length > side));
  return [
    { layer: "conv2d", name: "patches", channels: features, kernel: patch ?? 1, stride: patch ?? 1 },
    { layer: "image-to-sequence" },
    { layer: "positions" },
  ];
}

const block = (i: number, features: number): StepConfig[] => [
  {
    layer: "residual",
    layers: [
      { layer: "layer-norm" },
      { layer: "attention", heads: HEADS },
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
