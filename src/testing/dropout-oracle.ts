/**
 * Closed forms of linear regression with dropout on its inputs.
 *
 * | symbol | meaning | name |
 * |---|---|---|
 * | p | dropout rate of every input | `rate` |
 * | G, D | X'X and its diagonal | |
 *
 * A kept input is scaled by 1/(1 - p), so that over all masks E |X_mask w - y|² = |X w - y|² + p/(1 - p) w'D w, and
 * w*(p) = (G + p/(1 - p) D)^-1 X'y.
 */
import type { LinearData } from "../problem/ridge.ts";
import { gram, solve, transposedTimes } from "./linear-algebra.ts";

/** w*(p). */
export function dropoutWeights({ x, y }: LinearData, rate: number): number[] {
  const odds = rate / (1 - rate);
  const system = gram(x).map((row, i) => row.map((v, j) => (i === j ? v * (1 + odds) : v)));
  return solve(system, transposedTimes(x, y));
}

/**
 * Draws on [0, 1) for the dropout of `levels`² copies of an example, `features` each, as even as can be: every column holds the
 * levels (k + offset) / levels equally often, and every two columns hold every pair of levels once.
 *
 * So the masks of two inputs are uncorrelated exactly, which is all that a squared loss sees, and at a rate of a whole number
 * of levels the mean over the copies is the expectation.
 *
 * @param levels a prime number, not below `features`
 * @param offset on [0, 1): where in its level a draw lies
 */
export const evenUniforms = (levels: number, features: number, offset = 0.5): number[][] =>
  Array.from({ length: levels * levels }, (_, copy) =>
    Array.from({ length: features }, (_, j) => {
      const level = (Math.floor(copy / levels) + j * (copy % levels)) % levels;
      return (level + offset) / levels;
    }),
  );
