import { defaultDevice, init, lax, numpy as np } from "@jax-js/jax";
import * as ort from "onnxruntime-node";
import { beforeAll, describe, expect, test } from "vitest";

import { HostArray } from "../../util/host-array.ts";
import { exportModel, type ExportedFunction } from "./export.ts";
import { serialize } from "./model.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

const vector = (...values: number[]) => new HostArray(Float32Array.from(values), [values.length]);
const oneRow = { x: new HostArray(new Float32Array(2), [1, 2]) };
const weights = { scale: vector(2, 3) };

/** Exports a function of x [rows, 2] and a weight `scale` [2], and runs the model on as many rows as there are. */
async function exported(f: ExportedFunction, x: readonly (readonly number[])[]) {
  const { model, rows } = exportModel(f, { weights, inputs: oneRow, precision: "float32" });
  const session = await ort.InferenceSession.create(serialize(model), { logSeverityLevel: 3 });
  const fed = { x: new ort.Tensor("float32", Float32Array.from(x.flat()), [x.length, 2]) };
  const results = await session.run(session.inputNames.length > 0 ? fed : {});
  const outputs = Object.entries(results).map(([name, { dims, data }]) => [
    name,
    { shape: [...dims], data: Array.from(data as Float32Array) },
  ]);
  return { rows, model, outputs: Object.fromEntries(outputs) as Record<string, unknown> };
}

const array = (name: string, from: Record<string, np.Array>): np.Array => (from[name] as np.Array).ref;

describe("an exported function takes any number of rows", () => {
  const four = [
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
  ];

  test.each<[string, ExportedFunction, unknown]>([
    [
      "through a shape whose open entry Reshape infers",
      (w, { x }) => ({ y: (x as np.Array).reshape([-1, 1, 2]).mul(array("scale", w)) }),
      { shape: [4, 1, 2], data: [2, 6, 6, 12, 10, 18, 14, 24] },
    ],
    [
      "through a shape that is computed",
      (_, { x }) => ({
        y: np.concatenate([x as np.Array, np.ones([(x as np.Array).shape[0] as number, 1])], 1),
      }),
      { shape: [4, 3], data: [1, 2, 1, 3, 4, 1, 5, 6, 1, 7, 8, 1] },
    ],
    [
      "through a range that ends before the last row",
      (_, { x }) => ({ y: (x as np.Array).slice([0, ((x as np.Array).shape[0] as number) - 1]).mul(2) }),
      { shape: [3, 2], data: [2, 4, 6, 8, 10, 12] },
    ],
    [
      "through two shapes whose sizes are multiples of it",
      (_, { x }) => ({ y: (x as np.Array).reshape([-1]).mul(2) }),
      { shape: [8], data: [2, 4, 6, 8, 10, 12, 14, 16] },
    ],
  ])("%s", async (_, f, expected) => {
    const { rows, outputs } = await exported(f, four);
    expect([rows, outputs]).toEqual(["any", { y: expected }]);
  });

  test.each<[string, ExportedFunction]>([
    [
      "a mean over the rows",
      (_, { x }) => ({ y: array("x", { x: x as np.Array }).sub(np.mean(x as np.Array, 0)) }),
    ],
    ["numbers that count the rows", (_, { x }) => ({ y: (x as np.Array).add(counted(x as np.Array)) })],
    ["half of the rows", (_, { x }) => ({ y: half(x as np.Array) })],
    ["one row and no more", (_, { x }) => ({ y: (x as np.Array).reshape([1, 2]).mul(2) })],
  ])("but for %s", (_, f) => {
    const { rows, model } = exportModel(f, { weights, inputs: oneRow, precision: "float32" });
    expect([rows, model.inputs]).toEqual([1, [{ name: "x", dtype: "float32", shape: [1, 2] }]]);
  });

  test("and what has no ONNX operator for many rows is no such thing", () => {
    const f: ExportedFunction = (_, { x }) => {
      const rows = (x as np.Array).shape[0] as number;
      return { y: rows === 1 ? (x as np.Array) : (x as np.Array).mul(lax.linalg.cholesky(np.ones([1, 1]))) };
    };
    expect(() => exportModel(f, { weights, inputs: oneRow, precision: "float32" })).toThrow(/cholesky/);
  });

  const counted = (x: np.Array) =>
    np.arange(0, x.shape[0] as number, 1, { dtype: np.float32 }).reshape([-1, 1]);
  const half = (x: np.Array) => x.slice([0, Math.ceil((x.shape[0] as number) / 2)]).mul(2);
});

describe("every result is an output", () => {
  const row = [[1, 2]];

  test("one that is an argument, one that is known, and one that another is as well", async () => {
    const { outputs } = await exported((w, { x }) => {
      const y = (x as np.Array).mul(2);
      return { y, again: y.ref, weight: array("scale", w), known: np.array([4, 4, 5]) };
    }, row);
    expect(outputs).toEqual({
      y: { shape: [1, 2], data: [2, 4] },
      again: { shape: [1, 2], data: [2, 4] },
      weight: { shape: [2], data: [2, 3] },
      known: { shape: [3], data: [4, 4, 5] },
    });
  });

  test("one that is called as an input is", async () => {
    const { outputs } = await exported((_, { x }) => ({ x: (x as np.Array).mul(2) }), row);
    expect(outputs).toEqual({ "x.2": { shape: [1, 2], data: [2, 4] } });
  });
});

test("an input that nothing needs is left out where rows are counted, too", () => {
  const padded: ExportedFunction = (_, { x }) => ({
    y: np.concatenate([x as np.Array, np.ones([(x as np.Array).shape[0] as number, 1])], 1),
  });
  const inputs = { label: vector(0), ...oneRow };
  const { model, rows } = exportModel(padded, { weights, inputs, precision: "float32" });
  expect([rows, model.inputs.map(({ name }) => name)]).toEqual(["any", ["x"]]);
});

test("weights and inputs that nothing needs are left out", () => {
  const { model } = exportModel((w) => ({ y: array("scale", w).mul(2) }), {
    weights: { ...weights, other: vector(1) },
    inputs: oneRow,
    precision: "float32",
  });
  expect(model.inputs).toEqual([]);
  expect(model.constants.map(({ name }) => name)).toEqual(expect.arrayContaining(["scale"]));
  expect(model.constants.map(({ name }) => name)).not.toContain("other");
});
