import { expect, test } from "vitest";

import { cholesky } from "./cholesky.ts";
import { decayCovariance, decayGradient } from "./decay-kernel.ts";

const decay = { variance: 2.5, shape: 1.3, onset: 0.4 };
const times = Float64Array.of(0, 0.1, 0.5, 3);

test("with shape 1 it is c beta / (t + t' + beta)", () => {
  const one = decayCovariance(
    { variance: 3, shape: 1, onset: 2 },
    Float64Array.of(0, 1),
    Float64Array.of(0, 1, 6),
  );
  [3, 2, 0.75, 2, 1.5, 2 / 3].forEach((expected, at) => expect(one[at]).toBeCloseTo(expected, 14));
});

test("it is the mean of exponential decays with gamma distributed rates", () => {
  // Whole shapes: the integral of exp(-r s) r^(k-1) exp(-b r) b^k / (k-1)! by the trapezoidal rule on log r.
  const [shape, onset] = [3, 0.7];
  for (const s of [0, 0.3, 2]) {
    let sum = 0;
    for (let x = -30; x < 6; x += 1e-3) {
      const rate = Math.exp(x);
      sum += (1e-3 * Math.exp(-rate * (s + onset)) * (rate * onset) ** shape) / 2; // 2 = (k-1)!
    }
    const [k] = decayCovariance({ variance: 1, shape, onset }, Float64Array.of(s), Float64Array.of(0));
    expect(k).toBeCloseTo(sum, 9);
  }
});

test("it is symmetric and positive definite", () => {
  const covariance = decayCovariance(decay, times, times);
  covariance.forEach((k, at) => expect(covariance[(at % 4) * 4 + Math.floor(at / 4)]).toBe(k));
  expect(cholesky(covariance, 4).jitter).toBe(0);
});

test("nothing is left of it at the end of time, and its gradient stays finite there", () => {
  const far = Float64Array.of(1e9);
  expect(decayCovariance(decay, far, far)[0]).toBeLessThan(1e-11);
  decayGradient(decay, far, Float64Array.of(1)).forEach((g) => expect(Math.abs(g)).toBeLessThan(1e-9));
});

test("the gradient is that of central differences", () => {
  const weights = Float64Array.from({ length: 16 }, (_, at) => Math.cos((at % 4) * Math.floor(at / 4) + 1));
  const at = (log: readonly number[]): number => {
    const [variance, shape, onset] = log.map(Math.exp) as [number, number, number];
    return decayCovariance({ variance, shape, onset }, times, times).reduce(
      (sum, k, i) => sum + k * (weights[i] as number),
      0,
    );
  };
  const log = [decay.variance, decay.shape, decay.onset].map(Math.log);
  decayGradient(decay, times, weights).forEach((g, p) => {
    const by = (h: number) => at(log.with(p, (log[p] as number) + h));
    expect(g / ((by(1e-5) - by(-1e-5)) / 2e-5)).toBeCloseTo(1, 7);
  });
});
