import { expect, test } from "vitest";

import { matern52 } from "./gp/matern52.ts";
import { toLog } from "./gp/parameters.ts";
import { posterior, predict, predictGradient } from "./gp/posterior.ts";
import { logEi, logEiGradient, logImprovement } from "./log-ei.ts";

/** E max(b - f, 0) for f normal, by Simpson's rule over the part below b. */
function integrated(mean: number, sd: number, best: number): number {
  const low = Math.min(best, mean) - 12 * sd;
  const steps = 20_000;
  const h = (best - low) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const f = low + i * h;
    const density = Math.exp(-0.5 * ((f - mean) / sd) ** 2) / (sd * Math.sqrt(2 * Math.PI));
    sum += (i === 0 || i === steps ? 1 : i % 2 ? 4 : 2) * (best - f) * density;
  }
  return (sum * h) / 3;
}

test.each([
  [0, 1, 0],
  [2, 0.5, 1],
  [-1, 3, 4],
  [5, 1, 1],
  [0.3, 1e-3, 0.301],
  [10, 2, -2],
])("log EI of mean %d and deviation %d below %d is the integral", (mean, sd, best) => {
  const [value] = logEi({ mean: Float64Array.of(mean), variance: Float64Array.of(sd * sd) }, best);
  expect(value).toBeCloseTo(Math.log(integrated(mean, sd, best)), 8);
});

// By mpmath with 50 digits.
test.each([
  [-1000, -500014.73445209116],
  [-100, -5010.12957880025],
  [-40, -808.29856835662],
  [-39.9, -804.2985714654371],
  [-10, -55.55312203612235],
  [-1, -2.4851210257126413],
  [-0.999, -2.4832171154475855],
  [0, -0.9189385332046728],
  [3, 1.0987396653277077],
  [50, 3.912023005428146],
])("logImprovement(%d)", (z, wanted) =>
  expect(Math.abs(logImprovement(z) - wanted)).toBeLessThan(2e-12 * Math.max(1, Math.abs(wanted))),
);

test("it is finite and has a finite gradient however hopeless a point is", () => {
  const local = {
    mean: 1e6,
    variance: 1e-8,
    meanGradient: Float64Array.of(1),
    varianceGradient: Float64Array.of(0),
  };
  const { value, gradient } = logEiGradient(local, 0);
  expect(Number.isFinite(value)).toBe(true);
  expect(gradient[0]).toBeLessThan(0); // uphill leads to lower means
  expect(Number.isFinite(gradient[0])).toBe(true);
});

test("the gradient agrees with central differences along a posterior", () => {
  const inputs = Float64Array.from({ length: 24 }, (_, i) => (i * 0.618034) % 1);
  const targets = Float64Array.from(
    { length: 12 },
    (_, i) => Math.sin(7 * (inputs[2 * i] as number)) + i / 6,
  );
  const theta = toLog({ signalVariance: 1.3, lengthScales: [0.3, 0.6], noise: 1e-4 });
  const known = posterior({ inputs, targets }, matern52(2), theta, { standardize: true });
  for (const [best, at] of [
    [-0.5, [0.31, 0.77]],
    [3, [0.62, 0.11]],
    [-30, [0.05, 0.95]],
  ] as const) {
    const point = Float64Array.from(at);
    const { value, gradient } = logEiGradient(predictGradient(known, point), best);
    const valueAt = (p: Float64Array) => logEi(predict(known, p), best)[0] as number;
    expect(value).toBeCloseTo(valueAt(point), 9);
    gradient.forEach((slope, j) => {
      const [up, down] = [1e-5, -1e-5].map((step) => valueAt(point.map((x, k) => (k === j ? x + step : x))));
      const difference = ((up as number) - (down as number)) / 2e-5;
      expect(Math.abs(slope - difference)).toBeLessThan(1e-5 * Math.max(1, Math.abs(difference)));
    });
  }
});
