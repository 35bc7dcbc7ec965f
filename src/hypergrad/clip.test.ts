import { expect, test } from "vitest";

import { hostVector } from "../util/host-array.ts";
import { clippedHypergradient } from "./clip.ts";

const clipped = (values: ArrayLike<number>, limit: number) =>
  Array.from(clippedHypergradient(hostVector(values), limit).data);

test("a hypergradient keeps its direction and gets the norm c, unless it is shorter or not finite", () => {
  expect(clipped([3, -4], 1)).toEqual([0.6000000000000001, -0.8]);
  expect(clipped([3, -4], 5)).toEqual([3, -4]);
  expect(clipped([0, 0], 1)).toEqual([0, 0]);
  expect(clipped([3e200, 4e200], 1).map((value) => value.toFixed(12))).toEqual([
    "0.600000000000",
    "0.800000000000",
  ]);
  expect(clipped([1, NaN], 1)).toEqual([0, 0]);
});

test("a hypergradient may have hundreds of thousands of elements", () => {
  expect(clipped(new Float64Array(250_000).fill(2), 500)[0]).toBe(1);
});
