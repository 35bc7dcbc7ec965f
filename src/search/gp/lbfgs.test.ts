import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { lbfgs, type Box, type Evaluation } from "./lbfgs.ts";

const boxOf = (low: number, high: number, size: number): Box => ({
  low: new Float64Array(size).fill(low),
  high: new Float64Array(size).fill(high),
});
const everywhere = (size: number): Box => boxOf(-Infinity, Infinity, size);

/** Rosenbrock's curved valley: (1 - x)^2 + 100 (y - x^2)^2, with its minimum at (1, 1). */
const valley = ([x = NaN, y = NaN]: Float64Array): Evaluation => ({
  value: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
  gradient: Float64Array.of(-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
});

/** sum_ij x_i A_ij x_j / 2 - sum_i b_i x_i, for A = G G' + I. */
function parabola(g: readonly number[], b: readonly number[]) {
  const n = b.length;
  const row = (i: number) => g.slice(i * n, (i + 1) * n);
  const inner = (u: readonly number[], v: ArrayLike<number>) =>
    u.reduce((sum, w, i) => sum + w * (v[i] as number), 0);
  const a = b.map((_, i) => b.map((_, j) => inner(row(i), row(j)) + (i === j ? 1 : 0)));
  return (x: Float64Array): Evaluation => {
    const ax = a.map((line) => inner(line, x));
    return {
      value: inner(ax, x) / 2 - inner([...b], x),
      gradient: Float64Array.from(ax, (v, i) => v - (b[i] as number)),
    };
  };
}

describe("without bounds", () => {
  test("the end of Rosenbrock's valley is found from afar", () => {
    const { point, value, converged, evaluations } = lbfgs(valley, Float64Array.of(-1.2, 1), everywhere(2));
    expect(point[0]).toBeCloseTo(1, 5);
    expect(point[1]).toBeCloseTo(1, 5);
    expect(value).toBeLessThan(1e-10);
    expect(converged).toBe(true);
    expect(evaluations).toBeLessThan(80); // steepest descent needs thousands
  });

  test("a minimum is where it started", () => {
    const { evaluations, converged } = lbfgs(valley, Float64Array.of(1, 1), everywhere(2));
    expect(evaluations).toBe(1);
    expect(converged).toBe(true);
  });

  test("regions where the function cannot be computed are left", () => {
    const f = ([x = NaN]: Float64Array): Evaluation =>
      x > 0
        ? { value: x - 0.01 * Math.log(x), gradient: Float64Array.of(1 - 0.01 / x) }
        : { value: NaN, gradient: Float64Array.of(NaN) };
    const { point } = lbfgs(f, Float64Array.of(0.5), everywhere(1), { valueTolerance: 0 });
    expect(point[0]).toBeCloseTo(0.01, 6);
  });

  test("steps are limited, and that is told", () => {
    const { converged, value } = lbfgs(valley, Float64Array.of(-1.2, 1), everywhere(2), { maxIterations: 3 });
    expect(converged).toBe(false);
    expect(value).toBeLessThan(valley(Float64Array.of(-1.2, 1)).value);
  });
});

describe("in a box", () => {
  test("the valley's lowest point with x <= 1/2 is (1/2, 1/4)", () => {
    const box = { low: Float64Array.of(-2, -2), high: Float64Array.of(0.5, 2) };
    const { point, value } = lbfgs(valley, Float64Array.of(-1.2, 1), box);
    expect(point[0]).toBe(0.5);
    expect(point[1]).toBeCloseTo(0.25, 6);
    expect(value).toBeCloseTo(0.25, 10);
  });

  test("the valley's lowest point with y >= 2 is where (1 - x) = 200 x (x^2 - 2)", () => {
    const box = { low: Float64Array.of(-5, 2), high: Float64Array.of(5, 5) };
    const { point } = lbfgs(valley, Float64Array.of(3, 4), box);
    const x = point[0] as number;
    expect(point[1]).toBe(2);
    expect(200 * x * (x * x - 2) - (1 - x)).toBeCloseTo(0, 4);
    expect(x).toBeGreaterThan(1);
  });

  test("a start outside is moved to it, and all points are in it", () => {
    const seen: number[] = [];
    const f = (point: Float64Array): Evaluation => {
      seen.push(...point);
      return valley(point);
    };
    lbfgs(f, Float64Array.of(-7, 9), boxOf(-1.5, 0.8, 2));
    expect(seen.length).toBeGreaterThan(4);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(-1.5);
    expect(Math.max(...seen)).toBeLessThanOrEqual(0.8);
  });

  test("a bound that the start is at is left", () => {
    const { point } = lbfgs(parabola([0, 0, 0, 0], [0.5, 2]), Float64Array.of(0, 1), boxOf(0, 1, 2));
    expect(point[0]).toBeCloseTo(0.5, 6);
    expect(point[1]).toBe(1);
  });

  test("convex parabolas end where no element can be bettered", () => {
    const n = 6;
    const numbers = (size: number) =>
      fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: size, maxLength: size });
    fc.assert(
      fc.property(numbers(n * n), numbers(n), numbers(n), (g, b, start) => {
        const evaluate = parabola(g, b);
        const { point } = lbfgs(evaluate, Float64Array.from(start), boxOf(-0.3, 0.2, n), {
          valueTolerance: 0,
        });
        evaluate(point).gradient.forEach((slope, i) => {
          const x = point[i] as number;
          // What the tolerance says: P(x - g) - x is at most 1e-5, also where a bound is that near.
          if (x > -0.3 + 1e-5) expect(slope).toBeLessThan(2e-5);
          if (x < 0.2 - 1e-5) expect(slope).toBeGreaterThan(-2e-5);
        });
      }),
    );
  });

  test("a pair that a bound has cut short does not end the search", () => {
    // A = [1 0 0; 0 1 e; 0 e 5], e = 1e-4. The second variable goes to its bound at once, which leaves a gradient of 2e-5 in the
    // third; in the free subspace, the step was 1e-12 long and would say that the function curves by 1e8.
    const evaluate = parabola([0, 0, 0, 0, -5e-5, 0, 0, -2, 0], [0, 2, 0]);
    const { gradient } = lbfgs(evaluate, Float64Array.of(6e-13, 0, 0), boxOf(-0.3, 0.2, 3), {
      valueTolerance: 0,
    });
    expect(Math.abs(gradient[2] as number)).toBeLessThan(1e-5);
  });

  test("a search keeps to the segment between the point and the projected one", () => {
    const seen: Float64Array[] = [];
    const f = (point: Float64Array): Evaluation => {
      seen.push(point);
      const [x, y] = point as unknown as readonly [number, number];
      return { value: 1e4 * y ** 4 - 10 * x - y, gradient: Float64Array.of(-10, 4e4 * y ** 3 - 1) };
    };
    lbfgs(f, Float64Array.of(0, 0), { low: Float64Array.of(-1, -1), high: Float64Array.of(0.1, 1) });
    const [, first, second] = seen as [Float64Array, Float64Array, Float64Array];
    expect(first[0]).toBe(0.1); // -g / |g| = (10, 1) / sqrt(101), projected; there the slope is too steep upwards
    expect(second[0]).toBeLessThan(0.1);
    expect((second[1] as number) / (second[0] as number)).toBeCloseTo(10 / Math.sqrt(101), 10);
  });

  test("a search goes to a bound and no further", () => {
    const f = ([x = NaN]: Float64Array): Evaluation => ({ value: -x, gradient: Float64Array.of(-1) });
    const { point, evaluations } = lbfgs(f, Float64Array.of(0), boxOf(0, 2.5, 1));
    expect(point[0]).toBe(2.5);
    expect(evaluations).toBe(3); // 0, 1, 2.5
  });

  test("a box of no width is one point", () => {
    const { point, converged } = lbfgs(valley, Float64Array.of(0, 0), boxOf(0.3, 0.3, 2));
    expect([...point]).toEqual([0.3, 0.3]);
    expect(converged).toBe(true);
  });
});
