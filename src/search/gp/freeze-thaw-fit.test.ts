import { describe, expect, test } from "vitest";

import { randomKey, randomNormal } from "../../util/random.ts";
import { cholesky } from "./cholesky.ts";
import type { Curve } from "./curves.ts";
import { decayCovariance } from "./decay-kernel.ts";
import { fitCurves } from "./freeze-thaw-fit.ts";
import { curveLikelihood } from "./freeze-thaw-likelihood.ts";
import { decayOf, thetaOf, toPhi } from "./freeze-thaw-parameters.ts";
import { curvePosterior, predictCurve } from "./freeze-thaw-posterior.ts";
import { fromLog } from "./parameters.ts";
import { matern52 } from "./matern52.ts";

const kernel = matern52(1);
const key = randomKey(20260101, "fit");
const truth = {
  signalVariance: 1,
  lengthScales: [0.2],
  noise: 1e-3,
  decay: { variance: 4, shape: 2, onset: 0.3 },
  mean: 0.5,
};

/** Forty curves of ten points, drawn from the process itself. */
function drawn(seed: number) {
  const n = 40;
  const inputs = Float64Array.from({ length: n }, (_, i) => i / (n - 1));
  const times = Float64Array.from({ length: 10 }, (_, i) => (i + 1) / 10);
  const normal = (covariance: Float64Array, size: number, step: number) => {
    const { lower } = cholesky(covariance, size);
    const z = randomNormal(randomKey(seed, "draw"), step, size);
    return Float64Array.from({ length: size }, (_, i) =>
      z.reduce((sum, x, j) => sum + x * (lower[i * size + j] as number), 0),
    );
  };
  const levels = normal(kernel.covariance(Float64Array.of(0, Math.log(0.2), 0), inputs), n, 0);
  const curves = Array.from(levels, (level, i): Curve => {
    const covariance = decayCovariance(truth.decay, times, times);
    for (let j = 0; j < 10; j++) covariance[11 * j] = (covariance[11 * j] as number) + truth.noise;
    return { times, values: normal(covariance, 10, i + 1).map((g) => truth.mean + level + g) };
  });
  return { inputs, curves };
}

describe("parameters of curves drawn from the process", () => {
  const observations = drawn(1);
  const { phi, ends } = fitCurves(observations, kernel, { key });

  test("are at least as likely as the true ones, and not much more", () => {
    const at = (where: Float64Array) => curveLikelihood(observations, kernel, where).value;
    const gain = 2 * (at(phi) - at(toPhi(truth)));
    expect(gain).toBeGreaterThan(-3); // the priors pull
    expect(gain).toBeLessThan(24.3); // chi squared with 7 degrees of freedom: exceeded with probability 0.001
  });

  test("are found where the curves tell them", () => {
    const { noise, lengthScales } = fromLog(thetaOf(phi));
    const decay = decayOf(phi);
    expect(Math.abs(Math.log(noise / truth.noise))).toBeLessThan(0.34); // four times sqrt(2 / 280), of ten points less three a curve
    expect(Math.abs(Math.log((lengthScales[0] as number) / 0.2))).toBeLessThan(0.7);
    expect(Math.abs(Math.log(decay.variance / 4))).toBeLessThan(1.2);
  });

  test("are the same from every start", () => {
    for (const end of ends) expect(end).toBeCloseTo(Math.max(...ends), 1);
  });
});

test("the same key gives the same fit, and no step at all gives the start", () => {
  const observations = drawn(2);
  const options = { key, starts: 2, maxIterations: 3 };
  expect(fitCurves(observations, kernel, options)).toEqual(fitCurves(observations, kernel, options));
  const start = toPhi(truth);
  const still = fitCurves(observations, kernel, { key, starts: 1, initial: start, maxIterations: 0 });
  still.phi.forEach((x, p) => expect(x).toBeCloseTo(start[p] as number, 14));
});

test("constant curves, and twins, can be fitted", () => {
  const times = Float64Array.of(0.1, 0.2);
  const curves = [0, 1, 2].map(() => ({ times, values: Float64Array.of(0, 0) }));
  const { phi } = fitCurves({ inputs: Float64Array.of(0.5, 0.5, 0.5), curves }, kernel, { key });
  expect(phi.every(Number.isFinite)).toBe(true);
});

const phi = toPhi(truth);
const curve: Curve = { times: Float64Array.of(0.1), values: Float64Array.of(1) };
const one = (part: Partial<Curve>) => ({ inputs: Float64Array.of(0.5), curves: [{ ...curve, ...part }] });

test.each([
  ["no curve", () => curvePosterior({ inputs: new Float64Array(0), curves: [] }, kernel, phi), /at least one curve/],
  ["a row too few", () => curvePosterior({ inputs: Float64Array.of(1), curves: [curve, curve] }, kernel, phi), /but got 2 and 1 numbers/],
  ["a curve without values", () => curvePosterior(one({ times: new Float64Array(0), values: new Float64Array(0) }), kernel, phi), /at least one value/],
  ["a value that is not finite", () => curvePosterior(one({ values: Float64Array.of(NaN) }), kernel, phi), /must be finite.*but got NaN/],
  ["a time before the start", () => curvePosterior(one({ times: Float64Array.of(-1) }), kernel, phi), /the time -1/],
  ["parameters of another kernel", () => curvePosterior(one({}), matern52(1), phi.slice(1)), /parameters of/],
  ["a curve that is not there", () => predictCurve(curvePosterior(one({}), kernel, phi), 1, curve.times), /one of 0 to 0, but got 1/],
  ["no start", () => fitCurves(one({}), kernel, { key, starts: 0 }), /at least 1, but got 0/],
])("%s is refused", (_, make, sentence) => expect(make).toThrow(sentence)); // prettier-ignore
