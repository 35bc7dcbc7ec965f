import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { cholesky } from "./cholesky.ts";
import type { Kernel } from "./kernel.ts";
import { matern52 } from "./matern52.ts";
import { toLog } from "./parameters.ts";
import { rbf } from "./rbf.ts";

const kernels: readonly [name: string, kernel: Kernel][] = [
  ["rbf, ARD", rbf(3)],
  ["rbf, isotropic", rbf(3, { lengthScales: "isotropic" })],
  ["matern52, ARD", matern52(3)],
  ["matern52, isotropic", matern52(3, { lengthScales: "isotropic" })],
];

const thetaOf = ({ lengthScales }: Kernel): Float64Array =>
  toLog({ signalVariance: 1.7, lengthScales: [0.6, 1.1, 2.3].slice(0, lengthScales), noise: 0.1 });

const inputs = Float64Array.of(0.1, 0.4, -0.3, 0.8, -0.5, 0.2, 0.3, 0.9, 1.4, 0.1, 0.4, -0.3); // the last repeats the first

const central = (f: (shift: number) => number, h = 1e-5): number => (f(h) - f(-h)) / (2 * h);

const shifted = (values: Float64Array, at: number, by: number): Float64Array =>
  values.map((value, i) => (i === at ? value + by : value));

describe("k by hand", () => {
  test("rbf: squared distances (1 / 2)^2 + (3 / 3)^2 = 5 / 4", () => {
    const theta = toLog({ signalVariance: 3, lengthScales: [2, 3], noise: 0 });
    const k = rbf(2).crossCovariance(theta, Float64Array.of(1, 1), Float64Array.of(2, 4));
    expect(k[0]).toBeCloseTo(3 * Math.exp(-5 / 8), 14);
  });

  test("matern52: r = sqrt(5) 3 / sqrt(5) = 3 gives a (1 + 3 + 9 / 3) exp(-3)", () => {
    const theta = toLog({ signalVariance: 2, lengthScales: [Math.sqrt(5)], noise: 0 });
    const k = matern52(1).crossCovariance(theta, Float64Array.of(-1), Float64Array.of(2));
    expect(k[0]).toBeCloseTo(14 * Math.exp(-3), 14);
  });

  test("matern52: at one length scale, (1 + sqrt(5) + 5 / 3) exp(-sqrt(5)), in every direction", () => {
    const theta = toLog({ signalVariance: 1, lengthScales: [0.5, 4], noise: 0 });
    const k = matern52(2).crossCovariance(theta, Float64Array.of(0, 0), Float64Array.of(0.5, 0, 0, -4));
    expect(k[0]).toBeCloseTo(0.5239941088318203, 14);
    expect(k[1]).toBeCloseTo(0.5239941088318203, 14);
  });
});

describe.each(kernels)("%s", (_, kernel) => {
  const theta = thetaOf(kernel);

  test("the covariance is the cross covariance of the inputs with themselves", () => {
    const covariance = kernel.covariance(theta, inputs);
    kernel
      .crossCovariance(theta, inputs, inputs)
      .forEach((k, at) => expect(covariance[at]).toBeCloseTo(k, 14));
    expect(covariance[0]).toBe(kernel.variance(theta));
    expect(covariance[3]).toBe(kernel.variance(theta)); // the repeated point
  });

  test("covariance matrices are positive definite", () => {
    const points = fc.integer({ min: 1, max: 12 }).chain((n) =>
      fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
        minLength: 3 * n,
        maxLength: 3 * n,
      }),
    );
    const scale = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(points, scale, (values, log) => {
        const at = theta.map((value, i) => (i === 0 ? value : value + log));
        const covariance = kernel.covariance(at, Float64Array.from(values));
        const n = values.length / 3;
        // 1e-9 of the diagonal against rounding: points may lie as close as they like.
        for (let i = 0; i < n; i++) covariance[i * n + i] = (covariance[i * n + i] as number) * (1 + 1e-9);
        expect(cholesky(covariance, n).jitter).toBe(0);
      }),
    );
  });

  test("a shared length scale is ARD with equal scales", () => {
    const isotropic = kernel.name === "rbf" ? rbf : matern52;
    const one = toLog({ signalVariance: 1.7, lengthScales: [0.6], noise: 0.1 });
    const all = toLog({ signalVariance: 1.7, lengthScales: [0.6, 0.6, 0.6], noise: 0.1 });
    expect(isotropic(3, { lengthScales: "isotropic" }).covariance(one, inputs)).toEqual(
      isotropic(3).covariance(all, inputs),
    );
  });

  test("the derivative by log parameters is that of central differences", () => {
    const n = inputs.length / 3;
    const weights = Float64Array.from({ length: n * n }, (_, at) =>
      Math.cos(Math.floor(at / n) + (at % n) + 2 * Math.floor(at / n) * (at % n)),
    ); // symmetric
    const weighted = (at: Float64Array): number =>
      kernel.covariance(at, inputs).reduce((sum, k, i) => sum + k * (weights[i] as number), 0);
    const gradient = kernel.parameterGradient(theta, inputs, weights);
    expect(gradient.length).toBe(kernel.lengthScales + 1);
    gradient.forEach((g, p) => {
      expect(g).toBeCloseTo(
        central((h) => weighted(shifted(theta, p, h))),
        8,
      );
      expect(Math.abs(g)).toBeGreaterThan(1e-3);
    });
  });

  test("the derivative by the upper triangle is counted through symmetry", () => {
    const lower = Float64Array.of(1, NaN, NaN, NaN, 2, 3, NaN, NaN, -1, 4, 2, NaN, 1, 2, -3, 1);
    const both = lower.map((w, at) =>
      Number.isNaN(w) ? (lower[(at % 4) * 4 + Math.floor(at / 4)] as number) : w,
    );
    expect(kernel.parameterGradient(theta, inputs, lower)).toEqual(
      kernel.parameterGradient(theta, inputs, both),
    );
  });

  test("the derivative by a point is that of central differences, and 0 at an input", () => {
    const point = Float64Array.of(0.5, -0.2, 0.7);
    const gradient = kernel.inputGradient(theta, point, inputs);
    expect(gradient.length).toBe(inputs.length);
    gradient.forEach((g, at) => {
      const k = (h: number) =>
        kernel.crossCovariance(theta, shifted(point, at % 3, h), inputs)[Math.floor(at / 3)] as number;
      expect(g).toBeCloseTo(central(k), 8);
    });
    expect(
      [...kernel.inputGradient(theta, inputs.subarray(0, 3), inputs).subarray(0, 3)].map(Math.abs),
    ).toEqual([0, 0, 0]);
  });
});

test("a kernel without inputs is refused", () => {
  expect(() => rbf(0)).toThrow("a kernel must have a whole number of inputs, at least 1, but got 0");
  expect(() => matern52(1.5)).toThrow("but got 1.5");
});
