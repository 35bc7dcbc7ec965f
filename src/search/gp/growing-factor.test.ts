import { expect, test } from "vitest";

import { randomKey, randomUniform } from "../../util/random.ts";
import { cholesky } from "./cholesky.ts";
import { growingFactor } from "./growing-factor.ts";
import { noisyCovariance } from "./marginal-likelihood.ts";
import { matern52 } from "./matern52.ts";
import { toLog } from "./parameters.ts";
import { observedMeans, posterior, predictMean } from "./posterior.ts";

const kernel = matern52(3);
const thetaOf = (scale: number, noise = 1e-3) =>
  toLog({ signalVariance: 2, lengthScales: [scale, 0.5, 0.8], noise });
const inputs = Float64Array.from(randomUniform(randomKey(3, "growing factor"), 0, 3 * 40));
const anew = (theta: Float64Array, rows: Float64Array) =>
  cholesky(noisyCovariance(kernel, theta, rows), rows.length / 3);

test("the factor is to the last bit that of the whole, whatever was asked before", () => {
  const factorOf = growingFactor(kernel);
  const theta = thetaOf(0.4);
  for (const rows of [1, 2, 7, 8, 9, 13, 13, 30, 11, 40]) {
    const part = inputs.slice(0, 3 * rows);
    expect(factorOf(theta, part)).toEqual(anew(theta, part));
  }
  const late = Float64Array.from([...inputs.subarray(0, 51), 0.1, 0.2, 0.3, ...inputs.subarray(51)]); // a trial that ended late
  expect(factorOf(theta, late)).toEqual(anew(theta, late));
  expect(factorOf(thetaOf(0.7), late)).toEqual(anew(thetaOf(0.7), late));
});

test("where a jitter is needed it is found as for the whole", () => {
  const factorOf = growingFactor(kernel);
  const theta = thetaOf(0.4, 1e-30);
  const repeated = Float64Array.from([...inputs, ...inputs.subarray(0, 3)]);
  factorOf(theta, inputs);
  expect(anew(theta, repeated).jitter).toBeGreaterThan(0);
  for (const rows of [repeated, Float64Array.from([...repeated, 0.1, 0.2, 0.3])])
    expect(factorOf(theta, rows)).toEqual(anew(theta, rows));
});

test("means at the observed inputs are those of a prediction there", () => {
  const targets = Float64Array.from({ length: 40 }, (_, i) => Math.sin(i) + 3);
  for (const noise of [1e-3, 0.5]) {
    const known = posterior({ inputs, targets }, kernel, thetaOf(0.4, noise), { standardize: true });
    const wanted = predictMean(known, inputs);
    observedMeans(known).forEach((mean, i) => expect(mean).toBeCloseTo(wanted[i] as number, 10));
  }
});
