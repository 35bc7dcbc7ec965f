import { numpy as np } from "@jax-js/jax";

import { ownOptions } from "../../util/given.ts";
import * as rule from "../../util/rule.ts";
import { kind } from "../kind.ts";
import type { Layer } from "../layer.ts";
import { placeKey, type ApplyEffect, type EffectPlace } from "../network.ts";
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
 *
 * @throws {HypertrainError} for a size that is no positive integer, or an option that is none of these.
 */
export function embedding(options: EmbeddingOptions): Layer {
  const { name, words, outputs } = ownOptions("embedding", options, {
    name: rule.needed(rule.text),
    ...{ words: rule.needed(rule.count), outputs: rule.needed(rule.count) },
  });
  return {
    name,
    kind: "embedding",
    weight: { shape: [words, outputs], outputAxis: 1, fanIn: words, bound: 0.1 },
    bias: false,
    outputsLast: true,
    map: (weight, x) => np.take(weight.ref, x, 0), // [rows, ..., outputs]
  };
}

/** 0 for each word that is dropped, else what the others are scaled by, [1 or rows, words]; nothing where none may be. */
function factorsOf(place: EffectPlace, act: ApplyEffect, { dtype }: np.Array): np.Array | undefined {
  const ones = np.ones([1, ...place.shape], { dtype });
  const factors = act(placeKey(place), ones);
  if (factors !== ones) return factors;
  ones.dispose();
  return undefined;
}

/** The step `embedding`. */
export const embeddingKind = kind({
  about:
    "a vector of `outputs` numbers for every word of a sequence; without `words` as many words as the data ask for",
  options: { outputs: count(), words: optional(count()) },
  prefix: "embedding",
  misfit: ({ length }) => (length === 1 ? undefined : "a sequence of words, of which each is one number"),
  step(shape, { outputs, words }, place) {
    const layer = embedding({ name: place.name, words: words ?? place.outputs, outputs });
    const dropped: EffectPlace = {
      ...{ name: place.name, effect: "dropout-embedding", per: "minibatch" },
      shape: [layer.weight.shape[0] as number],
    };
    return {
      ...{ shape: [...shape, outputs], layer, place: dropped },
      apply(x, layers, act) {
        const vectors = layers.apply(layer, x.ref);
        const factors = factorsOf(dropped, act, vectors);
        if (!factors) {
          x.dispose();
          return vectors;
        }
        const ofWords =
          factors.shape[0] === 1 ? np.take(factors.reshape([-1]), x) : np.takeAlongAxis(factors, x, 1);
        return vectors.mul(ofWords.reshape([...vectors.shape.slice(0, -1), 1]));
      },
    };
  },
});
