import { describe, expect, test } from "vitest";

import type { Kernel } from "./kernel.ts";
import { marginalLikelihood } from "./marginal-likelihood.ts";
import { matern52 } from "./matern52.ts";
import { toLog } from "./parameters.ts";
import { rbf } from "./rbf.ts";

const kernels: readonly [name: string, kernel: Kernel][] = [
  ["rbf, ARD", rbf(2)],
  ["rbf, isotropic", rbf(2, { lengthScales: "isotropic" })],
  ["matern52, ARD", matern52(2)],
  ["matern52, isotropic", matern52(2, { lengthScales: "isotropic" })],
];

/** The distance at which an rbf with length scale 1 correlates by 1/2: exp(-h^2 / 2) = 1/2. */
const half = Math.sqrt(2 * Math.LN2);

test("one target is normal with variance a + v", () => {
  // K = 3 + 1 = 4, y = 2: -(y^2 / 4 + log 4 + log 2 pi) / 2 = -(1 + log 8 pi) / 2. By K, it changes by
  // (y^2 / K^2 - 1 / K) / 2 = (1/4 - 1/4) / 2 = 0 with y = 2 and by (1 - 1/4) / 2 = 3/8 with y = 4: times a = 3 by log a, v = 1 by log v.
  const theta = toLog({ signalVariance: 3, lengthScales: [0.7], noise: 1 });
  const at = (y: number) =>
    marginalLikelihood({ inputs: Float64Array.of(5), targets: Float64Array.of(y) }, rbf(1), theta);
  expect(at(2).value).toBeCloseTo(-(1 + Math.log(8 * Math.PI)) / 2, 14);
  expect(at(2).value).toBeCloseTo(-2.112085713764618, 12);
  at(2).gradient.forEach((g) => expect(g).toBeCloseTo(0, 14));
  [9 / 8, 0, 3 / 8].forEach((expected, i) => expect(at(4).gradient[i]).toBeCloseTo(expected, 14));
});

test("two targets by the closed inverse", () => {
  // K = [5/4 1/2; 1/2 5/4], det K = 25/16 - 4/16 = 21/16, K^-1 = [20 -8; -8 20] / 21.
  // y = (1, 2): alpha = (20 - 16, -8 + 40) / 21 = (4, 32) / 21, y' alpha = 68/21.
  // By log v (dK = I / 4): (alpha' alpha - tr K^-1) / 8 = ((16 + 1024) / 441 - 40 / 21) / 8 = (1040 - 840) / 3528 = 25/441.
  // By log l, the off-diagonal elements change by k q = 1/2 * 2 log 2 = log 2:
  // (alpha_1 alpha_2 - (K^-1)_12) log 2 = (128 / 441 + 8 / 21) log 2 = 296/441 log 2.
  // By log a (dK = K - I / 4): (alpha' K alpha - tr K^-1 K) / 2 - 25/441 = (68/21 - 2) / 2 - 25/441 = 13/21 - 25/441 = 248/441.
  const theta = toLog({ signalVariance: 1, lengthScales: [1], noise: 0.25 });
  const observations = { inputs: Float64Array.of(0, half), targets: Float64Array.of(1, 2) };
  const { value, gradient } = marginalLikelihood(observations, rbf(1), theta);
  expect(value).toBeCloseTo(-(68 / 21 + Math.log(21 / 16) + 2 * Math.log(2 * Math.PI)) / 2, 14);
  expect(value).toBeCloseTo(-3.5928915431987853, 12);
  [248 / 441, (296 / 441) * Math.LN2, 25 / 441].forEach((expected, i) =>
    expect(gradient[i]).toBeCloseTo(expected, 13),
  );
});

test("far points are independent: the sum of their densities", () => {
  const theta = toLog({ signalVariance: 2, lengthScales: [0.01], noise: 0.5 });
  const of = (inputs: number[], targets: number[]) =>
    marginalLikelihood(
      { inputs: Float64Array.from(inputs), targets: Float64Array.from(targets) },
      matern52(1),
      theta,
    ).value;
  expect(of([0, 1, 2], [1, -2, 0.5])).toBeCloseTo(of([0], [1]) + of([0], [-2]) + of([0], [0.5]), 12);
});

describe.each(kernels)("%s", (_, kernel) => {
  const observations = {
    inputs: Float64Array.of(0.1, 0.4, 0.8, -0.5, 0.3, 0.9, -0.7, 0.2, 0.35, 0.8),
    targets: Float64Array.of(1, -0.4, 0.3, 2, 0.5),
  };
  const theta = toLog({
    signalVariance: 1.7,
    lengthScales: [0.6, 1.1].slice(0, kernel.lengthScales),
    noise: 0.04,
  });

  test("the gradient is that of central differences in every log parameter", () => {
    const { gradient } = marginalLikelihood(observations, kernel, theta);
    expect(gradient.length).toBe(theta.length);
    theta.forEach((_, p) => {
      const at = (h: number) =>
        marginalLikelihood(
          observations,
          kernel,
          theta.map((t, i) => (i === p ? t + h : t)),
        ).value;
      const expected = (at(1e-5) - at(-1e-5)) / 2e-5;
      expect(Math.abs(expected)).toBeGreaterThan(1e-2);
      expect((gradient[p] as number) / expected).toBeCloseTo(1, 7);
    });
  });

  test("the order of the observations does not matter", () => {
    const order = [3, 0, 4, 2, 1];
    const { inputs, targets } = observations;
    const other = marginalLikelihood(
      {
        inputs: Float64Array.from(order.flatMap((i) => [...inputs.subarray(2 * i, 2 * i + 2)])),
        targets: Float64Array.from(order, (i) => targets[i] as number),
      },
      kernel,
      theta,
    );
    const one = marginalLikelihood(observations, kernel, theta);
    expect(other.value).toBeCloseTo(one.value, 12);
    other.gradient.forEach((g, i) => expect(g).toBeCloseTo(one.gradient[i] as number, 11));
  });
});

test("a noise of 0 has no gradient", () => {
  const theta = toLog({ signalVariance: 1, lengthScales: [1], noise: 0 });
  const { value, gradient } = marginalLikelihood(
    { inputs: Float64Array.of(0, 1), targets: Float64Array.of(1, 2) },
    rbf(1),
    theta,
  );
  expect(value).toBeLessThan(0);
  expect(gradient[2]).toBe(0);
});
