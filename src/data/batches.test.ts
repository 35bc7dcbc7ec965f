import fc from "fast-check";
import { expect, test } from "vitest";

import { HostArray } from "../util/host-array.ts";
import { randomKey } from "../util/random.ts";
import { batchRows, batchSequence, evaluationBatches, gather } from "./batches.ts";
import type { Dataset } from "./dataset.ts";

const key = randomKey(3, "train batches");
const sizes = fc.record({
  rows: fc.integer({ min: 1, max: 40 }),
  batchSize: fc.integer({ min: 1, max: 50 }),
});

/** Row i is [10 i, 10 i + 1] with the class i. */
const counting = (rows: number): Dataset => ({
  rows,
  fields: {
    x: new HostArray(
      Float32Array.from({ length: 2 * rows }, (_, i) => 10 * (i >> 1) + (i & 1)),
      [rows, 2],
    ),
    y: new HostArray(
      Int32Array.from({ length: rows }, (_, i) => i),
      [rows],
    ),
  },
});

test("every row comes exactly once an epoch", () => {
  fc.assert(
    fc.property(sizes, ({ rows, batchSize }) => {
      const sequence = batchSequence(key, rows, batchSize);
      const epochs = 3;
      const steps = Math.ceil((epochs * rows) / batchSize);
      const stream = Array.from({ length: steps }, (_, step) => [...sequence.rows(step)]).flat();
      const all = Array.from({ length: rows }, (_, i) => i);
      for (let e = 0; e < epochs; e++) {
        expect(stream.slice(e * rows, (e + 1) * rows).sort((a, b) => a - b)).toEqual(all);
      }
    }),
  );
});

test("a minibatch is a function of its step, whatever was asked for before", () => {
  fc.assert(
    fc.property(sizes, fc.array(fc.nat(30), { maxLength: 8 }), ({ rows, batchSize }, steps) => {
      const sequence = batchSequence(key, rows, batchSize);
      for (const step of steps) {
        expect(sequence.rows(step)).toEqual(batchRows(key, rows, batchSize, step));
      }
    }),
  );
});

test("epochs and keys differ in their order", () => {
  const first = batchRows(key, 100, 100, 0);
  expect(batchRows(key, 100, 100, 1)).not.toEqual(first);
  expect(batchRows(randomKey(4, "train batches"), 100, 100, 0)).not.toEqual(first);
});

test("gather copies the rows of every field in the order asked for", () => {
  const dataset = counting(4);
  const { x, y } = gather(dataset, Uint32Array.of(3, 0, 3));
  expect(x).toEqual(new HostArray(Float32Array.of(30, 31, 0, 1, 30, 31), [3, 2]));
  expect(y).toEqual(new HostArray(Int32Array.of(3, 0, 3), [3]));
  (x as HostArray).data.fill(-1);
  expect(dataset.fields.x).toEqual(counting(4).fields.x);
});

test("evaluation batches hold every row once at weight 1, all of one shape", () => {
  fc.assert(
    fc.property(sizes, ({ rows, batchSize }) => {
      const batches = [...evaluationBatches(counting(rows), batchSize)];
      const seen = batches.flatMap(({ fields, weight }) => {
        expect(fields.x?.shape).toEqual([batchSize, 2]);
        expect(fields.y?.shape).toEqual([batchSize]);
        expect(weight.shape).toEqual([batchSize]);
        return Array.from(fields.y?.data ?? []).filter((_, i) => weight.data[i] === 1);
      });
      expect(seen).toEqual(Array.from({ length: rows }, (_, i) => i));
    }),
  );
});

test("the last evaluation batch is padded with row 0 at weight 0", () => {
  const [batch] = evaluationBatches(counting(2), 4);
  expect(batch?.fields.y?.data).toEqual(Int32Array.of(0, 1, 0, 0));
  expect(batch?.weight.data).toEqual(Float32Array.of(1, 1, 0, 0));
});
