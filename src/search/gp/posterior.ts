/**
 * Gaussian-process regression (Rasmussen and Williams 2006, section 2.2 and algorithm 2.1): what is known of a function after
 * noisy observations.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | X, y   | observed inputs and targets; y around 0, standardised if asked | [n, d], [n] |
 * | K, L   | covariance of the targets, noise included, and its Cholesky factor | [n, n] |
 * | alpha  | K^-1 y | [n] |
 * | c      | k(p, x_i): covariance of the function at the point p with the function at X | [n] |
 * | b      | K^-1 c | [n] |
 *
 *     mean(p)     = c' alpha                     its gradient by p: (dc / dp)' alpha
 *     variance(p) = k(p, p) - |L^-1 c|^2         its gradient by p: -2 (dc / dp)' b
 *
 * The variance is that of the function; an observation at p varies by the noise more.
 */
import { inputError } from "../../util/error.ts";
import type { FactorOf } from "./growing-factor.ts";
import { cholesky, extend, solve, solveLower, type Cholesky } from "./cholesky.ts";
import type { Kernel } from "./kernel.ts";
import { noisyCovariance } from "./marginal-likelihood.ts";
import { checkObservations, standardized, unchanged, type Observations } from "./observations.ts";
import { checkParameters, noiseOf } from "./parameters.ts";
import { joined } from "../../util/statistics.ts";

/** What is known of the function: made by {@link posterior}, read by {@link predict}. */
export interface Posterior {
  /** The covariance function. */
  readonly kernel: Kernel;
  /** Its log parameters and the noise's, in units of the targets below. [k + 2] */
  readonly theta: Float64Array;
  /** X. [n, d] */
  readonly inputs: Float64Array;
  /** y: (target - targetMean) / targetScale. [n] */
  readonly targets: Float64Array;
  /** What was taken from the targets; 0 unless standardised. */
  readonly targetMean: number;
  /** By what they were divided; 1 unless standardised. */
  readonly targetScale: number;
  /** L. */
  readonly factor: Cholesky;
  /** alpha. [n] */
  readonly weights: Float64Array;
}

/** How the targets enter a Gaussian process. */
export interface TargetOptions {
  /**
   * Whether to give the targets mean 0 and variance 1 first, and to give predictions back in the targets' own units; default false:
   * the prior mean is 0. The parameters then refer to standardised targets: a signal variance of 1 is the targets' own.
   */
  readonly standardize?: boolean;
}

/** How a posterior is made. */
export interface PosteriorOptions extends TargetOptions {
  /** Finds L, of the same kernel; default factorises anew. `growingFactor` remembers what it found before. */
  readonly factorOf?: FactorOf;
}

/** What is known of the function at m points. */
export interface PosteriorPoint {
  /** Posterior means, in the targets' units. [m] */
  readonly mean: Float64Array;
  /** Posterior variances of the function, without noise, in the targets' units squared. [m] */
  readonly variance: Float64Array;
}

/** What is known of the function at one point, and how it changes with the point. */
export interface LocalPrediction {
  /** Posterior mean. */
  readonly mean: number;
  /** Posterior variance of the function, without noise. */
  readonly variance: number;
  /** The mean's gradient by the point. [d] */
  readonly meanGradient: Float64Array;
  /** The variance's gradient by the point. [d] */
  readonly varianceGradient: Float64Array;
}

/**
 * The posterior of a Gaussian process with given parameters. O(n^3). To find the parameters, see `fit`.
 *
 *     const kernel = rbf(1);
 *     const theta = toLog({ signalVariance: 1, lengthScales: [0.5], noise: 1e-6 });
 *     const known = posterior({ inputs: Float64Array.of(0, 1), targets: Float64Array.of(2, 3) }, kernel, theta);
 *     const { mean, variance } = predict(known, Float64Array.of(0.5));
 *
 * @param theta log parameters: `toLog` of the parameters. [k + 2]
 * @throws {HypertrainError} if shapes do not agree, numbers are not finite, or the covariance matrix is not positive definite.
 */
export function posterior(
  observations: Observations,
  kernel: Kernel,
  theta: Float64Array,
  { standardize = false, factorOf }: PosteriorOptions = {},
): Posterior {
  checkObservations(observations, kernel);
  checkParameters(theta, kernel);
  const { inputs } = observations;
  const { standard, mean, scale } = (standardize ? standardized : unchanged)(observations.targets);
  const factor =
    factorOf?.(theta, inputs) ?? cholesky(noisyCovariance(kernel, theta, inputs), standard.length);
  return {
    kernel,
    theta,
    inputs,
    targets: standard,
    targetMean: mean,
    targetScale: scale,
    factor,
    weights: solve(factor, standard),
  };
}

/**
 * Means and variances at the rows of `points`. O(m n^2); where the mean will do, {@link predictMean} takes O(m n).
 *
 * @throws {HypertrainError} if the points are not whole rows.
 */
export function predict(known: Posterior, points: Float64Array): PosteriorPoint {
  checkPoints(points, known.kernel);
  const { kernel, theta, targetScale } = known;
  const cross = kernel.crossCovariance(theta, points, known.inputs); // [m, n]
  const mean = meansOf(known, cross);
  const prior = kernel.variance(theta);
  const n = known.targets.length;
  const explained = squaredLengths(solveLower(known.factor, cross), n);
  return { mean, variance: explained.map((part) => targetScale ** 2 * Math.max(prior - part, 0)) };
}

/**
 * Means at the rows of `points`. [m]
 *
 * @throws {HypertrainError} if the points are not whole rows.
 */
export function predictMean(known: Posterior, points: Float64Array): Float64Array {
  checkPoints(points, known.kernel);
  return meansOf(known, known.kernel.crossCovariance(known.theta, points, known.inputs));
}

/**
 * Means at the observed inputs, in O(n): with (K + noise I) alpha = y, those of the function are K alpha = y - noise alpha. For a
 * posterior as {@link posterior} makes it, none that was appended to. [n]
 */
export function observedMeans({
  theta,
  targets,
  targetMean,
  targetScale,
  factor,
  weights,
}: Posterior): Float64Array {
  const noise = noiseOf(theta) + factor.jitter;
  return targets.map((y, i) => targetMean + targetScale * (y - noise * (weights[i] as number)));
}

/**
 * Mean and variance at one point, and their gradients by the point: what the maximisation of an acquisition function needs.
 * O(n^2 + n d).
 *
 * @throws {HypertrainError} if the point has another length.
 */
export function predictGradient(known: Posterior, point: Float64Array): LocalPrediction {
  const { kernel, theta, inputs, factor, weights, targetMean, targetScale } = known;
  if (point.length !== kernel.dimensions) {
    throw inputError(
      `a point must have ${kernel.dimensions} inputs, but got ${point.length}; give one point`,
    );
  }
  const cross = kernel.crossCovariance(theta, point, inputs);
  const solved = solve(factor, cross); // b
  const byPoint = kernel.inputGradient(theta, point, inputs); // [n, d]
  return {
    mean: targetMean + targetScale * dot(cross, weights),
    variance: targetScale ** 2 * Math.max(kernel.variance(theta) - dot(cross, solved), 0),
    meanGradient: weightedRows(byPoint, weights, point.length, targetScale),
    varianceGradient: weightedRows(byPoint, solved, point.length, -2 * targetScale ** 2),
  };
}

/**
 * The posterior with one more observation, in O(n^2): for points that are being evaluated, with a made-up target (the constant
 * liar). Parameters, mean and scale of the targets stay.
 *
 * @throws {HypertrainError} if the point has another length or a number is not finite.
 */
export function append(known: Posterior, point: Float64Array, target: number): Posterior {
  const { kernel, theta, targetMean, targetScale } = known;
  checkObservations({ inputs: point, targets: Float64Array.of(target) }, kernel);
  const cross = kernel.crossCovariance(theta, point, known.inputs);
  const factor = extend(known.factor, cross, kernel.variance(theta) + noiseOf(theta));
  const targets = joined(known.targets, [(target - targetMean) / targetScale]);
  const inputs = joined(known.inputs, point);
  return { ...known, inputs, targets, factor, weights: solve(factor, targets) };
}

function checkPoints(points: Float64Array, { dimensions }: Kernel): void {
  if (points.length % dimensions !== 0) {
    throw inputError(
      `points must be rows of ${dimensions} inputs, but got ${points.length} numbers; give whole rows`,
    );
  }
}

/** c' alpha of every row c. [m] */
function meansOf({ weights, targetMean, targetScale }: Posterior, cross: Float64Array): Float64Array {
  const n = weights.length;
  const means = new Float64Array(cross.length / n);
  for (let t = 0; t < means.length; t++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (cross[t * n + i] as number) * (weights[i] as number);
    means[t] = targetMean + targetScale * sum;
  }
  return means;
}

/** The squared length of every row of n numbers. [m] */
function squaredLengths(rows: Float64Array, n: number): Float64Array {
  const lengths = new Float64Array(rows.length / n);
  for (let t = 0; t < lengths.length; t++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (rows[t * n + i] as number) ** 2;
    lengths[t] = sum;
  }
  return lengths;
}

/** `factor * sum_i w_i row_i`. [d] */
function weightedRows(rows: Float64Array, weights: Float64Array, d: number, factor: number): Float64Array {
  const sums = new Float64Array(d);
  for (let i = 0; i < weights.length; i++) {
    const weight = factor * (weights[i] as number);
    for (let j = 0; j < d; j++) sums[j] = (sums[j] as number) + weight * (rows[i * d + j] as number);
  }
  return sums;
}

const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
