import { init, lax, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { compile } from "./compile.ts";
import type { Traceable } from "./trace.ts";

beforeAll(async () => {
  await init("cpu");
});

const float32 = (...shape: number[]) => ({ dtype: "float32" as const, shape });

test("the largest product counts a multiplication and an addition for every pair of elements that meet", () => {
  const two: Traceable = (x, a, b) => [np.matmul(np.matmul(x, a), b)];
  const { largestProduct } = compile(two, [float32(4, 5), float32(5, 6), float32(6, 7)]);
  expect(largestProduct).toBe(2 * 4 * 6 * 7);
});

test("each of a batch of products counts", () => {
  const batched: Traceable = (x, y) => [np.matmul(x, y)];
  expect(compile(batched, [float32(3, 4, 5), float32(3, 5, 6)]).largestProduct).toBe(2 * 3 * 4 * 5 * 6);
});

test("a convolution counts its window for every output", () => {
  const convolution: Traceable = (x, w) => [lax.conv(x, w, [1, 1], "VALID")];
  const args = [float32(2, 3, 8, 8), float32(4, 3, 3, 3)];
  expect(compile(convolution, args).largestProduct).toBe(2 * (2 * 4 * 6 * 6) * (3 * 3 * 3));
});

test("without products there is nothing to share", () => {
  expect(compile((x) => [np.exp(x)], [float32(1000)]).largestProduct).toBe(0);
});
