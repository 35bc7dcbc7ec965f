import { beforeAll, expect, test } from "vitest";

import type { Dataset } from "../data/dataset.ts";
import type { Engine } from "../engine/engine.ts";
import { onnxEngine } from "../engine/onnx/engine.ts";
import { sequential } from "../nn/sequential.ts";
import { supervised } from "../problem/supervised.ts";
import { random } from "../search/random.ts";
import { hyperband } from "../search/schedulers/hyperband.ts";
import { real } from "../space/real.ts";
import { createSearchRun } from "../study/search-run.ts";
import { smallTask } from "../testing/small-task.ts";
import { HostArray } from "../util/host-array.ts";
import { fixed } from "./fixed.ts";
import { createRun, type Environment } from "./run.ts";

/* What data a run takes. */

let engine: Engine;
beforeAll(async () => {
  engine = await onnxEngine();
});

const still: Environment = { clock: { now: () => 0 } };

test.each(["train", "valid", "test"] as const)("refuses data without rows: %s", (part) => {
  const { problem, data } = smallTask();
  const task = { problem, data: { ...data, [part]: { ...data.train, rows: 0 } } };
  const message = `data.${part} must have at least one row, but its \`rows\` is 0; give it some`;
  expect(() => createRun(task, fixed(), engine, { epochs: 1 }, still)).toThrow(message);
  const searcher = { sampler: random(), scheduler: hyperband({ budget: 3 }), tuner: fixed() };
  expect(() => createSearchRun(task, searcher, engine, { epochs: 1 }, still)).toThrow(message);
});

test("refuses a part that says more rows than its fields have", () => {
  const { problem, data } = smallTask();
  const { rows } = data.valid;
  const task = { problem, data: { ...data, valid: { ...data.valid, rows: rows + 1 } } };
  expect(() => createRun(task, fixed(), engine, { epochs: 1 }, still)).toThrow(
    `the fields of data.valid must have ${rows + 1} rows, as its \`rows\` says, but "x" has ${rows}; correct one of them`,
  );
});

test("refuses a number of rows that is not whole, and a part that is no dataset", () => {
  const { problem, data } = smallTask();
  const planned = (train: unknown) => () =>
    createRun({ problem, data: { ...data, train: train as Dataset } }, fixed(), engine, { epochs: 1 }, still);
  expect(planned({ ...data.train, rows: 40.5 })).toThrow(
    "the `rows` of data.train must be a whole number, but is 40.5; give the number of its examples",
  );
  expect(planned({ rows: 4 })).toThrow('data.train must be a dataset, { rows, fields }, but got {"rows":4}');
});

test("refuses parts and fields of the data that it does not know", () => {
  const { problem, data } = smallTask();
  const planned = (changed: object) => () =>
    createRun({ problem, data: { ...data, ...changed } }, fixed(), engine, { epochs: 1 }, still);
  expect(planned({ train: { ...data.train, ordr: "streams" } })).toThrow(
    'data.train must be given options of its own, but got "ordr"; did you mean "order"?',
  );
  expect(planned({ valid: { ...data.valid, x: 1 } })).toThrow(
    /^data\.valid .* but got "x"; it has rows, fields, coded, order, padding$/,
  );
  expect(planned({ tset: data.valid })).toThrow(
    'data must be given options of its own, but got "tset"; did you mean "test"?',
  );
});

test("refuses an order and a padding that are none", () => {
  const { problem, data } = smallTask();
  const planned = (changes: object) => () =>
    createRun(
      { problem, data: { ...data, train: { ...data.train, ...changes } } },
      fixed(),
      engine,
      { epochs: 1 },
      still,
    );
  expect(planned({ order: "stream" })).toThrow(
    '`order` of data.train must be streams, but got "stream"; did you mean "streams"?',
  );
  expect(planned({ padding: 2 })).toThrow(
    "`padding` of data.train must be a number, at least 0 and below 1, but got 2; leave it out for its default",
  );
});

type Changed = "train" | "valid" | "test";

test.each<[string, Changed, (field: HostArray, rows: number) => unknown, string]>([
  [
    "rows of another shape",
    "valid",
    ({ data }, rows) => new HostArray(data, [rows, 1]),
    'the field "y" must have rows of the same shape in every part of the data, but has rows of the shape [] in data.train and rows of the shape [1] in data.valid; give them the same shape',
  ],
  [
    "numbers of another kind",
    "test",
    ({ data }, rows) => new HostArray(Float64Array.from(data), [rows]),
    'the field "y" must have numbers of the same kind in every part of the data, but has Int32 numbers in data.train and floating-point numbers in data.test; convert those of one',
  ],
  [
    "bare numbers",
    "train",
    ({ data }) => data,
    'the field "y" of data.train must be a HostArray, such as new HostArray(numbers, [rows, 1]), but is Int32Array(',
  ],
])("refuses a field with %s in one part: %s", (_, part, changed, message) => {
  const { problem, data } = smallTask();
  const parts = { ...data, test: data.valid };
  const { rows, fields } = parts[part];
  const own = { rows, fields: { ...fields, y: changed(fields.y as HostArray, rows) as HostArray } };
  const task = { problem, data: { ...parts, [part]: own } };
  expect(() => createRun(task, fixed(), engine, { epochs: 1 }, still)).toThrow(message);
});

test.each([
  [[3], false],
  [[1, 1, 3], true],
])("trains on single rows with a batch normalisation of %j: %o", (input, may) => {
  const normal = [{ layer: "batch-norm" }, { layer: "linear" }] as const;
  const [first, last] = normal;
  const layers = input.length > 1 ? ([first, { layer: "flatten" }, last] as const) : normal;
  const network = sequential({ name: "normal", input, outputs: 3, layers });
  const { train, valid } = smallTask().data;
  const part = ({ rows, fields: { x, y } }: Dataset): Dataset => ({
    rows,
    fields: { x: new HostArray((x as HostArray).data, [rows, ...input]), y: y as HostArray },
  });
  const splits = { train: part(train), valid: part(valid) };
  const kind = { task: "classification", inputShape: input, outputs: 3, warnings: [] } as const;
  const data = { ...kind, name: "classes", splits };
  const task = supervised({ data, network, hypers: { l2: real(0.1) } });
  const planned = (batchSize: number) => () =>
    createRun(task, fixed(), engine, { epochs: 1, batchSize }, still).dispose();
  expect(planned(2)).not.toThrow();
  if (may) expect(planned(1)).not.toThrow();
  else
    expect(planned(1)).toThrow(
      '"norm1" of the problem "normal on classes" must get more than one number of each channel to normalise over a minibatch, but gets 1; take minibatches of more rows (`batchSize: 2` or more)',
    );
});
