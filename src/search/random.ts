import { streamKey } from "../util/random.ts";
import { coordinatesOf, fromPoint, randomPoint } from "./coordinates.ts";
import type { Sampler } from "./sampler.ts";
import { ownOptions } from "../util/given.ts";

/**
 * Random search (Bergstra and Bengio, "Random search for hyper-parameter optimization", 2012): every trial independent and uniform
 * on the ranges, or on their logarithms on a log scale.
 *
 * The baseline that others must beat, and hard to beat when many trials run at once. It may repeat points of a small discrete space;
 * for an even cover take `quasiRandom`. It has no options; the seed is the search's.
 *
 * @throws {HypertrainError} for an option.
 */
export function random(options: Readonly<Record<never, never>> = {}): Sampler {
  ownOptions("random", options, {});
  return {
    name: "random",
    severalObjectives: true,
    suggest: ({ space, seed, number }) =>
      fromPoint(space, randomPoint(streamKey(seed, "random search"), number, coordinatesOf(space).length)),
  };
}
