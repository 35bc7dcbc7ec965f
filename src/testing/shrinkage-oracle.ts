/**
 * Closed forms of ridge regression where the columns of the training and of the validation inputs are orthonormal: all that
 * a penalty does is to shrink the weights of least squares.
 *
 * | symbol | meaning | name |
 * |---|---|---|
 * | v | weights of least squares, X'y | |
 * | c | the same for validation, X_V'y_V | |
 * | κ | factor on v | shrinkage |
 * | λ | logarithm of the penalty's weight | `lambda` |
 *
 * w*(λ) = sigmoid(-λ) v. The validation loss of κ v is least at κ* = <v, c> / |v|², so at λ* = log(1/κ* - 1).
 */
import type { LinearData } from "../problem/ridge.ts";
import { dot, transposedTimes } from "./linear-algebra.ts";
import { penaltyMoments } from "./ridge-oracle.ts";

/**
 * κ*, the factor on the weights of least squares that validation asks for.
 *
 * @throws if it is not between 0 and 1: then no penalty reaches it.
 */
export function optimalShrinkage(train: LinearData, valid: LinearData): number {
  const v = transposedTimes(train.x, train.y);
  const best = dot(v, transposedTimes(valid.x, valid.y)) / dot(v, v);
  if (!(best > 0 && best < 1))
    throw new Error(`internal: the best shrinkage is ${best}, not between 0 and 1`);
  return best;
}

/** λ*, the logarithm of the optimal penalty. */
export const optimalLambda = (train: LinearData, valid: LinearData): number =>
  Math.log(1 / optimalShrinkage(train, valid) - 1);

/**
 * The shrinkage at λ of a self-tuning network that fits weights and response jointly, at perturbations of mean 0: the first
 * entry of [1 + m0, m1; m1, s2 + m2]^-1 [1; 0].
 */
export function jointShrinkage(lambda: number, perturbations: readonly number[]): number {
  const { m0, m1, m2, s2 } = penaltyMoments(lambda, perturbations);
  return (s2 + m2) / ((1 + m0) * (s2 + m2) - m1 * m1);
}
