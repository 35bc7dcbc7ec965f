import { expect, test } from "vitest";

import { tableOf } from "../data/table.ts";
import { encodeInputs } from "../data/encode-inputs.ts";
import type { TableEncoding } from "../data/table-encoding.ts";
import { plainNotation } from "../data/notation.ts";
import { serialize, type OnnxModel } from "../engine/onnx/model.ts";
import { HostArray } from "../util/host-array.ts";
import { modelCheck, type ModelCheck } from "./check-model.ts";
import { wholeWay } from "./whole-way.ts";

const ROWS = 20;

/** A network that answers with `factor` times its two inputs. */
const times = (factor: number): OnnxModel => ({
  inputs: [{ name: "x", dtype: "float32", shape: ["rows", 2] }],
  outputs: [{ name: "y", dtype: "float32", shape: ["rows", 2] }],
  constants: [{ name: "factor", dtype: "float32", shape: [], data: [factor] }],
  nodes: [{ operator: "Mul", inputs: ["x", "factor"], outputs: ["y"], attributes: {} }],
});

const numbers = ["age", "size"].map((name, k) => ({
  ...({ kind: "number", name, notation: plainNotation, median: 0, missing: false } as const),
  features: [{ name, mean: 40 * k, sd: 2 + k }],
}));
const target = { kind: "classes", name: "y", classes: ["no", "yes"] } as const;
const encoding: TableEncoding = { version: 1, columns: numbers, target, unused: [] };
const facts = { encoding, inputShape: [2], classes: target.classes, loss: "cross-entropy" } as const;
const x = encodeInputs(
  encoding,
  tableOf("rows", {
    age: Array.from({ length: ROWS }, (_, i) => Math.sin(i)),
    size: Array.from({ length: ROWS }, (_, i) => 40 + 5 * Math.cos(i)),
  }),
);

/** A check against the network that doubles. */
async function checkOfTwice(): Promise<ModelCheck> {
  const y = new HostArray(
    x.data.map((value) => 2 * value),
    [ROWS, 2],
  );
  const input = { dtype: "float32", shape: x.shape, data: x.data as Float32Array } as const;
  return (await modelCheck({ rows: ROWS, inputs: { x: input }, outputs: [y] })) as ModelCheck; // onnxruntime is installed here
}

/** What the check says of both files of a network. */
async function wordsOf(network: OnnxModel, encoded = facts): Promise<(string | undefined)[]> {
  const check = await checkOfTwice();
  const way = wholeWay(network, encoded);
  return [await check.core(serialize(network), network), await check.way(serialize(way.model), way, facts)];
}

test("models that answer as their network does are let through", async () => {
  expect(await wordsOf(times(2))).toEqual([undefined, undefined]);
});

test("a model of other weights is told, and so is a way with another encoding", async () => {
  const differs = /^its answers for \d+ of 20 validation rows are not the network's/;
  expect(await wordsOf(times(2.1))).toEqual([expect.stringMatching(differs), expect.stringMatching(differs)]);
  const swapped = {
    ...encoding,
    columns: numbers.map((column, k) => ({ ...column, features: numbers[1 - k]?.features ?? [] })),
  };
  expect(await wordsOf(times(2), { ...facts, encoding: swapped })).toEqual([
    undefined,
    expect.stringMatching(differs),
  ]);
});

test("a model that onnxruntime refuses is told in its words", async () => {
  const [node] = times(2).nodes;
  const broken = { ...times(2), nodes: [{ ...node, inputs: ["x", "nowhere"] }] } as OnnxModel;
  for (const words of await wordsOf(broken)) expect(words).toMatch(/^onnxruntime refuses it \(.*nowhere.*\)/);
});

test("a model that asks for what the network is not given is told", async () => {
  const labels = { name: "label", dtype: "int32", shape: ["rows"] } as const;
  const asking = { ...times(2), inputs: [labels, ...times(2).inputs] };
  const check = await checkOfTwice();
  expect(await check.core(serialize(asking), asking)).toMatch(/^it asks for label/);
});
