import type { RandomKey } from "../util/random.ts";
import { randomPoint } from "./coordinates.ts";
import { SOBOL_DIMENSIONS, scrambledSobolPoint } from "./sobol.ts";

/** Point `index` of an even cover of the unit cube: scrambled Sobol points, or random ones where there are too many dimensions. */
export const coverPoint = (key: RandomKey, index: number, dimensions: number): Float64Array =>
  (dimensions <= SOBOL_DIMENSIONS ? scrambledSobolPoint : randomPoint)(key, index, dimensions);
