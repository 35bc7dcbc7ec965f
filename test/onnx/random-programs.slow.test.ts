import { init, jit, lax, numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import { beforeAll, test } from "vitest";

import { guardJit } from "../../src/engine/guard-jit.ts";
import { compile } from "../../src/engine/onnx/compile.ts";
import type { Traceable } from "../../src/engine/onnx/trace.ts";
import { sizeOf } from "../../src/util/host-array.ts";
import { expectClose } from "./close.ts";
import { derivative, withGradients, type Numeric } from "./derivatives.ts";
import { runJax, runOnnx, type Sample } from "./run.ts";

/** One line of a program: what is computed of which earlier values. All numbers are taken modulo what there is to choose from. */
interface Line {
  readonly operation: number;
  readonly first: number;
  readonly second: number;
  readonly choice: number;
}

type Rule = (x: np.Array, y: np.Array, choice: number) => np.Array;

/** What a line can do. The values stay small, so that rounding does. */
const operations: readonly Rule[] = [
  (x, y) => x.ref.add(fitting(y, x)),
  (x, y) => x.ref.sub(fitting(y, x)),
  (x, y) => x.ref.mul(fitting(y, x)),
  product,
  product,
  affine,
  affine,
  (x, y) =>
    np
      .matmul(asMatrix(x), np.transpose(asMatrix(x)))
      .mul(y.ref.mean())
      .mul(0.25),
  (x, _, choice) => np.transpose(x.ref, rotated(x.ndim, choice)),
  (x, _, choice) => x.ref.reshape(choice % 2 === 0 ? [x.size] : [1, x.size, 1]),
  (x, _, choice) =>
    x.ref.reshape([
      ...x.shape.slice(0, -1),
      ...(choice % 2 === 0 ? [x.shape.at(-1) ?? 1, 1] : [1, x.shape.at(-1) ?? 1]),
    ]),
  (x, _, choice) => np.broadcastTo(x.ref, [2 + (choice % 2), ...x.shape]),
  (x, _, choice) => x.ref.sum(axisOf(x, choice), { keepdims: choice % 2 === 0 }).mul(0.5),
  (x, _, choice) => x.ref.mean(axisOf(x, choice)),
  (x, _, choice) => np.max(x.ref, axisOf(x, choice)),
  (x, _, choice) => np.concatenate([atLeast1d(x), atLeast1d(x).mul(0.5)], choice % Math.max(1, x.ndim)),
  (x, _, choice) => atLeast1d(x).slice(...halfOf(x, choice)),
  (x, _, choice) => np.flip(x.ref, axisOf(x, choice)),
  (x, _, choice) =>
    np.pad(
      x.ref,
      x.shape.map((): [number, number] => [choice % 2, 1]),
    ),
  (x) => np.maximum(x.ref, 0),
  (x) => np.tanh(x.ref),
  (x) => np.sin(x.ref),
  (x) => np.exp(np.square(x.ref).neg()),
  (x) => np.sqrt(np.square(x.ref).add(1)),
  (x) => np.reciprocal(np.square(x.ref).add(1)),
  (x, y) => np.where(np.greater(x.ref, 0.05), x.ref, fitting(y, x)),
  (x) => x.ref.mul(0.9),
  (x) => x.ref.mul(np.zeros(x.shape)),
  (x) => x.ref.add(np.zeros(x.shape)).mul(np.ones(x.shape)),
  (x) => lax.stopGradient(x.ref).mul(x.ref),
  (x) => x.ref.neg(),
  (x) => lax.convGeneralDilated(np.cos(signals(x.ref)), filter(), [1], [[1, 1]]).mul(0.3),
  (x) => lax.reduceWindow(signals(x.ref), (window) => window.sum(), [1, 1, 2], [1, 1, 2]).mul(0.4),
];

/** An array as signals of one channel, at least two long: [n, 1, length]. */
function signals(x: np.Array): np.Array {
  const length = Math.max(2, x.shape.at(-1) ?? 1);
  return np
    .concatenate([x.reshape([-1]), np.ones([length])])
    .slice([0, length])
    .reshape([1, 1, length]);
}

const filter = () => np.array([0.5, -0.3, 0.2]).reshape([1, 1, 3]);

/** A product, and what a `Gemm` can add to it. */
function affine(x: np.Array, y: np.Array, choice: number): np.Array {
  const z = product(x, y, choice);
  const addend = fitting(choice < 3 ? x : y, z);
  return z.add(choice % 2 === 0 ? addend.neg() : addend.mul(0.7));
}

/** A product of matrices, whichever way round two arrays have an axis in common. */
function product(x: np.Array, y: np.Array, choice: number): np.Array {
  const [a, b] = [asMatrix(x).mul(0.5), asMatrix(y)];
  const [m, k] = a.shape as [number, number];
  const [p, q] = b.shape as [number, number];
  if (k === p && choice % 2 === 0) return np.matmul(a, b);
  if (k === q && x.ndim > 2) return np.matmul(x.ref.mul(0.5), np.transpose(b));
  if (k === q) return np.matmul(a, np.transpose(b));
  if (m === p) return np.matmul(np.transpose(a), b);
  if (m === q) return np.einsum("mk,pm->pk", a, b);
  return np.outer(a.mean(1), b.mean(1));
}

const asMatrix = (x: np.Array): np.Array => x.ref.reshape([-1, x.shape.at(-1) ?? 1]);
const atLeast1d = (x: np.Array): np.Array => (x.ndim === 0 ? x.ref.reshape([1]) : x.ref);
const axisOf = (x: np.Array, choice: number): number | null => (x.ndim === 0 ? null : choice % x.ndim);
const rotated = (rank: number, by: number): number[] =>
  Array.from({ length: rank }, (_, i) => (i + by) % rank);

/** Another array if it can be broadcast to the first one, else its mean. */
function fitting(y: np.Array, x: np.Array): np.Array {
  const fits =
    y.ndim <= x.ndim && y.shape.every((size, i) => size === 1 || size === x.shape[x.ndim - y.ndim + i]);
  return fits ? y.ref : y.ref.mean();
}

function halfOf(x: np.Array, choice: number): [number, number][] {
  const axis = x.ndim === 0 ? 0 : choice % x.ndim;
  return atLeast1d(x).shape.map((size, i): [number, number] =>
    i === axis && size > 1 ? [choice % 2, size - 1 + (choice % 2)] : [0, size],
  );
}

/** The loss that a program computes of its inputs: by default the mean square of all its last values. */
function lossOf(lines: readonly Line[], term = boundedSquare): Numeric {
  return (...inputs) => {
    const values = [...inputs];
    for (const { operation, first, second, choice } of lines) {
      const pick = (index: number) => values[values.length - 1 - (index % values.length)] as np.Array;
      const rule = operations[operation % operations.length] as Rule;
      const value = rule(pick(first), pick(second), choice);
      values.push(value.size > 48 ? value.sum(0).mul(0.3) : value);
    }
    return values
      .slice(-3)
      .map((value) => term(value.ref))
      .reduce((sum, other) => sum.add(other));
  };
}

const boundedSquare = (value: np.Array): np.Array => np.square(np.tanh(value)).mean();
/** Its derivative begins with constants. */
const part = (value: np.Array): np.Array =>
  atLeast1d(value)
    .slice(...halfOf(value, 1))
    .sum()
    .mul(0.1);

/** A step of training with momentum, and the loss's derivative in a direction that leaves most inputs alone. */
function programOf(loss: Numeric): Traceable {
  return (...inputs) => {
    const weights = inputs.slice(0, shapes.length);
    const momenta = inputs.slice(shapes.length);
    const [value, gradients] = withGradients(loss, ...shapes.keys())(...weights.map((w) => w.ref));
    const velocities = gradients.map((g, i) => (momenta[i] as np.Array).mul(0.9).add(g));
    const moved = weights.map((w, i) => w.ref.sub((velocities[i] as np.Array).ref.mul(0.1)));
    const direction = weights.map((w, i) => (i === 1 ? w.ref : np.zerosLike(w.ref)));
    return [value, ...velocities, ...moved, ...derivative(loss, weights, direction)];
  };
}

const shapes = [[3, 4], [4, 2], [4], [], [2, 1, 3]] as const;

const inputs: readonly Sample[] = [...shapes, ...shapes].map((shape, k) => ({
  dtype: "float32",
  shape,
  data: Array.from({ length: sizeOf(shape) }, (_, i) =>
    Math.fround(Math.sin(12.9898 * (i + 1) + 78.233 * (k + 1))),
  ),
}));

const line = fc.record({
  operation: fc.nat({ max: operations.length - 1 }),
  first: fc.nat({ max: 7 }),
  second: fc.nat({ max: 7 }),
  choice: fc.nat({ max: 5 }),
});

beforeAll(async () => {
  await init("cpu");
});

test("random programs, their gradients and derivatives compute in onnx what they compute in jax-js", async () => {
  const law = fc.asyncProperty(fc.array(line, { minLength: 3, maxLength: 14 }), async (lines) => {
    const program = programOf(lossOf(lines));
    const expected = await runJax(program, inputs, "cpu");
    expectClose(await runOnnx(compile(program, inputs), inputs), expected, 100, "onnx");
  });
  await fc.assert(law, { seed: 20, numRuns: 120 });
});

/** jax-js 0.1.25 alone gets some wrong: see docs/jax-js-faults.md. */
test("random programs compute under jit what they compute operation by operation", async () => {
  guardJit();
  const law = fc.asyncProperty(fc.array(line, { minLength: 2, maxLength: 10 }), async (lines) => {
    const program = programOf(lossOf(lines, part));
    const expected = await runJax(program, inputs, "cpu");
    const jitted = jit(program as never) as unknown as Traceable;
    expectClose(await runJax(jitted, inputs, "cpu"), expected, 100, "jit");
  });
  await fc.assert(law, { seed: 21, numRuns: 50 });
});
