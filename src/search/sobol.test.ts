import { describe, expect, test } from "vitest";

import { randomKey } from "../util/random.ts";
import { SOBOL_DIMENSIONS, scrambledSobolPoint, sobolPoint } from "./sobol.ts";

describe("Sobol's sequence", () => {
  test("begins as it is known to", () => {
    expect(Array.from({ length: 8 }, (_, i) => [...sobolPoint(i, 3)])).toEqual([
      [0, 0, 0],
      [0.5, 0.5, 0.5],
      [0.25, 0.75, 0.75],
      [0.75, 0.25, 0.25],
      [0.125, 0.625, 0.375],
      [0.625, 0.125, 0.875],
      [0.375, 0.375, 0.625],
      [0.875, 0.875, 0.125],
    ]);
  });

  // Of SciPy 1.17's qmc.Sobol, whose order is that of Gray's code.
  test.each([
    [
      777,
      [1, 2, 7, 20, 40, 63],
      [0.1884765625, 0.8916015625, 0.2216796875, 0.1416015625, 0.0595703125, 0.8544921875],
    ],
    [
      1000,
      [1, 2, 7, 20, 40, 63],
      [0.1611328125, 0.4501953125, 0.6396484375, 0.2626953125, 0.6416015625, 0.9990234375],
    ],
    [777, [64, 100, 127], [0.7333984375, 0.5205078125, 0.7568359375]],
  ])("has SciPy's coordinates at point %d", (index, dimensions, wanted) => {
    const point = sobolPoint(index, SOBOL_DIMENSIONS);
    expect(dimensions.map((j) => point[j])).toEqual(wanted);
  });

  test("refuses more dimensions than it has, and what is no index", () => {
    expect(() => sobolPoint(0, 129)).toThrow("at most 128 numbers to choose, but got 129");
    for (const index of [-1, 0.5, 2 ** 32]) expect(() => sobolPoint(index, 2)).toThrow("32-bit number");
    expect(sobolPoint(2 ** 32 - 1, 1)[0]).toBe(1 - 2 ** -32);
  });
});

describe("its scrambled points", () => {
  const key = randomKey(3, "sobol");
  const points = Array.from({ length: 256 }, (_, i) => scrambledSobolPoint(key, i, SOBOL_DIMENSIONS));

  test("fall into each of 256 equal parts of every axis once", () => {
    for (let j = 0; j < SOBOL_DIMENSIONS; j++) {
      expect(new Set(points.map((point) => Math.floor((point[j] as number) * 256))).size).toBe(256);
    }
  });

  test("fall into each rectangle of area 1/256 of the first two axes once", () => {
    for (let k = 0; k <= 8; k++) {
      const cells = points.map(
        ([x, y]) =>
          Math.floor((x as number) * 2 ** k) * 2 ** (8 - k) + Math.floor((y as number) * 2 ** (8 - k)),
      );
      expect(new Set(cells).size).toBe(256);
    }
  });

  test("are others for another key, and uniform over keys", () => {
    const first = Float64Array.from(
      { length: 4000 },
      (_, seed) => scrambledSobolPoint(randomKey(seed, "s"), 0, 1)[0] as number,
    );
    const mean = first.reduce((sum, x) => sum + x, 0) / first.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4.5 * Math.sqrt(1 / 12 / first.length));
    expect(new Set(first).size).toBe(first.length);
  });
});
