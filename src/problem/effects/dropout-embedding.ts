import { dropoutRate } from "./dropout-rate.ts";
import type { Effect } from "./effect.ts";
import { atPlaces } from "./places.ts";

/**
 * Dropout of whole words: all occurrences of a word in a minibatch are dropped or none, for the embedding and its response alike (Gal and
 * Ghahramani 2016).
 */
export const dropoutEmbeddingEffect: Effect = {
  name: "dropout-embedding",
  about: "the rate at which whole words are dropped from an embedding",
  ...dropoutRate,
  ...atPlaces("dropout-embedding"),
  nowhere: (network) => `an embedding, but ${network.name} has none; leave it out`,
};
