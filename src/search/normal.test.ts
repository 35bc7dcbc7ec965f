import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { millsRatio, normalCdf, normalDensity, normalQuantile } from "./normal.ts";

const expectClose = (got: number, wanted: number, tolerance = 1e-14): void =>
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(tolerance * Math.abs(wanted));

// Of SciPy 1.17's ndtr, erfcx and ndtri.
test.each([
  [-37, 5.7255712225239266e-300, 1e-12],
  [-8, 6.22096057427174e-16, 1e-14],
  [-5.7, 5.99037140106353e-9, 1e-14],
  [-3, 0.0013498980316300933, 1e-14],
  [-0.7, 0.24196365222307303, 1e-15],
  [-0.5, 0.3085375387259869, 1e-15],
  [0, 0.5, 0],
  [0.3, 0.6179114221889526, 1e-15],
  [1, 0.8413447460685429, 1e-15],
  [6, 0.9999999990134123, 1e-15],
])("normalCdf(%d)", (x, wanted, tolerance) => expectClose(normalCdf(x), wanted, tolerance));

test.each([
  [0, 1.2533141373155001],
  [0.5, 0.8763644564536921],
  [1, 0.6556795424187984],
  [5, 0.19280810471531573],
  [6, 0.1623776608968675],
  [100, 0.009999000299850106],
])("millsRatio(%d)", (x, wanted) => expectClose(millsRatio(x), wanted, 1e-14));

test.each([
  [1e-300, -37.0470962993612],
  [1e-12, -7.034483825301131],
  [0.01, -2.3263478740408408],
  [0.07, -1.4757910281791706],
  [0.3, -0.5244005127080409],
  [0.5, 0],
  [0.9, 1.2815515655446004],
  [0.999, 3.090232306167813],
])("normalQuantile(%d)", (p, wanted) => expectClose(normalQuantile(p), wanted, 1e-14));

describe("the laws", () => {
  const x = fc.double({ min: -7, max: 7, noNaN: true });

  test("the quantile inverts the distribution function", () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 4, noNaN: true }), (z) => {
        expect(normalQuantile(normalCdf(z))).toBeCloseTo(z, 10);
      }),
    );
    expect([0, 1].map(normalQuantile)).toEqual([-Infinity, Infinity]);
  });

  test("the density is the derivative", () => {
    fc.assert(
      fc.property(x, (at) => {
        const slope = (normalCdf(at + 1e-5) - normalCdf(at - 1e-5)) / 2e-5;
        expect(Math.abs(slope - normalDensity(at))).toBeLessThan(1e-10);
      }),
    );
  });

  test("both sides sum to 1", () => {
    fc.assert(fc.property(x, (at) => Math.abs(normalCdf(at) + normalCdf(-at) - 1) < 1e-14));
  });
});
