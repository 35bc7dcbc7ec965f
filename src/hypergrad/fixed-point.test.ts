import { assert, double, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";

import { randomKey, randomNormal } from "../util/random.ts";
import { bitsOf } from "../testing/bits-of.ts";
import {
  boundsAfter,
  divided,
  fromFixedPoint,
  joinedHalves,
  multiplied,
  nothingLost,
  ratioOf,
  splitHalves,
  toFixedPoint,
  type LostBits,
} from "./fixed-point.ts";

const numbers = (seed: number, count: number) =>
  toFixedPoint(randomNormal(randomKey(seed, "fixed"), 0, count));

describe("a product with a fraction", () => {
  test.each([0.9, 0.5, 0.123, 0.99, 1 / 3, 0.99999])(
    "of %f is undone bit for bit after 700 steps",
    (factor) => {
      const ratio = ratioOf(factor);
      const start = numbers(1, 50);
      const added = (step: number) => numbers(2 + step, 50);
      let [values, lost]: [Float64Array, LostBits] = [start, nothingLost];
      for (let step = 0; step < 700; step++) {
        [values, lost] = multiplied(values, lost, ratio);
        values = values.map((x, i) => x + (added(step)[i] as number));
      }
      expect(values).not.toEqual(start);
      const { limbs, history, bound } = boundsAfter(Array(700).fill(ratio));
      expect(lost).toMatchObject({ history, bound });
      expect(lost.limbs).toHaveLength(limbs);
      for (let step = 699; step >= 0; step--) {
        values = values.map((x, i) => x - (added(step)[i] as number));
        [values, lost] = divided(values, lost, ratio);
      }
      expect(values).toEqual(start);
      expect(lost).toEqual(nothingLost);
    },
  );

  test("is the product, to the last bits of the fraction's numbers", () => {
    const values = numbers(1, 50);
    const [product] = multiplied(values, nothingLost, ratioOf(0.9));
    product.forEach((x, i) => expect(Math.abs(x - 0.9 * (values[i] as number))).toBeLessThan(20));
  });

  test("goes wrong on the way back where a lost bit is lost indeed", () => {
    const ratio = ratioOf(0.9);
    const values = numbers(1, 50);
    const [product, lost] = multiplied(values, nothingLost, ratio);
    const emptied = { ...lost, limbs: [new Int32Array(50)] };
    expect(divided(product, emptied, ratio)[0]).not.toEqual(values);
  });

  test("loses log2(d/n) bits a step, a little more with the limbs' ends", () => {
    const ratio = ratioOf(0.9);
    let [values, lost]: [Float64Array, LostBits] = [numbers(1, 10), nothingLost];
    for (let step = 0; step < 2000; step++) [values, lost] = multiplied(values, lost, ratio);
    const perStep = bitsOf(lost) / 10 / 2000;
    expect(perStep).toBeGreaterThan(Math.log2(10 / 9));
    expect(perStep).toBeLessThan(1.2 * Math.log2(10 / 9));
  });
});

describe("fractions", () => {
  test.each([
    [0.9, 9, 10],
    [0.5, 1, 2],
    [0.99, 99, 100],
    [1e-9, 1, 65536],
    [1 - 1e-9, 65535, 65536],
  ])("of %f is %i/%i", (factor, n, d) => expect(ratioOf(factor)).toEqual({ n, d }));

  test("are near any factor", () => {
    assert(
      property(double({ min: 1e-4, max: 0.9999, noNaN: true }), (factor) => {
        const { n, d } = ratioOf(factor);
        return n > 0 && n < d && d <= 65536 && Math.abs(n / d - factor) < 1 / 65536;
      }),
    );
  });

  test.each([0, 1, -0.5, NaN])("are refused for %f", (factor) =>
    expect(() => ratioOf(factor)).toThrow("strictly between 0 and 1"),
  );
});

test("numbers keep their bits in two halves", () => {
  assert(
    property(integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 1 }), (value) => {
      const fixed = Float64Array.of(value, -value, 1);
      return joinedHalves(splitHalves(fixed)).every((x, i) => x === fixed[i]);
    }),
  );
});

test("numbers beyond the range are refused", () => {
  expect(Array.from(fromFixedPoint(toFixedPoint([1.5, 1 - 2 ** 20])))).toEqual([1.5, 1 - 2 ** 20]);
  expect(() => toFixedPoint([2 ** 20])).toThrow("within 1048576");
  expect(() => toFixedPoint([NaN])).toThrow("became NaN");
});
