import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { bestPoint, ofFailed } from "./best.ts";

const point = (step: number, loss: number, more: { guard?: number; unfit?: boolean } = {}) => ({
  step,
  valid: { loss },
  ...(more.guard !== undefined && { guard: { rows: 9, loss: more.guard, seen: loss } }),
  ...(more.unfit && { unfit: true as const }),
});

test("the best point is the first of the lowest, on the guard where there is one", () => {
  expect(bestPoint([point(0, 3), point(1, 2), point(2, 2)])?.step).toBe(1);
  expect(bestPoint([point(0, 1, { guard: 3 }), point(1, 2, { guard: 2 })])?.step).toBe(1);
  expect(bestPoint([])).toBeUndefined();
});

test("an unfit point is the best only of its like", () => {
  const first = [point(0, 2, { unfit: true }), point(1, 1, { unfit: true })];
  expect(bestPoint(first)?.step).toBe(1);
  expect(bestPoint([...first, point(2, 9), point(3, 8)])?.step).toBe(3);
  expect(bestPoint([point(2, 9), ...first])?.step).toBe(2);
});

test("a point of a training that failed behind it is worse than any other, and has measured nothing", () => {
  const early = {
    ...point(1, 1),
    trial: { number: 0, epoch: 1, measures: { loss: 1 } },
  } as unknown as TracePoint;
  const failed = ofFailed(early);
  expect(failed.trial).toEqual({ number: 0, epoch: 1, failed: true });
  expect(bestPoint([failed, point(2, 9)])?.valid.loss).toBe(9);
  expect(bestPoint([early, point(2, 9)])?.valid.loss).toBe(1);
});
