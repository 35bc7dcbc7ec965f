import { describe, expect, test } from "vitest";

import { randomKey, randomNormal, randomUniform } from "../../util/random.ts";
import { cholesky } from "./cholesky.ts";
import { fit, type GpFitOptions } from "./fit.ts";
import type { Kernel } from "./kernel.ts";
import { marginalLikelihood, noisyCovariance } from "./marginal-likelihood.ts";
import { matern52 } from "./matern52.ts";
import { fromLog, toLog } from "./parameters.ts";
import { predict } from "./posterior.ts";
import { rbf } from "./rbf.ts";

const key = randomKey(20260101, "fit");

/** Targets drawn from a Gaussian process: L z. */
function sampled(kernel: Kernel, theta: Float64Array, inputs: Float64Array, seed: number) {
  const n = inputs.length / kernel.dimensions;
  const { lower } = cholesky(noisyCovariance(kernel, theta, inputs), n);
  const z = randomNormal(randomKey(seed, "sample"), 0, n);
  const targets = Float64Array.from({ length: n }, (_, i) =>
    z.reduce((sum, value, k) => sum + value * (lower[i * n + k] as number), 0),
  );
  return { inputs, targets };
}

const uniformInputs = (count: number, seed: number): Float64Array =>
  Float64Array.from(randomUniform(randomKey(seed, "inputs"), 0, count));

const negativeHessian = (
  gradient: (theta: Float64Array) => Float64Array,
  theta: Float64Array,
): Float64Array =>
  Float64Array.from({ length: theta.length ** 2 }, (_, at) => {
    const [i, j] = [Math.floor(at / theta.length), at % theta.length];
    const by = (h: number) => gradient(theta.map((t, k) => (k === j ? t + h : t)))[i] as number;
    return -(by(1e-4) - by(-1e-4)) / 2e-4;
  });

const kernels: readonly [name: string, make: typeof rbf][] = [
  ["rbf", rbf],
  ["matern52", matern52],
];

describe.each(kernels)("parameters of a sampled process are recovered: %s", (_, make) => {
  const kernel = make(1);
  const truth = toLog({ signalVariance: 1, lengthScales: [0.1], noise: 0.01 });
  const inputs = Float64Array.from({ length: 80 }, (_, i) => i / 79); // ten length scales
  const observations = sampled(kernel, truth, inputs, 1);
  const found = fit(observations, kernel, { key });
  const at = (theta: Float64Array) => marginalLikelihood(observations, kernel, theta);

  test("twice the gain in log likelihood over the truth is that of a chi-squared number", () => {
    // With 3 degrees of freedom (Wilks' theorem): exceeds 16.3 with probability 0.001. It is never negative at a maximum.
    const gain = 2 * (found.logMarginalLikelihood - at(truth).value);
    expect(gain).toBeGreaterThan(0);
    expect(gain).toBeLessThan(16.3);
  });

  test("the length scale is within four standard errors, which are small", () => {
    // Standard errors from the observed information H: the deviations are the roots of H^-1's diagonal. (H^-1)_22 from H = L L'.
    const information = negativeHessian((theta) => at(theta).gradient, found.theta);
    const { lower } = cholesky(information, 3);
    // Column 2 of L^-1: x_2 = 1 / L_22, x_3 = -L_32 x_2 / L_33; its squared length is (H^-1)_22.
    const x2 = 1 / (lower[4] as number);
    const x3 = (-(lower[7] as number) * x2) / (lower[8] as number);
    const error = Math.hypot(x2, x3);
    expect(error).toBeLessThan(0.3); // so that four of them tell 0.1 from 0.03 and 0.33
    expect(Math.abs((found.theta[1] as number) - (truth[1] as number))).toBeLessThan(4 * error);
  });
});

test("inputs that do not matter get long length scales", () => {
  const inputs = uniformInputs(3 * 60, 2);
  const targets = Float64Array.from({ length: 60 }, (_, i) => Math.sin(6 * (inputs[3 * i + 1] as number)));
  const { theta } = fit({ inputs, targets }, matern52(3), { key, standardize: true });
  const [first, second, third] = fromLog(theta).lengthScales as [number, number, number];
  expect(second).toBeLessThan(2);
  expect(Math.min(first, third)).toBeGreaterThan(10 * second);
});

describe.each(kernels)("the best of %s's climbs", (_, make) => {
  const kernel = make(2, { lengthScales: "isotropic" });
  const observations = sampled(
    make(2, { lengthScales: "isotropic" }),
    toLog({ signalVariance: 2, lengthScales: [0.4], noise: 0.05 }),
    uniformInputs(2 * 15, 3),
    3,
  );
  const range = { low: 0.01, high: 100 };
  const noise = { low: 1e-4, high: 10 };
  const prior = { median: 0.3, deviation: 0.5 };
  const found = fit(observations, kernel, {
    key,
    signalVariance: range,
    lengthScales: { ...range, prior },
    noise,
  });
  const penalty = (log: number) => -(((log - Math.log(0.3)) / 0.5) ** 2) / 2;

  test("is a stationary point of likelihood and prior", () => {
    const { value, gradient } = marginalLikelihood(observations, kernel, found.theta);
    const log = found.theta[1] as number;
    expect(found.logMarginalLikelihood).toBeCloseTo(value, 10);
    expect(found.objective).toBeCloseTo(value + penalty(log), 10);
    expect(found.converged).toBe(true);
    gradient[1] = (gradient[1] as number) - (log - Math.log(0.3)) / 0.25;
    gradient.forEach((g, i) => {
      const t = found.theta[i] as number;
      const [low, high] = i === 2 ? [1e-4, 10] : [0.01, 100];
      // Where a bound holds it back, it would go on outwards.
      if (t > Math.log(low) + 1e-9) expect(g).toBeGreaterThan(-1e-3);
      if (t < Math.log(high) - 1e-9) expect(g).toBeLessThan(1e-3);
    });
  });

  test("is at least as good as the best of a grid, and is the best of the climbs", () => {
    const grid = (low: number, high: number) =>
      Array.from({ length: 12 }, (_, i) => Math.log(low) + (Math.log(high / low) * i) / 11);
    let best = -Infinity;
    for (const a of grid(0.01, 100)) {
      for (const l of grid(0.01, 100)) {
        for (const v of grid(1e-4, 10)) {
          const { value } = marginalLikelihood(observations, kernel, Float64Array.of(a, l, v));
          best = Math.max(best, value + penalty(l));
        }
      }
    }
    expect(found.objective).toBeGreaterThan(best);
    expect(found.objective).toBe(Math.max(...found.ends));
    expect(found.ends.length).toBe(5);
  });
});

describe("two maxima", () => {
  // Two of the five points differ much though they are near: noise, or short waves.
  const observations = {
    inputs: Float64Array.of(0, 0.25, 0.5, 0.55, 1),
    targets: Float64Array.of(-1, 0, 1.2, 0.1, 1),
  };
  const options = { key, signalVariance: 1, noise: { low: 1e-6, high: 1 } };

  test("more starts never find less, and start as fewer do", () => {
    const ends = fit(observations, rbf(1), { ...options, starts: 12 }).ends;
    const fewer = fit(observations, rbf(1), { ...options, starts: 4 });
    expect(fewer.ends).toEqual(ends.slice(0, 4));
    expect(fewer.objective).toBe(Math.max(...fewer.ends));
    expect(new Set(ends.map((end) => end.toFixed(3))).size).toBeGreaterThan(1);
  });

  test("the same key gives the same fit, another key other starts", () => {
    const one = fit(observations, rbf(1), options);
    expect(fit(observations, rbf(1), options)).toMatchObject({ theta: one.theta, ends: one.ends });
    expect(fit(observations, rbf(1), { ...options, key: randomKey(2, "fit") }).ends).not.toEqual(one.ends);
  });

  test("a single start is the given one", () => {
    const initial = toLog({ signalVariance: 1, lengthScales: [0.5], noise: 0.1 });
    const end = (theta: Float64Array) =>
      fit(observations, rbf(1), { ...options, starts: 1, initial: theta, maxIterations: 1 }).theta;
    expect(end(initial)).not.toEqual(end(initial.map((t) => t / 2)));
  });
});

test("what is fixed stays, also a noise of 0", () => {
  const observations = { inputs: uniformInputs(20, 4), targets: uniformInputs(10, 5) };
  const { theta } = fit(observations, rbf(2), { key, signalVariance: 0.7, noise: 0 });
  const { signalVariance, lengthScales, noise } = fromLog(theta);
  expect(signalVariance).toBeCloseTo(0.7, 14);
  expect(lengthScales.every((l) => l >= 0.01 * (1 - 1e-12) && l <= 100 * (1 + 1e-12))).toBe(true);
  expect(noise).toBe(0);
});

test("with everything fixed, the parameters are given back", () => {
  const observations = { inputs: uniformInputs(20, 4), targets: uniformInputs(10, 5) };
  const options: GpFitOptions = { key, signalVariance: 2, lengthScales: 0.5, noise: 0.1 };
  const found = fit(observations, rbf(2), options);
  expect(found.theta).toEqual(toLog({ signalVariance: 2, lengthScales: [0.5, 0.5], noise: 0.1 }));
  expect(found.logMarginalLikelihood).toBe(marginalLikelihood(observations, rbf(2), found.theta).value);
});

test("a prior keeps few points from deciding, and gives way to many", () => {
  const truth = toLog({ signalVariance: 1, lengthScales: [0.1], noise: 0.01 });
  const prior = { median: 1, deviation: 0.3 };
  const lengthScaleOf = (count: number, withPrior: boolean) => {
    const inputs = Float64Array.from({ length: count }, (_, i) => i / count);
    const range = { low: 0.01, high: 100 };
    const { theta } = fit(sampled(rbf(1), truth, inputs, 6), rbf(1), {
      key,
      lengthScales: withPrior ? { ...range, prior } : range,
    });
    return fromLog(theta).lengthScales[0] as number;
  };
  expect(Math.abs(Math.log(lengthScaleOf(2, true)))).toBeLessThan(0.3);
  expect(Math.abs(Math.log(lengthScaleOf(100, true) / lengthScaleOf(100, false)))).toBeLessThan(0.3);
});

test("the order of the observations does not matter", () => {
  const inputs = uniformInputs(2 * 20, 7);
  const observations = sampled(
    matern52(2),
    toLog({ signalVariance: 1, lengthScales: [0.3, 0.6], noise: 0.01 }),
    inputs,
    7,
  );
  const order = Array.from({ length: 20 }, (_, i) => (7 * i + 3) % 20);
  const permuted = {
    inputs: Float64Array.from(order.flatMap((i) => [...inputs.subarray(2 * i, 2 * i + 2)])),
    targets: Float64Array.from(order, (i) => observations.targets[i] as number),
  };
  const one = fit(observations, matern52(2), { key, standardize: true });
  const other = fit(permuted, matern52(2), { key, standardize: true });
  expect(other.objective).toBeCloseTo(one.objective, 7);
  one.theta.forEach((t, i) => expect(other.theta[i]).toBeCloseTo(t, 3));
});

test("the first start is the middle of log ranges, or the prior's median, kept to the range", () => {
  const observations = { inputs: uniformInputs(20, 4), targets: uniformInputs(10, 5) };
  const { theta } = fit(observations, rbf(2), {
    key,
    starts: 1,
    maxIterations: 0,
    signalVariance: { low: 0.5, high: 8 },
    lengthScales: { low: 0.1, high: 5, prior: { median: 0.4, deviation: 1 } },
    noise: { low: 0.01, high: 1, prior: { median: 3, deviation: 1 } },
  });
  const { signalVariance, lengthScales, noise } = fromLog(theta);
  [2, 0.4, 0.4, 1].forEach((expected, i) =>
    expect([signalVariance, ...lengthScales, noise][i]).toBeCloseTo(expected, 12),
  );
});

test("with standardisation, the unit of the targets does not matter", () => {
  const { inputs, targets } = { inputs: uniformInputs(40, 4), targets: uniformInputs(20, 5) };
  const options = { key, standardize: true, starts: 2 };
  const one = fit({ inputs, targets }, rbf(2), options);
  const other = fit({ inputs, targets: targets.map((y) => 500 - 8 * y) }, rbf(2), options);
  expect(other.logMarginalLikelihood).toBeCloseTo(one.logMarginalLikelihood, 7);
  one.theta.forEach((t, i) => expect(other.theta[i]).toBeCloseTo(t, 3));
});

describe("little data", () => {
  test("one point", () => {
    const { posterior, theta } = fit(
      { inputs: Float64Array.of(0.3), targets: Float64Array.of(5) },
      matern52(1),
      {
        key,
        standardize: true,
      },
    );
    expect(theta.every(Number.isFinite)).toBe(true);
    expect(predict(posterior, Float64Array.of(0.3)).mean[0]).toBeCloseTo(5, 10);
    expect(predict(posterior, Float64Array.of(0.9)).mean[0]).toBeCloseTo(5, 10);
  });

  test.each([3, 0, 1e5])("constant targets of %d", (constant) => {
    const observations = { inputs: uniformInputs(20, 8), targets: new Float64Array(10).fill(constant) };
    const { posterior, theta } = fit(observations, matern52(2), { key, standardize: true });
    expect(theta.every(Number.isFinite)).toBe(true);
    expect(predict(posterior, Float64Array.of(0.5, 0.5)).mean[0]).toBeCloseTo(constant, 8);
  });

  test.each([0, 1e-12])("duplicates with a noise of %d", (noise) => {
    const observations = {
      inputs: Float64Array.of(0.2, 0.2, 0.7, 0.7, 0.7, 0.9),
      targets: Float64Array.of(1, 1.1, -1, -1, -0.9, 0),
    };
    const { posterior, theta } = fit(observations, rbf(1), { key, noise });
    expect(theta.subarray(0, -1).every(Number.isFinite)).toBe(true);
    const { mean } = predict(posterior, Float64Array.of(0.2, 0.9));
    expect(mean[0]).toBeCloseTo(1.05, 2);
    expect(mean[1]).toBeCloseTo(0, 2);
  });
});

describe("what is refused", () => {
  const observations = { inputs: Float64Array.of(0, 1), targets: Float64Array.of(1, 2) };
  test.each<[Partial<GpFitOptions>, string]>([
    [{ starts: 0 }, "whole number of starts, at least 1, but got 0"],
    [{ starts: 1.5 }, "but got 1.5"],
    [{ initial: Float64Array.of(0) }, "must be 3 finite logarithms"],
    [
      { noise: { low: 0, high: 1 } },
      "0 < low <= high must hold for the noise, finite, but got low=0, high=1",
    ],
    [{ lengthScales: { low: 2, high: 1 } }, "for the length scale, finite, but got low=2, high=1"],
    [{ signalVariance: { low: 1, high: Infinity } }, "for the signal variance"],
    [{ signalVariance: 0 }, "the signal variance must be positive and finite, but got 0"],
    [{ noise: -1 }, "the noise must be at least 0 and finite, but got -1"],
    [
      { lengthScales: { low: 1, high: 2, prior: { median: 0, deviation: 1 } } },
      "prior of the length scale must have a positive median and deviation, but got 0 and 1",
    ],
  ])("%o", (options, message) => {
    expect(() => fit(observations, rbf(1), { key, ...options })).toThrow(message);
  });

  test("observations that are not finite", () => {
    expect(() => fit({ ...observations, targets: Float64Array.of(1, NaN) }, rbf(1), { key })).toThrow(
      "must be finite, but got NaN",
    );
  });
});
