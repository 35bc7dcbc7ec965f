import { init, numpy as np } from "@jax-js/jax";
import * as ort from "onnxruntime-node";
import { beforeAll, expect, test } from "vitest";

import { compile } from "../../src/engine/onnx/compile.ts";
import { serialize } from "../../src/engine/onnx/model.ts";

beforeAll(async () => {
  await init("cpu");
});

test("a model with a sentinel writes its results where it is told to, and then returns nothing", async () => {
  const { model } = compile((a) => [a.ref.mul(2), np.tanh(a)], [{ dtype: "float32", shape: [3] }]);
  const session = await ort.InferenceSession.create(serialize(model, { sentinel: "none" }));
  expect(session.outputNames).toEqual(["none", "out0", "out1"]);
  const memory = (...values: number[]) => new ort.Tensor("float32", Float32Array.from(values), [3]);
  const [twice, tanh] = [memory(0, 0, 0), memory(0, 0, 0)];
  const run = session.run({ in0: memory(1, 2, 3) }, { none: null, out0: twice, out1: tanh });
  await expect(run).rejects.toThrow(/^Non tensor type/); // by which the engine's worker knows it
  expect([...(twice.data as Float32Array)]).toEqual([2, 4, 6]);
  expect((tanh.data as Float32Array)[2]).toBeCloseTo(Math.tanh(3), 6);
});
