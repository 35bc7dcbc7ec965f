/**
 * The logarithm of the expected improvement (Jones, Schonlau and Welch, 1998), computed so that it and its gradient are right where
 * the improvement itself is 0 to rounding (Ament et al., "Unexpected improvements to expected improvement for Bayesian optimization",
 * 2023).
 *
 * | symbol | meaning |
 * |---|---|
 * | mu, sd | mean and standard deviation of what is known of the function at a point |
 * | b      | the value to improve on: smaller is better |
 * | z      | (b - mu) / sd |
 * | h      | h(z) = phi(z) + z Phi(z): the expected improvement for sd = 1 |
 * | m      | Mills' ratio, for z < 0: Phi(z) / phi(z) = m(-z) |
 *
 *     EI = E max(b - f, 0) = sd h(z)
 *     log EI = log sd + log h(z);    d log EI = (phi / h) dsd / sd - (Phi / h) dmu / sd
 *
 * For z < 0, h / phi = 1 + z m(-z), which cancels far out; there it is its asymptotic series in 1 / z^2.
 */
import type { LocalPrediction, PosteriorPoint } from "./gp/posterior.ts";
import { HALF_LOG_TWO_PI, millsRatio, normalCdf, normalDensity } from "./normal.ts";

/** A logarithm of an expected improvement, and its gradient by the point. */
export interface LogImprovement {
  readonly value: number;
  /** [d] */
  readonly gradient: Float64Array;
}

/** log h(z) for any z: about log z for large z, and -z^2 / 2 - 2 log|z| - log(2 pi) / 2 for z far below 0. Relative error about 1e-12. */
export function logImprovement(z: number): number {
  if (z > -1) return Math.log(normalDensity(z) + z * normalCdf(z));
  return -0.5 * z * z - HALF_LOG_TWO_PI + Math.log(excess(-z));
}

/** log EI at every point of a prediction, in the function's units, of an improvement on `best`. [m] */
export const logEi = ({ mean, variance }: PosteriorPoint, best: number): Float64Array =>
  mean.map((mu, i) => {
    const sd = deviationOf(variance[i] as number);
    return Math.log(sd) + logImprovement((best - mu) / sd);
  });

/** log EI at one point, of an improvement on `best`, and its gradient. */
export function logEiGradient(local: LocalPrediction, best: number): LogImprovement {
  const sd = deviationOf(local.variance);
  const z = (best - local.mean) / sd;
  const { density, probability } = shares(z);
  return {
    value: Math.log(sd) + logImprovement(z),
    gradient: local.meanGradient.map((dmu, j) => {
      const dsd = (local.varianceGradient[j] as number) / (2 * sd);
      return (density * dsd - probability * dmu) / sd;
    }),
  };
}

/** phi / h and Phi / h at z. */
function shares(z: number): { density: number; probability: number } {
  if (z > -1) {
    const phi = normalDensity(z);
    const h = phi + z * normalCdf(z);
    return { density: phi / h, probability: normalCdf(z) / h };
  }
  const density = 1 / excess(-z);
  return { density, probability: density * millsRatio(-z) };
}

/** 1 - x m(x) for x >= 1: h / phi at z = -x. */
function excess(x: number): number {
  if (x < FAR) return 1 - x * millsRatio(x);
  const s = 1 / (x * x);
  return s * (1 - s * (3 - s * (15 - s * (105 - s * 945))));
}

/** From here on the series is exact to rounding. */
const FAR = 40;

/** The least variance that counts: below, a point is known. */
const deviationOf = (variance: number): number => Math.sqrt(Math.max(variance, 1e-300));
