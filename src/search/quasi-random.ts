import { streamKey } from "../util/random.ts";
import { coordinatesOf, fromPoint } from "./coordinates.ts";
import type { Sampler } from "./sampler.ts";
import { scrambledSobolPoint } from "./sobol.ts";
import { ownOptions } from "../util/given.ts";

/**
 * Quasi-random search: Sobol's sequence, scrambled by the seed. Trial i is its point i, so that the first 2^k trials of a study cover
 * every range, and many ranges together, more evenly than random ones.
 *
 * For when all trials run at once, and for the first look at a space. At most 128 numbers to choose. It has no options.
 *
 * @throws {HypertrainError} for an option.
 */
export function quasiRandom(options: Readonly<Record<never, never>> = {}): Sampler {
  ownOptions("quasiRandom", options, {});
  return {
    name: "quasi-random",
    severalObjectives: true,
    suggest: ({ space, seed, number }) =>
      fromPoint(
        space,
        scrambledSobolPoint(streamKey(seed, "quasi-random search"), number, coordinatesOf(space).length),
      ),
  };
}
