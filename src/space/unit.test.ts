import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { choice } from "./choice.ts";
import { integer } from "./integer.ts";
import { real } from "./real.ts";
import { fromUnit, toUnit } from "./unit.ts";

const unit = fc.double({ min: 0, max: 1, noNaN: true });

describe("a real hyperparameter on [0, 1]", () => {
  const linear = real(1, { low: -2, high: 6 });
  const log = real(1, { low: 1e-4, high: 100, log: true });

  test("comes back from the round trip", () => {
    fc.assert(
      fc.property(unit, (t) => {
        for (const hyper of [linear, log]) expect(toUnit(hyper, fromUnit(hyper, t))).toBeCloseTo(t, 12);
      }),
    );
  });

  test("stays in its range", () => {
    fc.assert(
      fc.property(unit, (t) => {
        const x = fromUnit(log, t) as number;
        return x >= 1e-4 && x <= 100;
      }),
    );
  });

  test("is uniform on the range, or on its logarithm", () => {
    expect([0, 0.25, 1].map((t) => fromUnit(linear, t))).toEqual([-2, 0, 6]);
    expect(fromUnit(log, 0.5)).toBeCloseTo(0.1, 12);
    expect(fromUnit(log, 0)).toBeCloseTo(1e-4, 15);
    expect(fromUnit(log, 1)).toBeCloseTo(100, 12);
  });
});

describe("an integer on [0, 1]", () => {
  const holes = integer(1, { low: -1, high: 4 });
  const log = integer(8, { low: 1, high: 15, log: true });

  test("comes back from the round trip", () => {
    for (let n = 1; n <= 15; n++) expect(fromUnit(log, toUnit(log, n))).toBe(n);
    for (let n = -1; n <= 4; n++) expect(fromUnit(holes, toUnit(holes, n))).toBe(n);
  });

  test("stays in its range at the ends", () => {
    expect([0, 1].map((t) => fromUnit(holes, t))).toEqual([-1, 4]);
  });

  test("has cells of equal probability", () => {
    const counts = new Map<unknown, number>();
    for (let i = 0; i < 600; i++) {
      const n = fromUnit(holes, (i + 0.5) / 600);
      counts.set(n, (counts.get(n) ?? 0) + 1);
    }
    expect([...counts]).toEqual([-1, 0, 1, 2, 3, 4].map((n) => [n, 100]));
  });

  test("has cells of equal probability by ratio on a log scale", () => {
    const doubling = integer(1, { low: 1, high: 15, log: true });
    expect([0, 0.249, 0.251, 0.499, 0.501, 0.751, 1].map((t) => fromUnit(doubling, t))).toEqual([
      1, 1, 2, 3, 4, 8, 15,
    ]);
  });
});

describe("a choice on [0, 1]", () => {
  const activation = choice("relu", { options: ["relu", "tanh", 3, true] });

  test("comes back from the round trip", () => {
    for (const value of activation.options)
      expect(fromUnit(activation, toUnit(activation, value))).toBe(value);
  });

  test("has equal cells", () => {
    expect([0, 0.24, 0.26, 0.51, 0.76, 1].map((t) => fromUnit(activation, t))).toEqual([
      "relu",
      "relu",
      "tanh",
      3,
      true,
      true,
    ]);
  });
});

test.each([
  [
    () => toUnit(real(1), 1),
    "must have a finite range, but got a real from -Infinity to Infinity; give low and high",
  ],
  [() => fromUnit(real(1, { low: 0 }), 0.5), "must have a finite range"],
  [() => toUnit(real(1, { low: 0, high: 2 }), 3), "a real from 0 to 2, but got 3"],
  [() => toUnit(integer(1, { low: 0, high: 2 }), 1.5), "an integer from 0 to 2, but got 1.5"],
  [() => toUnit(choice("a", { options: ["a"] }), "b"), 'one of ["a"], but got "b"'],
  [
    () => fromUnit(real(1, { low: 0, high: 2 }), 1.5),
    "`t` of fromUnit must be a number, at least 0 and at most 1, but got 1.5",
  ],
  [
    () => fromUnit(integer(1, { low: 0, high: 2 }), NaN),
    "`t` of fromUnit must be a number, at least 0 and at most 1, but got NaN",
  ],
])("what has no place on [0, 1] is refused: %s", (attempt, message) => {
  expect(attempt).toThrow(message);
});
