import { init, lax } from "@jax-js/jax";
import * as ort from "onnxruntime-node";
import { beforeAll, expect, test } from "vitest";

import { compile, type Compiled } from "../../src/engine/onnx/compile.ts";
import { serialize, type OnnxModel } from "../../src/engine/onnx/model.ts";
import { sizeOf } from "../../src/util/host-array.ts";
import { gradientsOf } from "./derivatives.ts";
import { runOnnx, type Sample } from "./run.ts";

beforeAll(async () => {
  await init("cpu");
});

const shapes = [[128, 80, 9, 9], [128, 16, 9, 9], [16, 80, 3, 3], []];
const args = shapes.map((shape, k): Sample => ({
  ...{ dtype: "float32", shape },
  data: Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(Math.sin(3 * i + 5 * k + 1))),
}));
const byFilters = gradientsOf((x, g, w, s) => lax.conv(x, w, [1, 1], "SAME").mul(g.mul(s)).sum(), 2);

/** The results of the operators that make columns, and the number of their axes. */
const columns = ({ nodes }: OnnxModel): { name: string; rank: number }[] =>
  nodes.flatMap(({ operator, outputs: [name = ""] }) => {
    const rank = { Pad: 4, Gather: 3, Gemm: 2 }[operator];
    return rank === undefined ? [] : [{ name, rank }];
  });

/** Whether onnxruntime finds out the shapes of some results when it loads a model: as outputs whose sizes are left open, it tells them. */
async function foundOut({ model }: Compiled): Promise<boolean[]> {
  const open = columns(model).map(({ name, rank }) => ({
    ...{ name, dtype: "float32" as const },
    shape: Array.from({ length: rank }, (_, axis) => `${name}.${axis}`),
  }));
  const outputs = [...model.outputs, ...open];
  const session = await ort.InferenceSession.create(serialize({ ...model, outputs }));
  const told = session.outputMetadata.slice(model.outputs.length);
  await session.release();
  return told.map((value) => value.isTensor && value.shape.every((size) => typeof size === "number"));
}

test("onnxruntime does not know the shapes of the columns of filter gradients, so it frees them after their last use", async () => {
  const late = compile(byFilters, args, { channelBlock: 16 });
  const early = compile(byFilters, args);
  const count = columns(early.model).length;
  expect(count).toBeGreaterThan(5); // they are made in parts
  expect(await foundOut(early)).toEqual(Array(count).fill(true));
  expect(await foundOut(late)).toEqual(Array(count).fill(false));
  expect(await runOnnx(late, args)).toEqual(await runOnnx(early, args));
});
