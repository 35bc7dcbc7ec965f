/**
 * Gaussian-process regression of training curves (Swersky, Snoek and Adams, "Freeze-thaw Bayesian optimization", 2014, section 3.2).
 *
 * Curve n is its asymptote, a decaying part and noise: y_n(t) = f(x_n) + g_n(t) + e. The asymptotes are one process over the inputs,
 * f ~ GP(m, k); the decaying parts are independent of each other, so curves are, given their asymptotes.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | n      | number of curves | |
 * | K      | covariance of the asymptotes, k(x_i, x_j); the paper's K_x | [n, n] |
 * | s, D   | the asymptotes that the curves tell one by one, and the variances of what they tell, diagonal: s_n and 1 / lambda_n of `curves.ts` | [n], [n, n] |
 * | u, w   | K_n^-1 1 and K_n^-1 (y_n - s_n 1), K_n the covariance of curve n around its asymptote | [T] |
 * | h      | covariances of curve n at times ahead with its observations | [m, T] |
 * | o      | 1 - h u: how far the curve ahead follows its asymptote; the paper's Omega | [m] |
 *
 * Since p(y_n | f_n) is, as a function of f_n, that of one observation s_n with variance 1 / lambda_n, the asymptotes' posterior is
 * that of a process with one such observation a curve, of covariance K + D. It equals the paper's m + C gamma and
 * C = (K^-1 + Lambda)^-1. So the n curves of T points cost O(n^3 + n T^3), where one process over all points costs O((n T)^3).
 *
 *     ahead, with what is known of f_n:  mean      h w + h u s_n + o E f_n = E f_n + h (w + u (s_n - E f_n))
 *                                        variance  k_t(t, t) - |L_n^-1 h|^2 + o^2 var f_n
 */
import { inputError } from "../../util/error.ts";
import { cholesky, solve, solveLower } from "./cholesky.ts";
import { checkCurves, summariesOf, type CurveObservations, type Summary } from "./curves.ts";
import { decayCovariance } from "./decay-kernel.ts";
import { checkPhi, decayOf, meanOf, thetaOf } from "./freeze-thaw-parameters.ts";
import type { Kernel } from "./kernel.ts";
import { noiseOf } from "./parameters.ts";
import { predict, type Posterior, type PosteriorPoint } from "./posterior.ts";

/** What is known of curves: made by {@link curvePosterior}. */
export interface CurvePosterior {
  /** phi. [k + 6] */
  readonly phi: Float64Array;
  /** What is known of the asymptotes, for `predict`, `predictGradient` and acquisition functions. */
  readonly asymptotes: Posterior;
  /** What each curve alone says. [n] */
  readonly summaries: readonly Summary[];
}

/**
 * The posterior of curves with given parameters. To find the parameters, see `fitCurves`.
 *
 *     const known = curvePosterior({ inputs, curves }, matern52(2), toPhi(parameters));
 *     const { mean, variance } = predict(known.asymptotes, Float64Array.of(0.2, 0.7));
 *
 * @throws {HypertrainError} if shapes do not agree, numbers are not finite, or a covariance matrix is not positive definite.
 */
export function curvePosterior(
  observations: CurveObservations,
  kernel: Kernel,
  phi: Float64Array,
): CurvePosterior {
  checkCurves(observations, kernel);
  checkPhi(phi, kernel);
  const { inputs, curves } = observations;
  const theta = thetaOf(phi);
  const summaries = summariesOf(curves, decayOf(phi), noiseOf(theta));
  const mean = meanOf(phi);
  const targets = Float64Array.from(summaries, ({ level }) => level - mean);
  const factor = cholesky(levelCovariance(kernel, theta, inputs, summaries), curves.length);
  return {
    phi,
    summaries,
    asymptotes: {
      ...{ kernel, theta, inputs, targets, targetMean: mean, targetScale: 1 },
      ...{ factor, weights: solve(factor, targets) },
    },
  };
}

/** K + D: the covariance of what the curves tell. [n, n] */
export function levelCovariance(
  kernel: Kernel,
  theta: Float64Array,
  inputs: Float64Array,
  summaries: readonly Summary[],
): Float64Array {
  const covariance = kernel.covariance(theta, inputs);
  const n = summaries.length;
  summaries.forEach(({ block }, i) => {
    covariance[i * n + i] = (covariance[i * n + i] as number) + 1 / block.precision;
  });
  return covariance;
}

/**
 * Curve `index` without noise at some times, given all curves, its own past included.
 *
 * @throws {HypertrainError} if there is no such curve.
 */
export function predictCurve(
  { phi, asymptotes, summaries }: CurvePosterior,
  index: number,
  times: Float64Array,
): PosteriorPoint {
  const summary = summaries[index];
  if (!summary) {
    throw inputError(`a curve must be one of 0 to ${summaries.length - 1}, but got ${index}; count from 0`);
  }
  const { block, level, residual } = summary;
  const d = asymptotes.kernel.dimensions;
  const asymptote = predict(asymptotes, asymptotes.inputs.slice(index * d, (index + 1) * d));
  const [expected, spread] = [asymptote.mean[0] as number, asymptote.variance[0] as number];
  const decay = decayOf(phi);
  const cross = decayCovariance(decay, times, block.times); // [m, T]
  const explained = solveLower(block.factor, cross);
  const mean = new Float64Array(times.length);
  const variance = new Float64Array(times.length);
  const size = block.times.length;
  times.forEach((t, i) => {
    let [shift, share, known] = [0, 0, 0];
    for (let j = 0; j < size; j++) {
      const h = cross[i * size + j] as number;
      shift += h * (residual[j] as number);
      share += h * (block.ones[j] as number);
      known += (explained[i * size + j] as number) ** 2;
    }
    const own = decayCovariance(decay, Float64Array.of(t), Float64Array.of(t))[0] as number;
    mean[i] = expected + shift + share * (level - expected);
    variance[i] = Math.max(own - known, 0) + (1 - share) ** 2 * spread;
  });
  return { mean, variance };
}
