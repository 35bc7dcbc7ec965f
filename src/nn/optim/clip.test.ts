import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { clipByGlobalNorm } from "./clip.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

const vector = (values: number[]): np.Array => np.array(values, { dtype: np.float64 });

const clipped = (maxNorm: np.Array | number): number[] => {
  const { a, b } = clipByGlobalNorm({ a: vector([3, 0]), b: { c: vector([-4]) } }, maxNorm) as {
    a: np.Array;
    b: { c: np.Array };
  };
  return [...a.dataSync(), ...b.c.dataSync()];
};

test("a gradient within the norm is left alone", () => {
  expect(clipped(5.1)).toEqual([3, 0, -4]);
});

test("a longer gradient keeps its direction and gets the norm, over all arrays together", () => {
  const factor = 2 / (5 + 1e-6);
  [3, 0, -4].forEach((g, i) => expect(clipped(2)[i]).toBeCloseTo(g * factor, 14));
});

test("the norm can be fed", () => {
  expect(clipped(np.array(2, { dtype: np.float64 }))).toEqual(clipped(2));
});

test("a gradient of zeros stays", () => {
  const zeros = clipByGlobalNorm(vector([0, 0]), 1) as np.Array;
  expect([...zeros.dataSync()]).toEqual([0, 0]);
});

test("consumes its arguments and nothing else", () => {
  const grads = { a: vector([1]), b: vector([2]) };
  const maxNorm = np.array(1, { dtype: np.float64 });
  const { a, b } = clipByGlobalNorm({ a: grads.a.ref, b: grads.b.ref }, maxNorm.ref) as typeof grads;
  expect([grads.a, grads.b, maxNorm, a, b].map((array) => array.refCount)).toEqual([1, 1, 1, 1, 1]);
});
