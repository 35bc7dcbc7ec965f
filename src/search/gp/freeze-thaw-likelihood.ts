/**
 * The probability density of training curves, asymptotes integrated out (Swersky, Snoek and Adams 2014, section 3.2), and its
 * gradient.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | s, q, u, w, lambda | what the curves say one by one, see `curves.ts` | |
 * | A      | K + D, see `freeze-thaw-posterior.ts` | [n, n] |
 * | alpha  | A^-1 (s - m) | [n] |
 * | C      | posterior covariance of the asymptotes: C_nn = D_nn - D_nn^2 (A^-1)_nn | [n, n] |
 * | a      | K_n^-1 (y_n - E f_n 1) = w_n + u_n D_nn alpha_n, part n of the dense K^-1 y | [T] |
 *
 *     log p = log N(s; m, A) - sum_n q_n
 *
 * Its derivative by A is (alpha alpha' - A^-1) / 2, and by K_n, of which s, D and q are functions, part n of that of the dense density:
 *
 *     (a a' - K_n^-1 + C_nn u_n u_n') / 2
 */
import { cholesky, inverse, logDeterminant, solve } from "./cholesky.ts";
import { checkCurves, summariesOf, type Block, type CurveObservations, type Summary } from "./curves.ts";
import { decayGradient } from "./decay-kernel.ts";
import { checkPhi, decayOf, meanOf, thetaOf } from "./freeze-thaw-parameters.ts";
import { levelCovariance } from "./freeze-thaw-posterior.ts";
import type { Kernel } from "./kernel.ts";
import type { MarginalLikelihood } from "./marginal-likelihood.ts";
import { noiseOf } from "./parameters.ts";

/**
 * The log marginal likelihood of curves and its gradient in phi, all of it exact. O(n^3 + n T^2), and O(T^3) for each different set of
 * times.
 *
 * @throws {HypertrainError} if shapes do not agree, or a covariance matrix is not positive definite.
 */
export function curveLikelihood(
  observations: CurveObservations,
  kernel: Kernel,
  phi: Float64Array,
): MarginalLikelihood {
  checkCurves(observations, kernel);
  checkPhi(phi, kernel);
  const { inputs, curves } = observations;
  const n = curves.length;
  const theta = thetaOf(phi);
  const decay = decayOf(phi);
  const noise = noiseOf(theta);
  const summaries = summariesOf(curves, decay, noise);
  const apart = Float64Array.from(summaries, ({ level }) => level - meanOf(phi));
  const factor = cholesky(levelCovariance(kernel, theta, inputs, summaries), n);
  const alpha = solve(factor, apart);
  const square = apart.reduce((sum, r, i) => sum + r * (alpha[i] as number), 0);
  const own = summaries.reduce((sum, { cost }) => sum + cost, 0);

  const weights = inverse(factor); // becomes (alpha alpha' - A^-1) / 2
  const spread = summaries.map(({ block: { precision } }, i) => {
    const share = 1 / precision;
    return share - share * share * (weights[i * n + i] as number);
  });
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      weights[i * n + j] = ((alpha[i] as number) * (alpha[j] as number) - (weights[i * n + j] as number)) / 2;
    }
  }
  const byCurve = new Float64Array(4); // log v, log c, log alpha, log beta
  for (const [block, members] of grouped(summaries)) {
    const part = blockWeights(block, members, summaries, alpha, spread);
    const size = block.times.length;
    for (let i = 0; i < size; i++) {
      byCurve[0] = (byCurve[0] as number) + noise * (part[i * size + i] as number);
    }
    decayGradient(decay, block.times, part).forEach((g, i) => {
      byCurve[i + 1] = (byCurve[i + 1] as number) + g;
    });
  }
  const byMean = alpha.reduce((sum, value) => sum + value, 0);
  return {
    value: -(square + logDeterminant(factor) + n * Math.log(2 * Math.PI)) / 2 - own,
    gradient: Float64Array.of(...kernel.parameterGradient(theta, inputs, weights), ...byCurve, byMean),
  };
}

/** The indices of the curves of every block. */
function grouped(summaries: readonly Summary[]): Map<Block, number[]> {
  const groups = new Map<Block, number[]>();
  summaries.forEach(({ block }, i) => {
    const members = groups.get(block);
    if (members) members.push(i);
    else groups.set(block, [i]);
  });
  return groups;
}

/** The derivative by the K of a block, summed over its curves: the lower triangle. [T, T] */
function blockWeights(
  { factor, ones, precision }: Block,
  members: readonly number[],
  summaries: readonly Summary[],
  alpha: Float64Array,
  spread: readonly number[],
): Float64Array {
  const size = ones.length;
  const known = members.reduce((sum, i) => sum + (spread[i] as number), 0);
  const sums = inverse(factor).map((value, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    return (known * (ones[i] as number) * (ones[j] as number) - members.length * value) / 2;
  });
  for (const member of members) {
    const { residual } = summaries[member] as Summary;
    const pull = (alpha[member] as number) / precision;
    const a = residual.map((w, i) => w + pull * (ones[i] as number));
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) {
        sums[i * size + j] = (sums[i * size + j] as number) + ((a[i] as number) * (a[j] as number)) / 2;
      }
    }
  }
  return sums;
}
