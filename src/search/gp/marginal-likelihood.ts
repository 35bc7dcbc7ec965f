/**
 * The probability density of the targets under a Gaussian process, the function integrated out (Rasmussen and Williams 2006,
 * equations 2.30 and 5.9).
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | y      | targets, around 0 | [n] |
 * | K      | covariance of the targets: k(x_i, x_j), and the noise v on the diagonal | [n, n] |
 * | alpha  | K^-1 y | [n] |
 * | W      | d log p / dK = (alpha alpha' - K^-1) / 2 | [n, n] |
 *
 *     log p(y | X, theta) = -(y' alpha + log det K + n log 2 pi) / 2
 *     its derivative      = tr(W dK / dtheta);  by log v, where dK / dlog v = v I, it is v tr W
 */
import { cholesky, inverse, logDeterminant, solve } from "./cholesky.ts";
import type { Kernel } from "./kernel.ts";
import type { Observations } from "./observations.ts";
import { noiseOf } from "./parameters.ts";

/** A log density and its gradient by theta. */
export interface MarginalLikelihood {
  /** log p(y | X, theta). */
  readonly value: number;
  /** By log a, every log l and log v. [k + 2] */
  readonly gradient: Float64Array;
}

/**
 * The log marginal likelihood of targets around 0, and its gradient in the log parameters. O(n^3 + n^2 d).
 *
 * @throws {HypertrainError} if the covariance matrix is not positive definite.
 */
export function marginalLikelihood(
  { inputs, targets }: Observations,
  kernel: Kernel,
  theta: Float64Array,
): MarginalLikelihood {
  const n = targets.length;
  const noise = noiseOf(theta);
  const factor = cholesky(noisyCovariance(kernel, theta, inputs), n);
  const alpha = solve(factor, targets);
  const fit = targets.reduce((sum, y, i) => sum + y * (alpha[i] as number), 0);
  const weights = inverse(factor); // becomes W
  let trace = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      weights[i * n + j] = ((alpha[i] as number) * (alpha[j] as number) - (weights[i * n + j] as number)) / 2;
    }
    trace += weights[i * n + i] as number;
  }
  const gradient = new Float64Array(theta.length);
  gradient.set(kernel.parameterGradient(theta, inputs, weights));
  gradient[theta.length - 1] = noise * trace;
  return { value: -(fit + logDeterminant(factor) + n * Math.log(2 * Math.PI)) / 2, gradient };
}

/** K: the covariance of noisy targets. [n, n] */
export function noisyCovariance(kernel: Kernel, theta: Float64Array, inputs: Float64Array): Float64Array {
  const covariance = kernel.covariance(theta, inputs);
  const noise = noiseOf(theta);
  const n = Math.sqrt(covariance.length);
  for (let i = 0; i < n; i++) covariance[i * n + i] = (covariance[i * n + i] as number) + noise;
  return covariance;
}
