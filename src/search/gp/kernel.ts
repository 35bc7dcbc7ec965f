/**
 * What a Gaussian process asks of its covariance function k(x, x').
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | d      | number of inputs | |
 * | X, P   | rows of inputs: observed, and where to predict; row-major | [n, d], [m, d] |
 * | theta  | log parameters of the process, see `parameters.ts`; a kernel does not read the noise | [k + 2] |
 * | K      | K_ij = k(x_i, x_j) | [n, n] |
 * | W      | weights of a sum over K | [n, n] |
 */

/**
 * A family of covariance functions of `dimensions` inputs. Its members are told apart by theta, which comes with every call, so
 * that a kernel holds no state.
 *
 * Arrays come back new and flat, row-major. Shapes are trusted: `posterior.ts` and `fit.ts` check them.
 */
export interface Kernel {
  /** Name for messages. */
  readonly name: string;
  /** Number of inputs, d. */
  readonly dimensions: number;
  /** Number of length scales, k: 1, or d with automatic relevance determination. */
  readonly lengthScales: number;
  /** K of the rows of X, without noise; both triangles. [n, n] */
  covariance(theta: Float64Array, inputs: Float64Array): Float64Array;
  /** k of every row of P with every row of X. [m, n] */
  crossCovariance(theta: Float64Array, points: Float64Array, inputs: Float64Array): Float64Array;
  /** k(x, x), the same for every x. */
  variance(theta: Float64Array): number;
  /**
   * sum_ij W_ij dK_ij / dtheta, for a symmetric W of which the lower triangle is read: the derivative of a function of K whose
   * derivative by K is W. Without the noise. [k + 1]
   *
   * So the derivatives of K, k + 1 matrices, are never stored.
   */
  parameterGradient(theta: Float64Array, inputs: Float64Array, weights: Float64Array): Float64Array;
  /** Row i is dk(p, x_i) / dp, for one point p. [n, d] */
  inputGradient(theta: Float64Array, point: Float64Array, inputs: Float64Array): Float64Array;
}

/** The settings of a kernel that are not fitted. */
export interface KernelOptions {
  /**
   * `"ard"`: one length scale an input, so that inputs which do not matter can be told by long scales; the default.
   * `"isotropic"`: one for all; for few points, or inputs on one scale.
   */
  readonly lengthScales?: "ard" | "isotropic";
}
