import fc from "fast-check";
import { expect, test } from "vitest";

import { randomSplit, tailSplit, type RowParts } from "./split.ts";

const all = ({ train, valid, test = new Uint32Array() }: RowParts): number[] => [...train, ...valid, ...test];
const upTo = (rows: number): number[] => Array.from({ length: rows }, (_, i) => i);

test("the parts of a split are disjoint and cover all rows", () => {
  const cases = fc.record({
    rows: fc.integer({ min: 20, max: 300 }),
    seed: fc.nat(),
    valid: fc.double({ min: 0.1, max: 0.45, noNaN: true }),
    test: fc.constantFrom(0, 0.1, 0.3, { rows: 2 }),
  });
  fc.assert(
    fc.property(cases, ({ rows, seed, ...sizes }) => {
      for (const parts of [randomSplit(rows, { seed, ...sizes }), tailSplit(rows, sizes)]) {
        expect(all(parts).sort((a, b) => a - b)).toEqual(upTo(rows));
        expect(parts.valid.length).toBe(Math.round(sizes.valid * rows));
        expect(parts.test === undefined).toBe(sizes.test === 0);
      }
    }),
  );
});

test("a random split is 60/20/20 by default and depends on the seed alone", () => {
  const { train, valid, test } = randomSplit(100, { seed: 1 });
  expect([train.length, valid.length, test?.length]).toEqual([60, 20, 20]);
  expect(randomSplit(100, { seed: 1 })).toEqual(randomSplit(100, { seed: 1 }));
  expect(randomSplit(100, { seed: 2 })).not.toEqual(randomSplit(100, { seed: 1 }));
});

test("the test part stays when the validation part changes", () => {
  expect(randomSplit(100, { seed: 1, valid: 0.4 }).test).toEqual(randomSplit(100, { seed: 1 }).test);
});

test("a tail split keeps the order and takes the last 15 % for validation", () => {
  const parts = tailSplit(60000);
  expect([parts.train.length, parts.valid.length, parts.test]).toEqual([51000, 9000, undefined]);
  expect(all(tailSplit(10, { valid: { rows: 2 }, test: { rows: 3 } }))).toEqual(upTo(10));
});

test.each([
  [4, { valid: 0.1 }, "4 rows would be split into 3 for training, 0 for validation and 1 for test"],
  [10, { valid: 0.6, test: 0.5 }, "but validation and test ask for 6 and 5 of 10 rows"],
  [4, { valid: 0.1 }, "; ask for more (`valid`) or add rows"],
  [10, { valid: 0.6, test: 0.5 }, "; ask for fewer (`valid`, `test`) or add rows"],
  [
    10,
    { valid: { rows: 1 }, test: { rows: 20 } },
    "but test asks for 20 of 10 rows; ask for fewer (`test`) or add",
  ],
  [
    10,
    { valid: { rows: 1 }, test: { rows: 9 } },
    "but test asks for 9 of 10 rows; ask for fewer (`test`) or add",
  ],
  [
    1,
    { valid: { rows: 1 }, test: 0 },
    "1 row would be split into 0 for training, 1 for validation and 0 for test; add rows",
  ],
  [10, { valid: 0 }, "0 for validation"],
  [10, { test: { rows: 0 } }, "0 for test"],
  [10, { valid: { rows: 10 }, test: 0 }, "0 for training"],
  [10, { valid: 1 }, "the validation part must be a fraction of the rows, at least 0 and below 1, but got 1"],
  [10, { test: 1.5 }, "the test part must be a fraction of the rows, at least 0 and below 1, but got 1.5"],
  [10, { test: -0.1 }, "but got -0.1"],
  [10, { valid: NaN }, "but got NaN"],
  [10, { valid: { rows: 2.5 } }, "the validation part must have a whole number of rows, but got 2.5"],
])("a split of %i rows into %o is an error", (rows, sizes, message) => {
  expect(() => randomSplit(rows, sizes)).toThrow(message);
});
