import fc from "fast-check";
import { expect, test } from "vitest";

import { HostArray } from "../util/host-array.ts";
import type { Dataset } from "./dataset.ts";
import { standardizeColumns, standardizePixels, standardizeTargets } from "./standardize.ts";

const part = (
  rows: readonly (readonly number[])[],
  y: readonly number[] = rows.map((_, i) => i),
): Dataset => ({
  rows: rows.length,
  fields: {
    x: new HostArray(Float64Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0]),
    y: new HostArray(Float64Array.from(y), [rows.length, 1]),
  },
});
const xOf = (dataset: Dataset | undefined): number[] => Array.from(dataset?.fields.x?.data ?? []);

test("every column of the training part has mean 0 and deviation 1, however far from 0 it was", () => {
  const value = fc.integer({ min: -1000, max: 1000 });
  const columns = fc.array(fc.tuple(value, value, fc.constantFrom(0, 1e9, -1e9)), {
    minLength: 2,
    maxLength: 30,
  });
  fc.assert(
    fc.property(columns, (cells) => {
      const rows = cells.map(([a, b], i) => [a + (cells[0]?.[2] ?? 0), b * 1e-3, i]);
      const train = standardizeColumns({ train: part(rows), valid: part(rows) }).train;
      for (let j = 0; j < 3; j++) {
        const column = xOf(train).filter((_, i) => i % 3 === j);
        const mean = column.reduce((sum, v) => sum + v, 0) / column.length;
        const sd = Math.sqrt(column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / column.length);
        expect(mean).toBeCloseTo(0, 5);
        expect(sd).toBeCloseTo(new Set(rows.map((row) => row[j])).size === 1 ? 0 : 1, 5);
      }
    }),
  );
});

test("validation and test data take the scale of the training part", () => {
  const { valid, test } = standardizeColumns({
    train: part([[0], [2]]),
    valid: part([[3], [4]]),
    test: part([[1], [-1]]),
  });
  expect([xOf(valid), xOf(test)]).toEqual([
    [2, 3],
    [0, -2],
  ]);
});

test("a column that is constant in the training part is centred, not scaled", () => {
  const { train, valid } = standardizeColumns({ train: part([[0.1], [0.1], [0.1]]), valid: part([[2.1]]) });
  expect(xOf(train)).toEqual([0, 0, 0]);
  expect(xOf(valid)).toEqual([2]);
});

test("pixels share one scale, that of the training part or a given one", () => {
  const splits = {
    train: part([
      [0, 2],
      [4, 6],
    ]),
    valid: part([[3, 3]]),
  };
  expect(xOf(standardizePixels(splits).train)).toEqual(
    [-3, -1, 1, 3].map((v) => Math.fround(v / Math.sqrt(5))),
  );
  expect(xOf(standardizePixels(splits, { mean: 1, sd: 2 }).valid)).toEqual([1, 1]);
});

test("targets are standardised by the training part, which the scale undoes", () => {
  const splits = { train: part([[0], [0]], [10, 30]), valid: part([[0]], [50]) };
  const { splits: done, targetScale } = standardizeTargets(splits);
  expect(targetScale).toEqual({ mean: 20, sd: 10 });
  expect(done.train.fields.y?.data).toEqual(Float32Array.of(-1, 1));
  expect(done.valid.fields.y?.data).toEqual(Float32Array.of(3));
});
