import { expect, test } from "vitest";

import { randomKey, randomNormal } from "../../util/random.ts";
import { curveLikelihood } from "../gp/freeze-thaw-likelihood.ts";
import { toPhi } from "../gp/freeze-thaw-parameters.ts";
import { matern52 } from "../gp/matern52.ts";
import { curveParameters, fittedTrials, inUnits, lookBudgets } from "./curve-parameters.ts";

const kernel = matern52(1);
const key = randomKey(1, "fit");

/** Five curves up to a time, in units of their own. */
const seen = (points: number, mean = 0, scale = 1) => ({
  inputs: Float64Array.of(0.1, 0.3, 0.5, 0.7, 0.9),
  curves: [0, 1, 2, 3, 4].map((n) => ({
    times: Float64Array.from({ length: points }, (_, i) => (i + 1) / 10),
    values: randomNormal(randomKey(2, "noise"), n, 10)
      .subarray(0, points)
      .map((z, i) => mean + scale * (n / 3 + 2 * Math.exp(-(i + 1) / 2) + 0.02 * z)),
  })),
});

test("in other units the same parameters make the same curves as likely", () => {
  const phi = toPhi({
    ...{ signalVariance: 1.3, lengthScales: [0.4], noise: 0.02, mean: 0.7 },
    decay: { variance: 5, shape: 1.2, onset: 0.1 },
  });
  const moved = inUnits({ phi, mean: 2, scale: 3 }, -1, 0.5);
  // value = 2 + 3 standard = -1 + other / 2, so other = 2 (3 + 3 standard) = 6 + 6 standard.
  const before = curveLikelihood(seen(6), kernel, phi);
  const after = curveLikelihood(seen(6, 6, 6), kernel, moved);
  expect(after.value).toBeCloseTo(before.value - 30 * Math.log(6), 9);
});

test("units do not matter to a fit, look after look", () => {
  const looks = (mean: number, scale: number) => [
    seen(1, mean, scale),
    seen(3, mean, scale),
    seen(10, mean, scale),
  ];
  const one = curveParameters(kernel)(looks(0, 1), key);
  const other = curveParameters(kernel)(looks(50, 8), key);
  other.phi.forEach((x, p) => expect(x).toBeCloseTo(one.phi[p] as number, 3));
  expect(other.scale / one.scale).toBeCloseTo(8, 12);
  expect(other.mean).toBeCloseTo(50 + 8 * one.mean, 9);
});

test("a fit is remembered while a look sees the same, and made anew when it does not", () => {
  const parameters = curveParameters(kernel);
  const first = parameters([seen(1), seen(3)], key);
  expect(parameters([seen(1), seen(3)], key)).toBe(first);
  const more = parameters([seen(1), seen(4)], key);
  expect(more).not.toBe(first);
  expect(more).toEqual(curveParameters(kernel)([seen(1), seen(4)], key));
  expect(parameters([seen(1), seen(4)], randomKey(2, "fit"))).not.toBe(more);
});

test("looks are after 1, 3, 9, … intervals and at the end", () => {
  expect(lookBudgets(1, 10)).toEqual([1, 3, 10]);
  expect(lookBudgets(2, 100)).toEqual([2, 6, 18, 54, 100]);
  expect(lookBudgets(5, 5)).toEqual([5]);
});

test("fits see all of twelve trials, then a sixth more at a time, and not more than some hundred", () => {
  expect([1, 5, 12, 13, 14, 16, 17].map(fittedTrials)).toEqual([1, 5, 12, 12, 14, 14, 17]);
  expect(fittedTrials(1000)).toBe(fittedTrials(120));
  expect(fittedTrials(1000)).toBeGreaterThan(100);
});
