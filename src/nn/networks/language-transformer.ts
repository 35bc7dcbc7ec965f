import type { Network } from "../network.ts";
import { sequential } from "../sequential.ts";
import { ownOptions } from "../../util/given.ts";
import { count, needed, positive } from "../../util/rule.ts";
import { widthBy } from "./named.ts";
import { featuresOf, transformerBlocks } from "./transformer.ts";

/** What a causal transformer is made for. */
export interface LanguageTransformerOptions {
  /** Tokens of an example, of which each sees itself and those before it. */
  readonly steps: number;
  /** The number of different tokens. */
  readonly words: number;
  /** Factor on its 64 features; default 1. */
  readonly width?: number;
}

/**
 * A small causal transformer for texts: an embedding and learned positions, two blocks of attention in four heads and of a hidden layer, each behind a
 * normalisation and beside a residual connection, and the embedding's weight once more as the decoder. Places of dropout: `embedding` (the same at all
 * steps), `attention1`, `hidden1`, `attention2` and `hidden2`. Unlike an LSTM it hands nothing from one row of tokens to the next.
 *
 * @see Radford et al., "Improving language understanding by generative pre-training", 2018
 */
export function languageTransformer(options: LanguageTransformerOptions): Network {
  const rules = { steps: needed(count), words: needed(count), width: positive };
  const { steps, words, width = 1 } = ownOptions("transformer", options, rules);
  const features = featuresOf(widthBy(width));
  return sequential({
    ...{ name: "transformer", input: [steps], outputs: words, perStep: true },
    layers: [
      { layer: "embedding", name: "embedding", outputs: features },
      { layer: "positions" },
      { layer: "sequence-dropout", name: "embedding" },
      ...transformerBlocks(features, true),
      { layer: "layer-norm" },
      { layer: "tied-linear", name: "decoder" },
    ],
  });
}
