import { init, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { compile } from "../../src/engine/onnx/compile.ts";
import type { Argument, Traceable } from "../../src/engine/onnx/trace.ts";

beforeAll(async () => {
  await init("cpu");
});

const float32 = (...shape: number[]): Argument => ({ dtype: "float32", shape });

/** For each computed result the arguments that it may be written over. */
const overwritten = (f: Traceable, args: readonly Argument[]) =>
  compile(f, args).outputs.map(({ from }) => (from.kind === "computed" ? from.overwrites : from.kind));

test("a result may be written over an argument that nothing else needs", () => {
  const momentum: Traceable = (x, error, m) => [m.mul(0.9).add(np.matmul(np.transpose(x), error))];
  expect(overwritten(momentum, [float32(8, 5), float32(8, 3), float32(5, 3)])).toEqual([[2]]);
});

test("what is read on the way to a result is read before it is written", () => {
  const step: Traceable = (x, w) => [w.ref.sub(np.matmul(np.transpose(x.ref), np.tanh(np.matmul(x, w))))];
  expect(overwritten(step, [float32(8, 5), float32(5, 3)])).toEqual([[1]]);
});

test("an argument that something else may yet read is not written over", () => {
  const step: Traceable = (w, g) => [w.ref.sub(g), np.exp(w)];
  expect(overwritten(step, [float32(3), float32(3)])).toEqual([[1], []]);
});

test("an argument that is returned too is not written over", () => {
  const step: Traceable = (w, g) => [w.ref.sub(g), w];
  expect(overwritten(step, [float32(3), float32(3)])).toEqual([[1], "argument"]);
});

test("the factors of a product are not written over by it", () => {
  const square: Traceable = (a) => [np.matmul(a.ref, a)];
  expect(overwritten(square, [float32(3, 3)])).toEqual([[]]);
});

test("an argument of another shape or type is not written over", () => {
  const f: Traceable = (a, b) => [a.mul(b)];
  expect(overwritten(f, [float32(3, 1), float32(1, 3)])).toEqual([[]]);
});
