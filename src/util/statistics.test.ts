import { expect, test } from "vitest";

import { joined, leastOf, mostOf } from "./statistics.ts";

test("extremes are those of a million numbers, of few and of none", () => {
  const many = Float64Array.from({ length: 1_000_000 }, (_, i) => (i === 777_777 ? -5 : i));
  expect([leastOf(many), mostOf(many)]).toEqual([-5, 999_999]);
  expect([leastOf([2, 1]), mostOf([2, 1])]).toEqual([1, 2]);
  expect([leastOf([]), mostOf([])]).toEqual([Infinity, -Infinity]);
});

test("lists are joined in their order, a million numbers too", () => {
  expect(joined([1, 2], Float64Array.of(3), [])).toEqual(Float64Array.of(1, 2, 3));
  expect(joined(new Float64Array(1_000_000).fill(2), [3]).at(-1)).toBe(3);
});
