import { jit, numpy as np } from "@jax-js/jax";
import { expect, test } from "vitest";

import { compile } from "../../src/engine/onnx/compile.ts";
import type { Traceable } from "../../src/engine/onnx/trace.ts";
import { expectClose } from "./close.ts";
import { derivative, gradientsOf, type Numeric } from "./derivatives.ts";
import { runJax, runOnnx, type Sample } from "./run.ts";

/** tanh, its derivative in the direction cos(x), and the gradient of that derivative's sum, as a Delta-STN step takes it. */
const twice: Traceable = (x) => {
  const slope: Numeric = (at) => derivative(np.tanh as Numeric, [at.ref], [np.cos(at)])[1];
  const value = np.tanh(x.ref);
  const curvature = gradientsOf((at) => slope(at).sum(), 0)(x.ref);
  return [value, slope(x), ...curvature];
};

const sample = (dtype: Sample["dtype"], data: readonly number[]): Sample => ({
  dtype,
  shape: [data.length],
  data: data.map((x) => (dtype === "float32" ? Math.fround(x) : x)),
});

test("a tanh is one operation, and so is its derivative but for products", () => {
  const { nodes } = compile(twice, [{ dtype: "float32", shape: [5] }]).model;
  const operators = nodes.map(({ operator }) => operator);
  expect(operators.filter((operator) => operator === "Tanh").length).toBe(1);
  const others = new Set(operators.filter((operator) => operator !== "Tanh"));
  expect(
    [...others].filter((operator) => !["Mul", "Sub", "Add", "Neg", "Sin", "Cos"].includes(operator)),
  ).toEqual([]);
});

test.each(["float32", "float64"] as const)(
  "a tanh in %s and its first and second derivatives are those of jax-js, finite everywhere",
  async (dtype) => {
    const x = sample(dtype, [-200, -20, -3.1, -0.7, -1e-4, 0, 1e-9, 0.2, 1.4, 8, 30, 1e4]);
    const compiled = compile(twice, [{ dtype, shape: x.shape }]);
    const found = await runOnnx(compiled, [x]);
    expectClose(found, await runJax(twice, [x], "cpu"), dtype === "float32" ? 8 : 16, "tanh");
    expect(found.flatMap(({ data }) => data).every(Number.isFinite)).toBe(true);
  },
);

test("a function of one's own by the name of tanh stays what it is", async () => {
  const own = jit(function tanh(x: np.Array) {
    return np.square(x).mul(3);
  });
  const x = sample("float32", [-2, 0.5, 3]);
  const f = gradientsOf((at) => own(at).sum(), 0);
  const [found] = await runOnnx(compile(f, [{ dtype: "float32", shape: [3] }]), [x]);
  expect(found?.data).toEqual([-12, 3, 18]);
});
