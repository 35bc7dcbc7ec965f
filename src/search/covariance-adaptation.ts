/**
 * The covariance matrix adaptation evolution strategy, (mu/mu_w, lambda)-CMA-ES (Hansen, "The CMA evolution strategy: a tutorial",
 * 2016), one generation at a time.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | d      | number of coordinates | |
 * | lambda | points of a generation; the better half of them, mu, make the next | |
 * | w_i    | weights of the better half, log(mu + 1/2) - log i, scaled to sum 1; mu_eff = 1 / sum w_i^2 | [mu] |
 * | m, s   | mean and step size: points are m + s A z with z standard normal | [d], scalar |
 * | C, A   | covariance and its Cholesky factor, C = A A' | [d, d] |
 * | p_s, p_c | evolution paths of the step size and of the covariance | [d] |
 * | y_i    | (x_i - m) / s of the i-th best point; y = sum w_i y_i | [d] |
 *
 *     m    <- m + s y
 *     p_s  <- (1 - c_s) p_s + sqrt(c_s (2 - c_s) mu_eff) A^-1 y
 *     p_c  <- (1 - c_c) p_c + h sqrt(c_c (2 - c_c) mu_eff) y          h = 0 while |p_s| is too long, else 1
 *     C    <- (1 - c_1 - c_mu + (1 - h) c_1 c_c (2 - c_c)) C + c_1 p_c p_c' + c_mu sum w_i y_i y_i'
 *     s    <- s exp((c_s / d_s) (|p_s| / E|N(0, I)| - 1))
 *
 * A is the Cholesky factor where the tutorial has the symmetric root, which needs no eigenvectors and does as well (Krause, Arbones and
 * Igel, "CMA-ES with optimal covariance update and storage complexity", 2016).
 */
import { cholesky, solveLower, type Cholesky } from "./gp/cholesky.ts";

/** Where the next generation is drawn from. */
export interface SearchDistribution {
  /** m. [d] */
  readonly mean: Float64Array;
  /** s. */
  readonly stepSize: number;
  /** C. [d, d] */
  readonly covariance: Float64Array;
  /** A. */
  readonly factor: Cholesky;
  /** p_s. [d] */
  readonly stepPath: Float64Array;
  /** p_c. [d] */
  readonly covariancePath: Float64Array;
  /** Generations so far. */
  readonly generation: number;
}

/** The distribution of the first generation: around `mean`, alike in all directions. */
export function firstDistribution(mean: Float64Array, stepSize: number): SearchDistribution {
  const d = mean.length;
  const covariance = Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? 1 : 0));
  return {
    mean,
    stepSize,
    covariance,
    factor: cholesky(covariance, d),
    stepPath: new Float64Array(d),
    covariancePath: new Float64Array(d),
    generation: 0,
  };
}

/** The point m + s A z. [d] */
export function pointAt({ mean, stepSize, factor }: SearchDistribution, z: Float64Array): Float64Array {
  const d = mean.length;
  return mean.map((m, i) => {
    let sum = 0;
    for (let k = 0; k <= i; k++) sum += (factor.lower[i * d + k] as number) * (z[k] as number);
    return m + stepSize * sum;
  });
}

/** The distribution after a generation, given as its points, the best first. [lambda][d] */
export function adapted(before: SearchDistribution, ranked: readonly Float64Array[]): SearchDistribution {
  const d = before.mean.length;
  const { weights, effective, cs, damping, cc, c1, cmu, length } = ratesOf(d, ranked.length);
  const steps = weights.map((_, i) => scaled(before, ranked[i] as Float64Array));
  const step = before.mean.map((_, j) =>
    steps.reduce((sum, y, i) => sum + (weights[i] as number) * (y[j] as number), 0),
  );
  const white = solveLower(before.factor, step);
  const stepPath = blended(before.stepPath, white, cs, effective);
  const generation = before.generation + 1;
  const stepLength = Math.hypot(...stepPath);
  const usual = Math.sqrt(1 - (1 - cs) ** (2 * generation)) * (1.4 + 2 / (d + 1)) * length;
  const follows = stepLength < usual; // h
  const covariancePath = blended(before.covariancePath, follows ? step : new Float64Array(d), cc, effective);
  const kept = 1 - c1 - cmu + (follows ? 0 : c1 * cc * (2 - cc));
  const covariance = before.covariance.map((c, at) => {
    const [i, j] = [Math.floor(at / d), at % d];
    const rankMu = steps.reduce(
      (sum, y, k) => sum + (weights[k] as number) * (y[i] as number) * (y[j] as number),
      0,
    );
    return kept * c + c1 * (covariancePath[i] as number) * (covariancePath[j] as number) + cmu * rankMu;
  });
  return {
    mean: before.mean.map((m, j) => m + before.stepSize * (step[j] as number)),
    stepSize: clamp(before.stepSize * Math.exp((cs / damping) * (stepLength / length - 1))),
    covariance,
    factor: cholesky(covariance, d),
    stepPath,
    covariancePath,
    generation,
  };
}

/** (x - m) / s. */
const scaled = ({ mean, stepSize }: SearchDistribution, point: Float64Array): Float64Array =>
  point.map((x, j) => (x - (mean[j] as number)) / stepSize);

/** (1 - c) path + sqrt(c (2 - c) mu_eff) step: as long as before if selection is random. */
const blended = (path: Float64Array, step: Float64Array, c: number, effective: number): Float64Array =>
  path.map((p, j) => (1 - c) * p + Math.sqrt(c * (2 - c) * effective) * (step[j] as number));

/** Steps on the unit cube: above 1 they only leave it, below 1e-12 they are rounding. */
const clamp = (stepSize: number): number => Math.min(Math.max(stepSize, 1e-12), 1);

/** The tutorial's table 1, and E|N(0, I)|. */
function ratesOf(d: number, lambda: number) {
  const mu = Math.max(Math.floor(lambda / 2), 1);
  const raw = Array.from({ length: mu }, (_, i) => Math.log(mu + 0.5) - Math.log(i + 1));
  const total = raw.reduce((sum, w) => sum + w, 0);
  const weights = raw.map((w) => w / total);
  const effective = 1 / weights.reduce((sum, w) => sum + w * w, 0);
  const cs = (effective + 2) / (d + effective + 5);
  const c1 = 2 / ((d + 1.3) ** 2 + effective);
  return {
    weights,
    effective,
    cs,
    damping: 1 + 2 * Math.max(0, Math.sqrt((effective - 1) / (d + 1)) - 1) + cs,
    cc: (4 + effective / d) / (d + 4 + (2 * effective) / d),
    c1,
    cmu: Math.min(1 - c1, (2 * (effective - 2 + 1 / effective)) / ((d + 2) ** 2 + effective)),
    length: Math.sqrt(d) * (1 - 1 / (4 * d) + 1 / (21 * d * d)),
  };
}
