import { describe, expect, test } from "vitest";

import { randomKey } from "../util/random.ts";
import { fixedHypers, normalHypers, uniformHypers } from "./distribution.ts";

const key = randomKey(0, "test");
const column = (data: ArrayLike<number>, size: number, at: number): number[] =>
  Array.from(data).filter((_, i) => i % size === at);
const meanOf = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
const sdOf = (values: readonly number[]) => {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((v) => (v - mean) ** 2)));
};

describe("normal hyperparameters", () => {
  test("have their means and deviations, one each", () => {
    const { data, shape } = normalHypers({ mean: [1, -5], sd: [3, 0.5] }).sample(key, 0, 10_000, 2);
    expect(shape).toEqual([10_000, 2]);
    expect(Math.abs(meanOf(column(data, 2, 0)) - 1)).toBeLessThan(0.12); // 4 standard errors
    expect(Math.abs(sdOf(column(data, 2, 0)) - 3)).toBeLessThan(0.1);
    expect(Math.abs(meanOf(column(data, 2, 1)) + 5)).toBeLessThan(0.02);
    expect(Math.abs(sdOf(column(data, 2, 1)) - 0.5)).toBeLessThan(0.02);
  });

  test("are clipped from above, and only there", () => {
    const { data } = normalHypers({ mean: 1, sd: 3, high: 4 }).sample(key, 0, 1000, 1);
    const free = normalHypers({ mean: 1, sd: 3 }).sample(key, 0, 1000, 1).data;
    expect(Math.max(...data)).toBe(4);
    data.forEach((v, i) => expect(v).toBe(Math.min(free[i] as number, 4)));
  });

  test("are others at another step, the same at the same", () => {
    const at = (step: number) => [...normalHypers({ mean: 0, sd: 1 }).sample(key, step, 3, 2).data];
    expect(at(1)).toEqual(at(1));
    expect(at(1)).not.toEqual(at(2));
  });
});

test("uniform hyperparameters fill their range", () => {
  const { data } = uniformHypers({ low: -3, high: 3 }).sample(key, 0, 1000, 10);
  expect(Math.min(...data)).toBeGreaterThanOrEqual(-3);
  expect(Math.max(...data)).toBeLessThan(3);
  expect(Math.abs(meanOf([...data]))).toBeLessThan(0.07);
  expect(Math.abs(sdOf([...data]) - Math.sqrt(3))).toBeLessThan(0.05);
});

test("fixed ones come in turn", () => {
  const { sample } = fixedHypers([[1, 2], [3, 4], [5, 6]]); // prettier-ignore
  expect([...sample(key, 0, 2, 2).data]).toEqual([1, 2, 3, 4]);
  expect([...sample(key, 1, 2, 2).data]).toEqual([5, 6, 1, 2]);
});

test("the number of points is known", () => {
  expect(normalHypers({ mean: 0, sd: 1 }).points).toBe(Infinity);
  expect(normalHypers({ mean: 0, sd: [0, 0] }).points).toBe(1);
  expect(uniformHypers({ low: 2, high: 2 }).points).toBe(1);
  expect(fixedHypers([[1], [2], [1]]).points).toBe(2); // prettier-ignore
});

test.each([
  [
    "a negative deviation",
    () => normalHypers({ mean: 0, sd: -1 }),
    /`sd` of normalHypers must be a number, at least 0, .*, but got -1/,
  ],
  ["ends in the wrong order", () => uniformHypers({ low: 1, high: 0 }), /low <= high must hold/],
  ["no points", () => fixedHypers([]), /a list of at least 1, each of it .*, but got \[\]/],
  [
    "means of another number",
    () => normalHypers({ mean: [1, 2], sd: 1 }).sample(key, 0, 1, 3),
    /one value for each of 3 unconstrained hyperparameters, but got 2/,
  ],
])("%s is refused", (_, make, sentence) => expect(make).toThrow(sentence));
