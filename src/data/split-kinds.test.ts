import fc from "fast-check";
import { expect, test } from "vitest";

import { groupSplit, randomSplit, stratifiedSplit, timeSplit, type RowParts } from "./split.ts";

const allRows = ({ train, valid, test = new Uint32Array() }: RowParts) =>
  [...train, ...valid, ...test].sort((a, b) => a - b);
const upTo = (rows: number) => Array.from({ length: rows }, (_, i) => i);

test("every class trains for every seed, and has its share of each part within a row", () => {
  // 300 rows of a, 20 of b, 5 of c and a single d.
  const classes = [..."a".repeat(300), ..."b".repeat(20), ..."c".repeat(5), "d"];
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const parts = stratifiedSplit(classes, { seed });
      expect(allRows(parts)).toEqual(upTo(326));
      expect([parts.valid.length, parts.test?.length]).toEqual([65, 65]);
      const countOf = (rows: Uint32Array | undefined, name: string) =>
        [...(rows ?? [])].filter((row) => classes[row] === name).length;
      expect(countOf(parts.train, "d")).toBe(1);
      for (const [name, rows] of [
        ["a", 300],
        ["b", 20],
        ["c", 5],
      ] as const) {
        expect(Math.abs(countOf(parts.valid, name) - rows / 5)).toBeLessThanOrEqual(1);
        expect(Math.abs(countOf(parts.test, name) - rows / 5)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test("rows of a group lie in one part, and the parts have about their sizes", () => {
  const group = fc.array(fc.nat({ max: 30 }), { minLength: 60, maxLength: 300 });
  fc.assert(
    fc.property(group, fc.nat(), (groups, seed) => {
      fc.pre(new Set(groups).size >= 15);
      const parts = groupSplit(groups, { seed });
      expect(allRows(parts)).toEqual(upTo(groups.length));
      const partOf = new Map<number, string>();
      for (const [part, rows] of Object.entries(parts)) {
        for (const row of rows as Uint32Array) {
          expect(partOf.get(groups[row] as number) ?? part).toBe(part);
          partOf.set(groups[row] as number, part);
        }
      }
      const largest = Math.max(...upTo(31).map((g) => groups.filter((other) => other === g).length));
      expect(Math.abs(parts.valid.length - groups.length / 5)).toBeLessThanOrEqual(largest);
      expect(Math.abs((parts.test?.length ?? 0) - groups.length / 5)).toBeLessThanOrEqual(largest);
    }),
  );
});

test("by time the earliest rows train and the latest test, and a moment is in one part", () => {
  const { train, valid, test: last } = timeSplit([5, 1, 9, 3, 7, 2, 8, 4, 6, 0]);
  expect([[...train], [...valid], [...(last ?? [])]]).toEqual([
    [9, 1, 5, 3, 7, 0],
    [8, 4],
    [6, 2],
  ]);
  const tied = timeSplit([1, 1, 1, 2, 2, 2, 3, 3, 3, 3], { valid: { rows: 2 }, test: { rows: 2 } });
  expect([tied.train.length, tied.valid.length, tied.test?.length]).toEqual([3, 3, 4]);
});

test("more rows than there are cannot be asked for", () => {
  const sizes = { valid: { rows: 1e9 }, test: 0 };
  const kinds = [groupSplit, stratifiedSplit, timeSplit].map((split) => () => split([1, 2, 3, 4], sizes));
  for (const split of [...kinds, () => randomSplit(4, sizes)])
    expect(split).toThrow(/at least one row, but [^-]*; ask for fewer \(`valid`\) or add rows$/);
});

test("two groups for three parts are an error", () => {
  expect(() => groupSplit([0, 0, 0, 1, 1, 1])).toThrow(
    "every part of the data must have at least one row, but 2 groups would be split into 0 for training",
  );
});
