/** What jax-js's jit gets wrong by itself (docs/jax-js-faults.md) must come out right where our engine has mended it. */
import { defaultDevice, grad, init, jit, lax, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { guardJit } from "../../src/engine/guard-jit.ts";

beforeAll(async () => {
  await init("cpu", "wasm");
  guardJit();
  guardJit(); // as every engine does
});

const kernel = () => np.array([1, 2, 3]).reshape([1, 1, 3]);
const convolved = (x: np.Array) =>
  lax.convGeneralDilated(x.reshape([1, 1, -1]), kernel(), [1], [[1, 1]]).reshape([-1]);

const cases: readonly [string, f: (x: np.Array) => np.Array, at: number[], expected: number[]][] = [
  ["the gradient of a part", grad((x: np.Array) => x.slice([0, 2]).sum()), [1, 2, 3, 4], [1, 1, 0, 0]],
  [
    "the gradient of two parts",
    grad((x: np.Array) => {
      const [a, b] = np.split(x, 2) as [np.Array, np.Array];
      return a.mul(2).sum().add(b.sum());
    }),
    [1, 2, 3, 4],
    [2, 2, 1, 1],
  ],
  [
    "the gradient of one of two stacked arrays",
    grad((x: np.Array) => np.stack([x.ref, x]).slice(0).sum()),
    [1, 2],
    [1, 1],
  ],
  ["the gradient of a trace", grad((x: np.Array) => np.trace(x.reshape([2, 2]))), [1, 2, 3, 4], [1, 0, 0, 1]],
  ["a padded convolution of what is not 0 at 0", (x) => convolved(np.exp(x)), [0, 0, 0], [5, 6, 3]],
  ["the gradient of a padded convolution", grad((x: np.Array) => convolved(x).sum()), [0, 0, 0], [3, 6, 5]],
  [
    "the gradient of sums over windows that leave a rest",
    grad((x: np.Array) => lax.reduceWindow(x, (window) => window.sum(), [2], [2]).sum()),
    [1, 2, 3, 4, 5],
    [1, 1, 1, 1, 0],
  ],
  [
    "the gradient of picked elements",
    grad((x: np.Array) => x.slice(np.array([0, 2], { dtype: np.int32 })).sum()),
    [1, 2, 3],
    [1, 0, 1],
  ],
  [
    "the gradient of the least two",
    grad((x: np.Array) => np.sort(x).slice([0, 2]).sum()),
    [3, 1, 2],
    [0, 1, 1],
  ],
];

test.each(["cpu", "wasm"] as const)("on %s jit computes", (device) => {
  defaultDevice(device);
  for (const [name, f, at, expected] of cases) {
    const got = jit(f)(np.array(at)).js() as number[];
    expect(
      got.map((value) => Math.round(1e4 * value) / 1e4),
      name,
    ).toEqual(expected);
  }
});

const products: readonly [string, f: (x: np.Array) => np.Array, slope: number][] = [
  ["a mean", (x) => x.mean(), 1 / 3],
  ["a product", (x) => x.sum().mul(0.5).mul(0.5), 0.25],
  ["a sum", (x) => x.ref.sum().mul(0.5).add(x.sum().mul(0.25)), 0.75],
  ["a negated product", (x) => np.negative(x.sum().mul(0.5)).mul(0.5), -0.25],
];

test.each(["cpu", "wasm"] as const)(
  "on %s literals that are folded are float64 where that is asked for",
  (device) => {
    defaultDevice(device);
    for (const [name, f, slope] of products) {
      const got = jit(grad(f))(np.array([1, 2, 3], { dtype: np.float64 }));
      expect(got.dtype, name).toBe(np.float64);
      const values = got.js() as number[];
      expect(values, name).toHaveLength(3);
      for (const value of values) expect(value, name).toBeCloseTo(slope, 6);
    }
  },
);
