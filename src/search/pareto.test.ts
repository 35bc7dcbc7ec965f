import fc from "fast-check";
import { expect, test } from "vitest";

import { paretoFront } from "./pareto.ts";

/** By the definition: every row against every other. */
const byDefinition = (rows: readonly (readonly number[])[]): number[] =>
  [...rows.keys()].filter((i) => {
    const row = rows[i] as readonly number[];
    const better = rows.some(
      (other) =>
        other.every((value, c) => value <= (row[c] as number)) &&
        other.some((value, c) => value < (row[c] as number)),
    );
    return !better && !row.some(Number.isNaN);
  });

test("the front is that of the definition, ties and infinities included", () => {
  const cell = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom(Infinity, -Infinity, NaN, -0));
  const table = fc
    .integer({ min: 1, max: 4 })
    .chain((columns) =>
      fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { maxLength: 30 }),
    );
  fc.assert(
    fc.property(table, (rows) => {
      expect([...paretoFront(rows)].sort((a, b) => a - b)).toEqual(byDefinition(rows));
    }),
    { numRuns: 500 },
  );
});

test("it is ordered by the first column", () => {
  expect(
    paretoFront([
      [3, 1],
      [1, 3],
      [2, 2],
      [2, 2],
      [3, 3],
    ]),
  ).toEqual([1, 2, 3, 0]);
});

test("a front of a hundred thousand rows of two columns is found", () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => [i, 100_000 - i]);
  expect(paretoFront(rows)).toHaveLength(100_000);
});
