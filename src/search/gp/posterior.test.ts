import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Kernel } from "./kernel.ts";
import { matern52 } from "./matern52.ts";
import { toLog } from "./parameters.ts";
import { append, posterior, predict, predictGradient, predictMean } from "./posterior.ts";
import { rbf } from "./rbf.ts";

const kernels: readonly [name: string, kernel: Kernel][] = [
  ["rbf, ARD", rbf(2)],
  ["rbf, isotropic", rbf(2, { lengthScales: "isotropic" })],
  ["matern52, ARD", matern52(2)],
  ["matern52, isotropic", matern52(2, { lengthScales: "isotropic" })],
];

/** The distance at which an rbf with length scale 1 correlates by 1/2: exp(-h^2 / 2) = 1/2. At n times it, by 2^(-n^2). */
const half = Math.sqrt(2 * Math.LN2);

const unitTheta = (noise: number): Float64Array => toLog({ signalVariance: 1, lengthScales: [1], noise });

function expectAll(got: ArrayLike<number>, expected: readonly number[], digits = 13): void {
  expect(got.length).toBe(expected.length);
  expected.forEach((value, i) => expect(got[i]).toBeCloseTo(value, digits));
}

describe("by hand", () => {
  test("one point", () => {
    // a = 3, v = 1, y = 2, K = 4, alpha = 1/2. Where k = 3/2, at distance h: mean 3/2 * 1/2 = 3/4, variance 3 - (9/4) / 4 = 39/16.
    // At the point itself: mean 3/2, variance 3 - 9/4 = 3/4. Far away: 0 and 3.
    const theta = toLog({ signalVariance: 3, lengthScales: [1], noise: 1 });
    const known = posterior({ inputs: Float64Array.of(5), targets: Float64Array.of(2) }, rbf(1), theta);
    const { mean, variance } = predict(known, Float64Array.of(5 + half, 5 - half, 5, 1000));
    expectAll(mean, [3 / 4, 3 / 4, 3 / 2, 0]);
    expectAll(variance, [39 / 16, 39 / 16, 3 / 4, 3]);
  });

  test("two points without noise", () => {
    // X = (0, h), K = [1 1/2; 1/2 1], K^-1 = [4 -2; -2 4] / 3, y = (1, 2): alpha = (4 - 4, -2 + 8) / 3 = (0, 2).
    // At -h: c = (1/2, 1/16), mean 2/16 = 1/8;
    // c' K^-1 c = (4 (1/4 + 1/256) - 4 / 32) / 3 = (260 - 32) / 768 = 19/64, variance 45/64.
    const known = posterior(
      { inputs: Float64Array.of(0, half), targets: Float64Array.of(1, 2) },
      rbf(1),
      unitTheta(0),
    );
    expectAll(known.weights, [0, 2]);
    const { mean, variance } = predict(known, Float64Array.of(-half, 0, half));
    expectAll(mean, [1 / 8, 1, 2]);
    expectAll(variance, [45 / 64, 0, 0]);
  });

  test("two points with noise", () => {
    // v = 1/4: K^-1 = [20 -8; -8 20] / 21, alpha = (4, 32) / 21. At -h: mean (4/2 + 32/16) / 21 = 4/21;
    // c' K^-1 c = (20 (65/256) - 16/32) / 21 = (1300 - 128) / 5376 = 293/1344, variance 1051/1344.
    const known = posterior(
      { inputs: Float64Array.of(0, half), targets: Float64Array.of(1, 2) },
      rbf(1),
      unitTheta(0.25),
    );
    expectAll(known.weights, [4 / 21, 32 / 21]);
    const { mean, variance } = predict(known, Float64Array.of(-half));
    expectAll(mean, [0.19047619047619047]);
    expectAll(variance, [0.7819940476190477]);
  });

  test("three points at the corners of a triangle with equal sides h", () => {
    // K = (I + J) / 2 with J all ones, so K^-1 = 2 I - J / 2; y = (1, 2, 3): alpha = 2 y - 3 = (-1, 1, 3).
    // The centre is h / sqrt(3) from each: c = 2^(-1/3) (1, 1, 1), mean 3 c, variance 1 - c^2 (6 - 9/2).
    const inputs = Float64Array.of(0, 0, half, 0, half / 2, (half * Math.sqrt(3)) / 2);
    const kernel = rbf(2, { lengthScales: "isotropic" });
    const known = posterior({ inputs, targets: Float64Array.of(1, 2, 3) }, kernel, unitTheta(0));
    expectAll(known.weights, [-1, 1, 3]);
    const { mean, variance } = predict(known, Float64Array.of(half / 2, half / Math.sqrt(12)));
    expectAll(mean, [3 * 2 ** (-1 / 3)]);
    expectAll(variance, [1 - 1.5 * 2 ** (-2 / 3)]);
  });

  test("standardised targets", () => {
    // (1, 5) has mean 3 and deviation 2, so y = (-1, 1). The points are far apart: with v = 1 the means are y / 2, variances 1 / 2,
    // that is 3 -+ 1 and 4 / 2; far from both 3 and 4.
    const known = posterior(
      { inputs: Float64Array.of(0, 100), targets: Float64Array.of(1, 5) },
      rbf(1),
      unitTheta(1),
      { standardize: true },
    );
    const { mean, variance } = predict(known, Float64Array.of(0, 100, 50));
    expectAll(mean, [2, 4, 3]);
    expectAll(variance, [2, 2, 4]);
  });
});

const observations = {
  inputs: Float64Array.of(0.1, 0.4, 0.8, -0.5, 0.3, 0.9, -0.7, 0.2, 0.35, 0.8),
  targets: Float64Array.of(1, -0.4, 0.3, 2, 0.5),
};

describe.each(kernels)("%s", (_, kernel) => {
  const thetaOf = (noise: number): Float64Array =>
    toLog({ signalVariance: 1.7, lengthScales: [0.6, 1.1].slice(0, kernel.lengthScales), noise });
  const points = Float64Array.of(0.5, 0.5, -0.2, 0.1, 0.11, 0.4);

  test("goes through exact observations", () => {
    const { mean, variance } = predict(posterior(observations, kernel, thetaOf(0)), observations.inputs);
    expectAll(mean, [...observations.targets], 10);
    expectAll(variance, [0, 0, 0, 0, 0], 10);
  });

  test("rounding makes no variance negative", () => {
    const inputs = Float64Array.from({ length: 80 }, (_, at) => Math.sin(7 * at * at));
    const known = posterior({ inputs, targets: inputs.slice(0, 40) }, kernel, thetaOf(0));
    const { variance } = predict(known, inputs);
    expect(Math.min(...variance)).toBeGreaterThanOrEqual(0);
    expect(variance).toContain(0); // that is, some would have been
    for (let i = 0; i < 80; i += 2) {
      expect(predictGradient(known, inputs.slice(i, i + 2)).variance).toBeGreaterThanOrEqual(0);
    }
  });

  test("variances are between 0 and the prior's, whatever the points", () => {
    const known = posterior(observations, kernel, thetaOf(1e-9));
    const input = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(input, input), (point) => {
        const [variance] = predict(known, Float64Array.from(point)).variance;
        expect(variance).toBeGreaterThanOrEqual(0);
        expect(variance).toBeLessThanOrEqual(1.7 * (1 + 1e-15));
      }),
    );
  });

  test.each([false, true])(
    "mean and variance have the gradients of central differences (standardised: %s)",
    (standardize) => {
      const known = posterior(observations, kernel, thetaOf(0.01), { standardize });
      for (let t = 0; t < points.length; t += 2) {
        const point = points.slice(t, t + 2);
        const local = predictGradient(known, point);
        const { mean, variance } = predict(known, point);
        expectAll([local.mean, local.variance], [mean[0] as number, variance[0] as number]);
        for (const j of [0, 1]) {
          const at = (h: number) =>
            predict(
              known,
              point.map((x, i) => (i === j ? x + h : x)),
            );
          const difference = (of: "mean" | "variance") =>
            ((at(1e-5)[of][0] as number) - (at(-1e-5)[of][0] as number)) / 2e-5;
          expect(local.meanGradient[j]).toBeCloseTo(difference("mean"), 7);
          expect(local.varianceGradient[j]).toBeCloseTo(difference("variance"), 7);
        }
      }
    },
  );

  test("an appended observation is one that was there", () => {
    const all = posterior(observations, kernel, thetaOf(0.01));
    const fewer = posterior(
      { inputs: observations.inputs.slice(0, -2), targets: observations.targets.slice(0, -1) },
      kernel,
      thetaOf(0.01),
    );
    const appended = append(fewer, observations.inputs.slice(-2), observations.targets.at(-1) as number);
    expectAll(predict(appended, points).mean, [...predict(all, points).mean], 12);
    expectAll(predict(appended, points).variance, [...predict(all, points).variance], 12);
    expect(appended.targets).toEqual(all.targets);
    expect(fewer.targets.length).toBe(4);
  });

  test("an observation is appended in the units of the first ones", () => {
    const known = posterior(observations, kernel, thetaOf(0), { standardize: true });
    const point = Float64Array.of(-1, -1);
    expectAll(predict(append(known, point, 42), point).mean, [42], 8);
  });

  test("the order of the observations does not matter", () => {
    const order = [3, 0, 4, 2, 1];
    const { inputs, targets } = observations;
    const options = { standardize: true };
    const one = predict(posterior(observations, kernel, thetaOf(0.01), options), points);
    const permuted = {
      inputs: Float64Array.from(order.flatMap((i) => [...inputs.subarray(2 * i, 2 * i + 2)])),
      targets: Float64Array.from(order, (i) => targets[i] as number),
    };
    const other = predict(posterior(permuted, kernel, thetaOf(0.01), options), points);
    expectAll(other.mean, [...one.mean], 12);
    expectAll(other.variance, [...one.variance], 12);
  });

  test("standardisation carries shifts and scales of the targets through", () => {
    const moved = { ...observations, targets: observations.targets.map((y) => 7 - 3 * y) };
    const options = { standardize: true };
    const one = predict(posterior(observations, kernel, thetaOf(0.01), options), points);
    const other = predict(posterior(moved, kernel, thetaOf(0.01), options), points);
    expectAll(other.mean, [...one.mean.map((m) => 7 - 3 * m)], 12);
    expectAll(other.variance, [...one.variance.map((v) => 9 * v)], 12);
  });

  test("means alone are the same means", () => {
    const known = posterior(observations, kernel, thetaOf(0.01), { standardize: true });
    expect(predictMean(known, points)).toEqual(predict(known, points).mean);
  });
});

describe("what is degenerate but allowed", () => {
  test("duplicate points with tiny noise: the mean of their targets", () => {
    const known = posterior(
      { inputs: Float64Array.of(0, 0, 0, 1), targets: Float64Array.of(1, 2, 3, 0) },
      rbf(1),
      unitTheta(1e-10),
    );
    const { mean, variance } = predict(known, Float64Array.of(0));
    expectAll(mean, [2], 5);
    expectAll(variance, [0], 9);
  });

  test("duplicate points without noise get jitter", () => {
    const known = posterior(
      { inputs: Float64Array.of(0, 0), targets: Float64Array.of(1, 3) },
      rbf(1),
      unitTheta(0),
    );
    expect(known.factor.jitter).toBeGreaterThan(0);
    expectAll(predict(known, Float64Array.of(0)).mean, [2], 3);
  });

  test("an appended duplicate", () => {
    const known = posterior(
      { inputs: Float64Array.of(0, 1), targets: Float64Array.of(1, 3) },
      rbf(1),
      unitTheta(0),
    );
    expectAll(predict(append(known, Float64Array.of(1), 3), Float64Array.of(0, 1)).mean, [1, 3], 8);
  });

  test.each([7, 0.1, 0])("constant targets of %d: the constant everywhere", (constant) => {
    const targets = new Float64Array(5).fill(constant);
    const known = posterior(
      { ...observations, targets },
      matern52(2),
      toLog({ signalVariance: 1, lengthScales: [1, 1], noise: 1e-6 }),
      {
        standardize: true,
      },
    );
    expect(known.targetScale).toBe(1);
    expectAll(predict(known, Float64Array.of(0, 0, 9, 9)).mean, [constant, constant]);
  });

  test("no points to predict", () => {
    const known = posterior(
      observations,
      matern52(2),
      toLog({ signalVariance: 1, lengthScales: [1, 1], noise: 1 }),
    );
    expect(predict(known, new Float64Array(0))).toEqual({
      mean: new Float64Array(0),
      variance: new Float64Array(0),
    });
  });
});

describe("what is refused", () => {
  const kernel = rbf(2);
  const theta = toLog({ signalVariance: 1, lengthScales: [1, 1], noise: 1 });
  const { inputs, targets } = observations;
  const known = posterior(observations, kernel, theta);
  test.each([
    [
      () => posterior({ inputs: Float64Array.of(), targets: Float64Array.of() }, kernel, theta),
      "but got none",
    ],
    [
      () => posterior({ inputs: inputs.slice(1), targets }, kernel, theta),
      "5 rows of 2 inputs, but got 9 numbers",
    ],
    [
      () => posterior({ inputs, targets: targets.map(() => NaN) }, kernel, theta),
      "must be finite, but got NaN",
    ],
    [() => posterior({ inputs: inputs.map(() => Infinity), targets }, kernel, theta), "but got Infinity"],
    [() => posterior(observations, kernel, theta.slice(1)), "must be 4 finite logarithms"],
    [() => posterior(observations, kernel, Float64Array.of(NaN, 0, 0, 0)), "but got [NaN, 0, 0, 0]"],
    [
      () => posterior(observations, kernel, Float64Array.of(0, 0, 0, Infinity)),
      "but got [0, 0, 0, Infinity]",
    ],
    [
      () =>
        posterior(
          observations,
          kernel,
          theta.map(() => NaN),
        ),
      "but got [NaN, NaN, NaN, NaN]",
    ],
    [() => predict(known, Float64Array.of(1, 2, 3)), "rows of 2 inputs, but got 3 numbers"],
    [() => predictMean(known, Float64Array.of(1)), "rows of 2 inputs, but got 1 numbers"],
    [() => predictGradient(known, Float64Array.of(1)), "must have 2 inputs, but got 1"],
    [() => append(known, Float64Array.of(1), 1), "1 rows of 2 inputs, but got 1 numbers"],
    [() => append(known, Float64Array.of(1, 2), Infinity), "must be finite, but got Infinity"],
  ])("%s", (attempt, message) => {
    expect(attempt).toThrow(message);
  });
});
