import { describe, expect, test } from "vitest";

import {
  randomBits,
  randomKey,
  randomNormal,
  randomPermutation,
  randomUniform,
  threefry2x32,
} from "./random.ts";

const COUNT = 100_000;
const key = randomKey(20260101, "test");

const mean = (values: ArrayLike<number>, of: (x: number) => number = (x) => x): number =>
  Array.from(values).reduce((total, x) => total + of(x), 0) / values.length;

/** Whether an average of COUNT numbers with this standard deviation is within 4.5 standard errors of what it should be. */
const expectMean = (got: number, expected: number, deviation: number): void =>
  expect(Math.abs(got - expected)).toBeLessThan((4.5 * deviation) / Math.sqrt(COUNT));

describe("threefry2x32", () => {
  test.each([
    ["zeros", [0, 0], [0, 0], [0x6b200159, 0x99ba4efe]],
    ["ones", [0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x1cb996fc, 0xbb002be7]],
    ["digits of pi", [0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3], [0xc4923a9c, 0x483df7a0]],
  ] as const)("gives the known answer of Random123 for %s", (_, [k0, k1], [c0, c1], answer) => {
    const out = new Uint32Array(2);
    threefry2x32(k0, k1, c0, c1, out, 0, 2);
    expect([...out]).toEqual(answer);
  });

  test("counts on in its second word", () => {
    const run = new Uint32Array(6);
    threefry2x32(1, 2, 3, 0xffffffff, run, 0, 6);
    const single = new Uint32Array(6);
    [0xffffffff, 0, 1].forEach((c1, i) => threefry2x32(1, 2, 3, c1, single, 2 * i, 2 * i + 2));
    expect(run).toEqual(single);
  });
});

describe("a stream", () => {
  test.each([
    ["bits", randomBits],
    ["uniforms", randomUniform],
    ["normals", randomNormal],
  ] as const)("of %s starts the same however many are drawn", (_, draw) => {
    const all = draw(key, 7, 3001);
    for (const count of [0, 1, 2, 1023, 1024, 1025, 3000]) {
      const some = draw(key, 7, count);
      expect(some.length).toBe(count);
      expect([...some]).toEqual([...all.subarray(0, count)]);
    }
  });

  test("depends on seed, name and step", () => {
    const draws = [
      randomUniform(randomKey(1, "a"), 0, 4),
      randomUniform(randomKey(2, "a"), 0, 4),
      randomUniform(randomKey(2 ** 32 + 1, "a"), 0, 4),
      randomUniform(randomKey(1, "b"), 0, 4),
      randomUniform(randomKey(1, "aa"), 0, 4),
      randomUniform(randomKey(1, "a"), 1, 4),
    ];
    expect(new Set(draws.map(String)).size).toBe(draws.length);
    expect(randomUniform(randomKey(1, "a"), 0, 4)).toEqual(draws[0]);
  });

  test.each([
    [
      "names",
      () => randomUniform(randomKey(3, "left"), 0, COUNT),
      () => randomUniform(randomKey(3, "right"), 0, COUNT),
    ],
    [
      "seeds",
      () => randomUniform(randomKey(3, "s"), 0, COUNT),
      () => randomUniform(randomKey(4, "s"), 0, COUNT),
    ],
    ["steps", () => randomUniform(key, 0, COUNT), () => randomUniform(key, 1, COUNT)],
    ["neighbours", () => randomUniform(key, 2, COUNT), () => randomUniform(key, 2, COUNT + 1).subarray(1)],
  ] as const)("is not correlated between %s", (_, left, right) => {
    const other = right();
    const products = left().map((x, i) => (x - 0.5) * ((other[i] as number) - 0.5));
    expectMean(mean(products), 0, 1 / 12);
  });
});

describe("randomUniform", () => {
  const values = randomUniform(key, 3, COUNT);

  test("stays on [0, 1) in steps of 2^-24", () => {
    expect(values.every((x) => x >= 0 && x < 1 && Number.isInteger(x * 2 ** 24))).toBe(true);
  });

  test("has the mean and variance of the uniform distribution", () => {
    expectMean(mean(values), 1 / 2, Math.sqrt(1 / 12));
    expectMean(
      mean(values, (x) => (x - 0.5) ** 2),
      1 / 12,
      Math.sqrt(1 / 180),
    );
  });
});

describe("randomNormal", () => {
  test.each([
    [1, 0, 1],
    [2, 1, 2],
    [3, 0, 15],
    [4, 3, 96],
  ])("has the normal distribution's moment %i", (power, moment, variance) => {
    expectMean(
      mean(randomNormal(key, 4, COUNT), (x) => x ** power),
      moment,
      Math.sqrt(variance),
    );
  });

  test("makes pairs that are not correlated", () => {
    const values = randomNormal(key, 5, 2 * COUNT);
    const products = Float64Array.from(
      { length: COUNT },
      (_, i) => (values[2 * i] as number) * (values[2 * i + 1] as number),
    );
    expectMean(mean(products), 0, 1);
  });
});

describe("randomPermutation", () => {
  test.each([0, 1, 2, 5, 1000])("of %i is a permutation", (count) => {
    const order = [...randomPermutation(key, 0, count)].sort((a, b) => a - b);
    expect(order).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  test.each([0, 4])("puts each number at position %i equally often", (position) => {
    const [size, draws] = [10, 20_000];
    const counts = new Array<number>(size).fill(0);
    for (let step = 0; step < draws; step++) {
      const drawn = randomPermutation(key, step, size)[position] as number;
      counts[drawn] = (counts[drawn] as number) + 1;
    }
    const expected = draws / size;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(27.9); // exceeded with probability 0.001 at 9 degrees of freedom
    expect(chiSquare).toBeGreaterThan(1.15); // fallen short of with probability 0.001
  });
});
