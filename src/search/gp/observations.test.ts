import fc from "fast-check";
import { expect, test } from "vitest";

import { standardized } from "./observations.ts";

test("targets by hand", () => {
  const { standard, mean, scale } = standardized(Float64Array.of(1, 5, 1, 5));
  expect([...standard]).toEqual([-1, 1, -1, 1]);
  expect([mean, scale]).toEqual([3, 2]);
});

test("mean + scale * standard are the targets", () => {
  const target = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.array(target, { minLength: 1, maxLength: 20 }), (targets) => {
      const { standard, mean, scale } = standardized(Float64Array.from(targets));
      expect(scale).toBeGreaterThan(0);
      targets.forEach((y, i) => expect(mean + scale * (standard[i] as number)).toBeCloseTo(y, 8));
    }),
  );
});

test.each([0.1, -3e8, 0])(
  "rounding in the mean of constant targets of %d is not taken for their variance",
  (constant) => {
    const { standard, mean, scale } = standardized(new Float64Array(7).fill(constant));
    expect(scale).toBe(1);
    expect(mean).toBeCloseTo(constant, 6);
    standard.forEach((y) => expect(y).toBeCloseTo(0, 6));
  },
);
