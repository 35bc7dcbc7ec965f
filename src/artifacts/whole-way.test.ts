import * as ort from "onnxruntime-node";
import { expect, test } from "vitest";

import { encodeInputs } from "../data/encode-inputs.ts";
import type { ColumnEncoding, TableEncoding } from "../data/table-encoding.ts";
import { plainNotation } from "../data/notation.ts";
import { tableOf } from "../data/table.ts";
import { serialize, type OnnxModel } from "../engine/onnx/model.ts";
import { wholeWay } from "./whole-way.ts";
import { rawInputs } from "./whole-way/raw-inputs.ts";

const features = (n: number) =>
  Array.from({ length: n }, (_, k) => ({ name: `f${k}`, mean: 0.5 + k, sd: k === 1 ? 0 : 2 + k }));

const number = { kind: "number", notation: plainNotation, median: 4.25 } as const;
const category = { kind: "category", levels: ["-", "Ulm", "Zürich"] } as const;

/** Columns of every kind, with and without places for what is missing or not known. */
const columns: readonly ColumnEncoding[] = [
  { ...category, name: "all", other: true, missing: true, features: features(5) },
  { ...number, name: "plain", missing: false, features: features(1) },
  { ...category, name: "other", other: true, missing: false, features: features(4) },
  { ...number, name: "gaps", missing: true, features: features(2) },
  { ...number, name: "wide", wide: true, missing: true, features: features(2) },
  { ...category, name: "missing", other: false, missing: true, features: features(4) },
  { ...category, name: "y", other: false, missing: false, features: features(3) },
];

const encoding: TableEncoding = {
  version: 1,
  columns,
  target: { kind: "number", name: "target", notation: plainNotation, transform: "none", mean: 0, sd: 1 },
  unused: [],
};

/** A network that answers with what it is given. */
const width = columns.reduce((sum, column) => sum + column.features.length, 0);
const echo: OnnxModel = {
  inputs: [{ name: "x", dtype: "float32", shape: ["rows", width] }],
  outputs: [{ name: "y", dtype: "float32", shape: ["rows", width] }],
  constants: [],
  nodes: [{ operator: "Identity", inputs: ["x"], outputs: ["y"], attributes: {} }],
};

test("the graph encodes rows as the library does, unknown and missing ones too, and rows that these inputs were made from the same", async () => {
  const words = ["Ulm", "Zürich", "-", "", "NA", "n/A", "nUlL", "?", "Nowhere", "ulm"];
  const numbers = words.map((_, i) => (i % 3 === 1 ? null : 10 * i - 7.5));
  const isNumber = (name: string) =>
    columns.some((column) => column.name === name && column.kind === "number");
  const values = Object.fromEntries(
    // "+" keeps "-" a level, as in a column of signs.
    columns.map(({ name }) => [name, isNumber(name) ? [...numbers, 1] : [...words, "+"]]),
  );
  const expected = encodeInputs(encoding, tableOf("rows", values));

  const { model, inputs, outputs } = wholeWay(echo, { encoding, inputShape: [width], loss: "squared-error" });
  const session = await ort.InferenceSession.create(serialize(model));
  const fed = inputs.map(({ name, type }) => {
    const cells = (values[name] as readonly unknown[]).map((value) => value ?? NaN);
    return [name, new ort.Tensor(type as "string", cells as string[], [cells.length, 1])];
  });
  const answers = await session.run(Object.fromEntries(fed) as Record<string, ort.Tensor>);
  const x = Float32Array.from(
    answers[outputs[0]?.name as string]?.data as Float64Array,
    (value) => value + 0,
  ); // no -0
  expect(x).toEqual(expected.data);

  const back = rawInputs({ encoding, inputShape: [width], loss: "squared-error" }, expected);
  const again = await session.run(
    Object.fromEntries(
      inputs.map(({ name, type }, i) => [
        name,
        new ort.Tensor(type as "string", back[i] as string[], [back[i]?.length ?? 0, 1]),
      ]),
    ),
  );
  Array.from(again[outputs[0]?.name as string]?.data as Float64Array).forEach((value, i) =>
    expect(value).toBeCloseTo(expected.data[i] as number, 5),
  );
  expect(inputs.map(({ name, type }) => `${name} ${type}`)).toEqual([
    ...["all string", "plain float32", "other string", "gaps float32"],
    ...["wide float64", "missing string", "y string"],
  ]);
});

test("columns of numbers make no graph longer, which runtimes would take long to open", () => {
  const nodesOf = (count: number) => {
    const plain = { ...number, missing: true, features: features(2) };
    const wide = {
      ...encoding,
      columns: Array.from({ length: count }, (_, i) => ({ ...plain, name: `n${i}` })),
    };
    const facts = { encoding: wide, inputShape: [2 * count], loss: "squared-error" } as const;
    return wholeWay(echo, facts).model.nodes.length;
  };
  expect(nodesOf(500)).toBe(nodesOf(2));
});
