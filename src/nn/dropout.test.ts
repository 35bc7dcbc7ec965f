import { defaultDevice, grad, init, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { dropout } from "./dropout.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

const f64 = (values: unknown) => np.array(values as number[], { dtype: np.float64 });
const X = [
  [1, -2, 3],
  [4, 5, -6],
];
const U = [
  [0.1, 0.5, 0.9],
  [0.1, 0.5, 0.9],
];

test("keeps what its draw reaches, scaled by 1/(1 - rate), with a rate for each row", () => {
  const y = dropout(f64(X), f64([0.2, 0.6]), f64(U));
  expect([...y.dataSync()].map((v) => Number(v.toFixed(12)))).toEqual([0, -2.5, 3.75, 0, 0, -15]);
});

test("keeps a draw that equals the rate", () => {
  expect([...dropout(f64([[2]]), f64([0.5]), f64([[0.5]])).dataSync()]).toEqual([4]);
});

test("takes one rate for all rows, as a vector of one or as a scalar", () => {
  const expected = [0, -4, 6, 0, 10, -12];
  for (const rate of [f64([0.5]), f64(0.5)])
    expect([...dropout(f64(X), rate, f64(U)).dataSync()]).toEqual(expected);
});

test("keeps everything at rate 0", () => {
  expect([...dropout(f64(X), f64([0]), f64(U)).dataSync()]).toEqual(X.flat());
});

test("is differentiable in the rate through the scale alone", () => {
  const total = (rate: np.Array) => dropout(f64(X), rate, f64(U)).sum();
  const [slope] = [...grad(total)(f64([0.2])).dataSync()];
  const kept = -2 + 3 + 5 - 6;
  expect(slope).toBeCloseTo(kept / 0.8 ** 2, 12);
});
