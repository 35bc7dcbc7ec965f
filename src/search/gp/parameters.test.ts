import { expect, test } from "vitest";

import { fromLog, noiseOf, signalVarianceOf, toLog } from "./parameters.ts";

test("theta holds the logarithms of signal variance, length scales and noise, in this order", () => {
  const theta = toLog({ signalVariance: Math.E, lengthScales: [1, Math.E ** 2], noise: Math.E ** -3 });
  [1, 0, 2, -3].forEach((expected, i) => expect(theta[i]).toBeCloseTo(expected, 14));
  expect(theta.length).toBe(4);
  expect(signalVarianceOf(theta)).toBeCloseTo(Math.E, 14);
  expect(noiseOf(theta)).toBeCloseTo(Math.E ** -3, 14);
});

test("a noise of 0 comes back from the round trip", () => {
  const { signalVariance, lengthScales, noise } = fromLog(
    toLog({ signalVariance: 2, lengthScales: [3, 0.1], noise: 0 }),
  );
  expect(signalVariance).toBeCloseTo(2, 14);
  expect(lengthScales.length).toBe(2);
  expect(lengthScales[0]).toBeCloseTo(3, 14);
  expect(lengthScales[1]).toBeCloseTo(0.1, 14);
  expect(noise).toBe(0);
});
