import { init, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import { optimize } from "../../src/engine/onnx/compile.ts";
import type { Graph, Operation } from "../../src/engine/onnx/graph.ts";
import { overwriting, type Replacement } from "../../src/engine/onnx/overwriting.ts";
import { trace, type Argument, type Traceable } from "../../src/engine/onnx/trace.ts";
import { value, type Value } from "../../src/engine/onnx/value.ts";

beforeAll(async () => {
  await init("cpu");
});

const float32 = (...shape: number[]): Argument => ({ dtype: "float32", shape });

/** For each result the arguments that it may be written over. */
function overwritten(f: Traceable, args: readonly Argument[]): number[][] {
  const graph = optimize(trace(f, args));
  return graph.outputs.map((result) => {
    const may = overwriting(
      graph,
      graph.inputs.map((argument) => [result, argument]),
    );
    return [...may.keys()].filter((i) => may[i]);
  });
}

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
  expect(overwritten(step, [float32(3), float32(3)])).toEqual([[1], []]);
});

test("the factors of a product are not written over by it", () => {
  const square: Traceable = (a) => [np.matmul(a.ref, a)];
  expect(overwritten(square, [float32(3, 3)])).toEqual([[]]);
});

test("an argument of another shape or type is not written over", () => {
  const f: Traceable = (a, b) => [a.mul(b)];
  expect(overwritten(f, [float32(3, 1), float32(1, 3)])).toEqual([[]]);
});

describe("of a deep chain, each weight of which is read on the way there and on the way back", () => {
  /** Every other new weight is made of a gradient that has gone back through the old one, the others of the gradient before. */
  function chain(depth: number): { graph: Graph; replaced: Replacement[]; reads: () => number } {
    let reads = 0;
    const operations: Operation[] = [];
    const emit = (primitive: "mul" | "sub", inputs: readonly [Value, Value]): Value => {
      const result = value([2], "float32");
      const counted = { get: () => (reads++, inputs), enumerable: true };
      const operation = { primitive, params: {}, outputs: [result] };
      operations.push(Object.defineProperty(operation, "inputs", counted) as unknown as Operation);
      return result;
    };
    const weights = Array.from({ length: depth }, () => value([2], "float32"));
    const x = value([2], "float32");
    let gradient = weights.reduce((h, weight) => emit("mul", [h, weight]), x);
    const replaced = weights.toReversed().map((weight, i): Replacement => {
      const before = gradient;
      gradient = emit("mul", [gradient, weight]);
      return [emit("sub", [weight, i % 2 === 0 ? gradient : before]), weight];
    });
    const graph = { inputs: [...weights, x], operations, outputs: replaced.map(([result]) => result) };
    return { graph, replaced, reads: () => reads };
  }

  test("those are written over that nothing reads later", () => {
    const { graph, replaced } = chain(101);
    expect(overwriting(graph, replaced)).toEqual(replaced.map((_, i) => i % 2 === 0));
  });

  test("four times as many layers are read four times as often", () => {
    const [few, many] = [chain(100), chain(400)];
    for (const { graph, replaced } of [few, many]) overwriting(graph, replaced);
    expect(few.reads()).toBeGreaterThan(0);
    expect(many.reads()).toBe(4 * few.reads());
  });
});
