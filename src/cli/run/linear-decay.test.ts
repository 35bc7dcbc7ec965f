import { expect, test } from "vitest";

import { linearDecay } from "./linear-decay.ts";

/** X'X / m of independent, standardised columns is the identity. */
const ridge = (truth: number, noise: number, rows: number) => (decay: number) => {
  const shrunk = 2 / (2 + decay); // the minimum of (b - w)^2 + decay w^2 / 2 lies at w = b 2 / (2 + decay)
  return truth * (1 - shrunk) ** 2 + (shrunk ** 2 * noise) / rows; // a column's expected excess over the noise
};

test("is the best decay of ridge regression where the noise has a fifth of the signal's variance", () => {
  const [inputs, rows] = [50, 400];
  const excess = ridge(1 / inputs, 0.2, rows); // of a signal of variance 1
  const decay = linearDecay({ inputs, rows, outputs: 1, classes: false });
  for (const factor of [0.9, 1.1]) expect(excess(factor * decay)).toBeGreaterThan(excess(decay));
});

test("goes by the curvature of the loss, and is no lower than 1e-4", () => {
  const sizes = { inputs: 10, rows: 100 };
  const at = (outputs: number, classes: boolean) => linearDecay({ ...sizes, outputs, classes });
  expect(at(1, false)).toBeCloseTo(0.04, 12);
  expect(at(4, false)).toBeCloseTo(0.01, 12); // the mean over outputs
  expect(at(2, true)).toBeCloseTo(0.005, 12);
  expect(at(10, true)).toBeCloseTo(0.0018, 12);
  expect(linearDecay({ inputs: 1, rows: 1e5, outputs: 1, classes: false })).toBe(1e-4);
});
