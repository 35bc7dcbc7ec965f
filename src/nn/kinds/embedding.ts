import { numpy as np } from "@jax-js/jax";

import { kind } from "../kind.ts";
import type { Layer } from "../layer.ts";
import { count, optional } from "../option.ts";

/** The size of an embedding. */
export interface EmbeddingOptions {
  readonly name: string;
  /** The number of words, or of other tokens. */
  readonly words: number;
  /** The length of a word's vector. */
  readonly outputs: number;
}

/**
 * A vector for every word, x: [rows, ...] int32 from 0 to words - 1, W: [words, outputs], y: [rows, ..., outputs]. Its response has one amount for
 * each element of the vectors, not for each word.
 */
export const embedding = ({ name, words, outputs }: EmbeddingOptions): Layer => ({
  name,
  kind: "embedding",
  weight: { shape: [words, outputs], outputAxis: 1, fanIn: words, bound: 0.1 },
  bias: false,
  outputsLast: true,
  map: (weight, x) => np.take(weight.ref, x, 0), // [rows, ..., outputs]
});

/** The step `embedding`. */
export const embeddingKind = kind({
  about:
    "a vector of `outputs` numbers for every word of a sequence; without `words` as many words as the data ask for",
  options: { outputs: count(), words: optional(count()) },
  prefix: "embedding",
  misfit: ({ length }) => (length === 1 ? undefined : "a sequence of words, of which each is one number"),
  step(shape, { outputs, words }, place) {
    const layer = embedding({ name: place.name, words: words ?? place.outputs, outputs });
    return { shape: [...shape, outputs], layer, apply: (x, layers) => layers.apply(layer, x) };
  },
});
