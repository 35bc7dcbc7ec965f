import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { strongWolfe, type StepTrial } from "./strong-wolfe.ts";

type Line = (t: number) => readonly [value: number, slope: number];

const searched = (f: Line, limit = Infinity) => {
  const steps: number[] = [];
  const at = (step: number): StepTrial => {
    steps.push(step);
    const [value, slope] = f(step);
    return { step, value, slope };
  };
  const start = at(0);
  return { start, found: strongWolfe(at, start, limit), steps };
};

function expectStrongWolfe(start: StepTrial, found: StepTrial | undefined): void {
  expect(found).toBeDefined();
  const { step, value, slope } = found as StepTrial;
  expect(step).toBeGreaterThan(0);
  expect(value).toBeLessThanOrEqual(start.value + 1e-4 * step * start.slope);
  expect(Math.abs(slope)).toBeLessThanOrEqual(0.9 * Math.abs(start.slope));
}

describe("both conditions hold", () => {
  const lines: readonly [name: string, f: Line][] = [
    ["a parabola", (t) => [(t - 1) ** 2, 2 * (t - 1)]],
    ["one with a far minimum", (t) => [(t - 300) ** 2, 2 * (t - 300)]],
    ["one with a near minimum", (t) => [(t - 1e-3) ** 2, 2 * (t - 1e-3)]],
    ["waves on a slope", (t) => [Math.sin(5 * t) - 10 * t + t * t, 5 * Math.cos(5 * t) - 10 + 2 * t]],
    ["a kink's rounded form", (t) => [Math.hypot(t - 0.2, 0.01), (t - 0.2) / Math.hypot(t - 0.2, 0.01)]],
    ["More and Thuente's first function", (t) => [-t / (t * t + 2), (t * t - 2) / (t * t + 2) ** 2]],
    [
      "a barrier at 1/2",
      (t) => (t < 0.5 ? [-t - 0.1 * Math.log(0.5 - t), -1 + 0.1 / (0.5 - t)] : [Infinity, NaN]),
    ],
    ["a function not known from 1/2", (t) => (t < 0.5 ? [(t - 0.3) ** 2, 2 * (t - 0.3)] : [NaN, NaN])],
  ];
  test.each(lines)("on %s", (_, f) => {
    const { start, found } = searched(f);
    expectStrongWolfe(start, found);
  });

  test("on random quartics", () => {
    const coefficient = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(coefficient, coefficient, fc.double({ min: 0.01, max: 5, noNaN: true }), (b, c, down) => {
        const { start, found } = searched((t) => [
          t ** 4 + b * t ** 3 + c * t ** 2 - down * t,
          4 * t ** 3 + 3 * b * t ** 2 + 2 * c * t - down,
        ]);
        expectStrongWolfe(start, found);
      }),
    );
  });
});

describe("a limit", () => {
  test("is reached where the function falls beyond it, and not passed", () => {
    const { found, steps } = searched((t) => [-t, -1], 2.5);
    expect(found?.step).toBe(2.5);
    expect(Math.max(...steps)).toBe(2.5);
  });

  test("below 1 is tried first", () => {
    expect(searched((t) => [-t, -1], 0.25).steps).toEqual([0, 0.25]);
  });

  test("is not taken where the function rises steeply there", () => {
    // The end decreases enough, but the minimum is at 0.6: a slope of 2 (1 - 0.6) is within 0.9 of 1.2, one of a quartic is not.
    const { start, found } = searched((t) => [t ** 8 - t, 8 * t ** 7 - 1], 0.99);
    expectStrongWolfe(start, found);
    expect(found?.step).toBeLessThan(0.99);
  });
});

test("there is no step where the slope is a lie", () => {
  expect(searched((t) => [t, -1]).found).toBeUndefined();
});
