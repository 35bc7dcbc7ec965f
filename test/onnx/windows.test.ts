import { init, lax, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import { compile, optimize } from "../../src/engine/onnx/compile.ts";
import type { DType } from "../../src/engine/onnx/value.ts";
import { trace, type Traceable } from "../../src/engine/onnx/trace.ts";
import { sizeOf } from "../../src/util/host-array.ts";
import { expectClose } from "./close.ts";
import { derivative, gradientsOf, type Numeric } from "./derivatives.ts";
import { runJax, runOnnx, type Sample } from "./run.ts";

const reduceWindow = lax.reduceWindow as unknown as (
  x: np.Array,
  reduction: (window: np.Array) => np.Array,
  window: readonly number[],
  strides: readonly number[],
) => np.Array;

type Reduction = (window: np.Array) => np.Array;
const reductions: Readonly<Record<string, Reduction>> = {
  max: (window) => np.max(window),
  mean: (window) => np.mean(window),
  "root of the mean square": (window) => np.sqrt(np.mean(np.square(window)).add(1)),
};

/** Few different numbers, so that many windows hold their maximum twice. */
const tied = (dtype: DType, shape: readonly number[], shift = 0): Sample => ({
  dtype,
  shape,
  data: Array.from({ length: sizeOf(shape) }, (_, i) => ((((i + shift) * 7919) % 23) % 4) - 1),
});

/** Everything that training with a pooling may ask for: its value, derivatives backwards and forwards, and both in turn. */
const derivatives =
  (pool: Numeric): Traceable =>
  (x, direction) => {
    const [value, forwards] = derivative(pool, [x.ref], [direction.ref]);
    const energy: Numeric = (at) => np.square(pool(at)).sum();
    const [backwards] = gradientsOf(energy, 0)(x.ref) as [np.Array];
    const slope: Numeric = (at) => derivative(energy, [at], [direction.ref])[1].sum();
    const [second] = gradientsOf(slope, 0)(x) as [np.Array];
    direction.dispose();
    return [value, forwards, backwards, second];
  };

const shapes: readonly [window: number[], shape: number[]][] = [
  [
    [2, 2],
    [2, 3, 4, 6],
  ],
  [
    [2, 2],
    [1, 1, 7, 5],
  ],
  [
    [4, 2],
    [2, 9, 7],
  ],
  [[4], [9]],
  [
    [2, 1, 2],
    [2, 2, 3, 4, 3, 2],
  ],
];

beforeAll(async () => {
  await init("cpu", "wasm");
});

describe.each(Object.entries(reductions))("windows side by side, the %s of each", (_, reduction) => {
  test.each(shapes)("%j of %j: are reduced and put together as jax-js does", async (window, shape) => {
    const f = derivatives((x) => reduceWindow(x, reduction, window, window));
    for (const dtype of ["float32", "float64"] as const) {
      const args = [tied(dtype, shape), tied(dtype, shape, 5)];
      expectClose(await runOnnx(compile(f, args), args), await runJax(f, args, "cpu"), 16, dtype);
    }
  });

  test("are never cut out", () => {
    const f = derivatives((x) => reduceWindow(x, reduction, [2, 2], [2, 2]));
    const args = [tied("float32", [2, 3, 4, 6]), tied("float32", [2, 3, 4, 6])];
    const primitives = optimize(trace(f, args)).operations.map(({ primitive }) => primitive);
    expect(primitives).toContain("window_reduce");
    expect(primitives.filter((name) => ["pool", "pool_transpose", "pad", "shrink"].includes(name))).toEqual(
      [],
    );
  });
});

test("windows of several examples at once, and of which something else than a reduction is wanted", async () => {
  const f: Traceable = (x) => {
    const windows = reduceWindow(x.ref, (window) => np.max(window.ref).sub(np.min(window)), [2, 2], [2, 2]);
    const sums = reduceWindow(x, (window) => np.sum(np.cumsum(window.ravel())), [2, 2], [2, 2]);
    return [windows, sums];
  };
  const args = [tied("float32", [2, 2, 5, 4])];
  expectClose(await runOnnx(compile(f, args), args), await runJax(f, args, "cpu"), 16, "spread and sums");
});

test("windows that overlap or leave gaps", async () => {
  for (const [window, strides] of [
    [
      [3, 3],
      [2, 2],
    ],
    [
      [2, 1],
      [3, 2],
    ],
  ] as const) {
    const f = derivatives((x) => reduceWindow(x, (at) => np.max(at), window, strides));
    const args = [tied("float32", [2, 2, 7, 5]), tied("float32", [2, 2, 7, 5], 3)];
    expectClose(await runOnnx(compile(f, args), args), await runJax(f, args, "cpu"), 16, `${window}`);
  }
});
