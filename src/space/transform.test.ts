import { defaultDevice, grad, init, jvp, numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";

import { integer } from "./integer.ts";
import { real } from "./real.ts";
import { softplus, transformOf, type Transform } from "./transform.ts";

/** Float64 on `cpu`, whose exp and log are exact; float32 on `wasm`, which trains, and whose exp and log err by up to 1e-5. */
const devices = { float32: "wasm", float64: "cpu" } as const;

beforeAll(async () => {
  await init("cpu", "wasm");
});

type Case = { transform: Transform; low: number; high: number; grows: boolean };

const between = (low: number, high: number, transform: Transform, grows = true): Case => ({
  transform,
  low,
  high,
  grows,
});

const smooth: Record<string, Case> = {
  "both bounds": between(-1, 3, transformOf(real(0, { low: -1, high: 3 }))),
  "a narrow range": between(0.1, 0.7, transformOf(real(0.5, { low: 0.1, high: 0.7 }))),
  "a lower bound": between(2, Infinity, transformOf(real(3, { low: 2 }))),
  "an upper bound": between(-Infinity, 2, transformOf(real(1, { high: 2 })), false),
  "no bound": between(-Infinity, Infinity, transformOf(real(0))),
  "log and both bounds": between(1e-5, 0.3, transformOf(real(1e-3, { low: 1e-5, high: 0.3, log: true }))),
  "log and a lower bound": between(2, Infinity, transformOf(real(3, { low: 2, log: true }))),
  "log and no bound": between(0, Infinity, transformOf(real(1, { log: true }))),
  softplus: between(0, Infinity, softplus),
};

const unconstrained = fc.double({ min: -12, max: 12, noNaN: true });

const applied = ({ apply }: Transform, u: readonly number[], type: keyof typeof devices) => {
  defaultDevice(devices[type]);
  return apply(np.array([...u], { dtype: np[type] })).dataSync();
};

describe.each(Object.entries(smooth))("the transform with %s", (_, { transform, low, high, grows }) => {
  test("inverts", () => {
    fc.assert(
      fc.property(unconstrained, (u) => {
        expect(transform.inverse(transform.forward(u))).toBeCloseTo(u, 8);
      }),
    );
  });

  test("stays strictly inside the range", () => {
    fc.assert(
      fc.property(unconstrained, (u) => {
        const x = transform.forward(u);
        return x > low && x < high;
      }),
    );
  });

  test("is monotone", () => {
    fc.assert(
      fc.property(unconstrained, unconstrained, (u, v) => {
        fc.pre(Math.abs(u - v) > 1e-6);
        return transform.forward(Math.min(u, v)) < transform.forward(Math.max(u, v)) === grows;
      }),
    );
  });

  test("has the derivative of its central differences", () => {
    const u = [-20, -3, -0.7, 0, 1e-3, 0.4, 2.5, 20];
    const h = 1e-5;
    defaultDevice("cpu");
    const direction = u.map((_, i) => 1 + 0.3 * i);
    const [, tangent] = jvp(
      transform.apply,
      [np.array(u, { dtype: np.float64 })],
      [np.array(direction, { dtype: np.float64 })],
    );
    const at = (sign: number) =>
      applied(
        transform,
        u.map((x, i) => x + sign * h * (direction[i] as number)),
        "float64",
      );
    const [above, below] = [at(1), at(-1)];
    tangent.dataSync().forEach((d: number, i: number) => {
      const difference = ((above[i] as number) - (below[i] as number)) / (2 * h);
      expect(Math.abs(d - difference)).toBeLessThan(1e-6 * Math.abs(difference) + 1e-9);
    });
  });

  test("is the same on the host and in programs", () => {
    const u = [-30, -20.5, -5, -1, -1e-3, 0, 1e-3, 1, 5, 20.5, 30];
    applied(transform, u, "float64").forEach((x, i) => {
      const host = transform.forward(u[i] as number);
      expect(Math.abs(x - host)).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(host)));
    });
  });

  test("keeps precision, range and finite derivatives in float32 up to |u| = 30", () => {
    const u = [-30, -17, -9, -0.5, 0, 0.5, 9, 17, 30];
    applied(transform, u, "float32").forEach((x, i) => {
      const host = transform.forward(u[i] as number);
      expect(Math.abs(x - host)).toBeLessThanOrEqual(5e-5 * Math.abs(host) + 1e-12);
      expect(x).toBeGreaterThanOrEqual(Math.fround(low) * (1 - 1e-6 * Math.sign(low)));
      expect(x).toBeLessThanOrEqual(Math.fround(high) * (1 + 1e-6 * Math.sign(high)));
    });
    defaultDevice("wasm");
    const slopes = grad((v: np.Array) => transform.apply(v).sum())(
      np.array(u, { dtype: np.float32 }),
    ).dataSync();
    expect(slopes.every((slope: number) => Number.isFinite(slope) && slope !== 0)).toBe(true);
  });
});

test("the stretched sigmoid never passes a bound by rounding, on the host and in either precision", () => {
  for (const [low, high] of [
    [0.1, 0.7],
    [-0.3, 0.9],
    [1 / 3, 2 / 3],
  ] as const) {
    const transform = transformOf(real(0.5, { low, high }));
    const u = [-1000, -100, -40, 40, 100, 1000];
    expect(u.map(transform.forward)).toEqual([
      low,
      low,
      expect.closeTo(low, 12),
      expect.closeTo(high, 12),
      high,
      high,
    ]);
    for (const dtype of ["float32", "float64"] as const) {
      const [least, most] = dtype === "float32" ? [Math.fround(low), Math.fround(high)] : [low, high];
      const values = applied(transform, u, dtype);
      expect(Math.min(...values)).toBe(least);
      expect(Math.max(...values)).toBe(most);
    }
  }
});

describe("an integer's transform", () => {
  const map = transformOf(integer(1, { low: -2, high: 5 }));
  const { forward, inverse } = map;

  test("takes every value of its range and no other", () => {
    const u = Array.from({ length: 801 }, (_, i) => (i - 400) / 10);
    const values = new Set(u.map(forward));
    expect([...values].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3, 4, 5]);
    expect([...applied(map, u, "float64")]).toEqual(u.map(forward));
    expect([...applied(map, u, "float32")].every(Number.isInteger)).toBe(true);
  });

  test("inverts to the middle of a value's cell", () => {
    const behind = transformOf(real(0, { low: -2, high: 6 }));
    for (const n of [-2, 0, 5]) {
      expect(forward(inverse(n))).toBe(n);
      expect(behind.forward(inverse(n))).toBeCloseTo(n + 0.5, 12);
    }
  });

  test("has the derivative of the real number behind it", () => {
    defaultDevice("cpu");
    const u = np.array([-2, 0.1, 1.7], { dtype: np.float64 });
    const behind = transformOf(real(0, { low: -2, high: 6 }));
    const slope = ({ apply }: Transform) => [...grad((v: np.Array) => apply(v).sum())(u.ref).dataSync()];
    expect(slope(map)).toEqual(slope(behind));
    u.dispose();
  });

  test("on a log scale keeps to its range where rounding would leave it", () => {
    const spread = transformOf(integer(10, { low: 3, high: 1000, log: true }));
    expect([...applied(spread, [-1000, 1000], "float32")]).toEqual([3, 1000]);
    expect([-1000, 1000].map(spread.forward)).toEqual([3, 1000]);
  });
});
