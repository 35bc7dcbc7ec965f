/**
 * Closed forms of the lasso where X'X = n I, for the loss (1/n) |X w - y|² + λ Σ |w|.
 *
 * Then the weights part: w_j = soft(b_j, λ/2) with b = X'y / n, the soft threshold soft(v, t) = sign(v) max(|v| - t, 0).
 */
import type { LinearData } from "../problem/ridge.ts";
import { times, transposedTimes } from "./linear-algebra.ts";

/** sign(v) max(|v| - t, 0). */
export const softThreshold = (v: number, t: number): number => Math.sign(v) * Math.max(Math.abs(v) - t, 0);

/** w*(λ), where the columns of X are orthogonal and of squared length n. */
export const lassoWeights = ({ x, y }: LinearData, weight: number): number[] =>
  transposedTimes(x, y).map((b) => softThreshold(b / y.length, weight / 2));

/** (1/n) |X w - y|². */
export const meanSquaredError = ({ x, y }: LinearData, w: readonly number[]): number =>
  times(x, w).reduce((sum, prediction, i) => sum + (prediction - (y[i] as number)) ** 2, 0) / y.length;
