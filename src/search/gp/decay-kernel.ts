/**
 * The exponential-decay kernel for training curves (Swersky, Snoek and Adams, "Freeze-thaw Bayesian optimization", 2014, section 3.1):
 * the covariance of sums of infinitely many exponential decays exp(-r t) whose rates r are gamma distributed.
 *
 * | symbol | meaning | name |
 * |---|---|---|
 * | t, t'  | times, at least 0 | |
 * | c      | variance of the decaying part at t = 0; 0 for none. The paper's is 1 | `variance` |
 * | alpha  | shape of the rates' distribution: the rates' mean is alpha / beta | `shape` |
 * | beta   | the time after which decays slow down; its unit is that of t | `onset` |
 *
 *     k(t, t') = c E exp(-r (t + t')) = c (beta / (t + t' + beta))^alpha = c exp(-alpha log(1 + (t + t') / beta))
 *
 *     dk / dlog c     = k
 *     dk / dlog alpha = -k alpha log(1 + (t + t') / beta)
 *     dk / dlog beta  =  k alpha (t + t') / (t + t' + beta)
 *
 * Its functions go to 0 as time goes on, at a polynomial rate, from either side.
 */

/** The parameters of the decaying part of a training curve. */
export interface Decay {
  /** c. */
  readonly variance: number;
  /** alpha. */
  readonly shape: number;
  /** beta. */
  readonly onset: number;
}

/** k of every time of `from` with every one of `to`. [from, to] */
export function decayCovariance(
  { variance, shape, onset }: Decay,
  from: Float64Array,
  to: Float64Array,
): Float64Array {
  const out = new Float64Array(from.length * to.length);
  for (let i = 0; i < from.length; i++) {
    for (let j = 0; j < to.length; j++) {
      const t = (from[i] as number) + (to[j] as number);
      out[i * to.length + j] = variance * Math.exp(-shape * Math.log1p(t / onset));
    }
  }
  return out;
}

/** `sum_ij W_ij dk(t_i, t_j) / d(log c, log alpha, log beta)` for a symmetric W, of which the lower triangle is read. [3] */
export function decayGradient(
  { variance, shape, onset }: Decay,
  times: Float64Array,
  weights: Float64Array,
): Float64Array {
  const n = times.length;
  const sums = new Float64Array(3);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const t = (times[i] as number) + (times[j] as number);
      const log = Math.log1p(t / onset);
      const share = (i === j ? 1 : 2) * (weights[i * n + j] as number) * variance * Math.exp(-shape * log);
      sums[0] = (sums[0] as number) + share;
      sums[1] = (sums[1] as number) - share * shape * log;
      sums[2] = (sums[2] as number) + (share * shape * t) / (t + onset);
    }
  }
  return sums;
}
