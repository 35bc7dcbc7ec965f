import { expect, test } from "vitest";

import { bestOf } from "./best.ts";

const point = (step: number, loss: number, more: { guard?: number; provisional?: boolean } = {}) => ({
  step,
  valid: { loss },
  ...(more.guard !== undefined && { guard: { rows: 9, loss: more.guard, seen: loss } }),
  ...(more.provisional && { provisional: true as const }),
});

test("the best point is the first of the lowest, on the guard where there is one", () => {
  expect(bestOf([point(0, 3), point(1, 2), point(2, 2)])?.step).toBe(1);
  expect(bestOf([point(0, 1, { guard: 3 }), point(1, 2, { guard: 2 })])?.step).toBe(1);
  expect(bestOf([])).toBeUndefined();
});

test("a provisional point is the best only of its like", () => {
  const first = [point(0, 2, { provisional: true }), point(1, 1, { provisional: true })];
  expect(bestOf(first)?.step).toBe(1);
  expect(bestOf([...first, point(2, 9), point(3, 8)])?.step).toBe(3);
  expect(bestOf([point(2, 9), ...first])?.step).toBe(2);
});
