import { describe, expect, test } from "vitest";

import { real } from "../../space/real.ts";
import { createSpace } from "../../space/space.ts";
import type { ScheduledTrial } from "../schedulers/scheduler.ts";
import { allPositive, hasFailed, observedCurves, type CurveView } from "./observed-curves.ts";

const space = createSpace({ x: real(0.5, { low: 0, high: 2 }) });

const trial = (number: number, losses: readonly number[], state: ScheduledTrial["state"] = "paused") => ({
  ...{ number, state, values: { x: 1 } },
  curve: losses.map((loss, i) => ({ budget: i + 1, loss })),
});

const view = (part: Partial<CurveView> = {}): CurveView => ({
  ...{ budget: 10, logs: false, until: () => Infinity, most: 50 },
  ...part,
});

const valuesOf = (trials: readonly ScheduledTrial[], part?: Partial<CurveView>) =>
  observedCurves(space, trials, view(part)).curves.map(({ values }) => [...values]);

test("times are shares of a training, points are on the unit cube, and trials without a loss are left out", () => {
  const { trials, points, curves } = observedCurves(space, [trial(0, []), trial(3, [4, 2])], view());
  expect(trials.map(({ number }) => number)).toEqual([3]);
  expect(points.map((point) => [...point])).toEqual([[0.5]]);
  expect([...(curves[0]?.times ?? [])]).toEqual([0.1, 0.2]);
});

test("losses are logarithms where all are positive", () => {
  expect(valuesOf([trial(0, [1, Math.E])], { logs: true })).toEqual([[0, 1]]);
  expect(allPositive([trial(0, [1, 2]), trial(1, [3])])).toBe(true);
  expect(allPositive([trial(0, [1, 2]), trial(1, [0])])).toBe(false);
  expect(allPositive([trial(0, [1, 2]), trial(1, [-1], "failed")])).toBe(true); // it does not count
});

describe("a failed trial", () => {
  test("ends at the worst last loss of the others, where nothing decays", () => {
    const { curves } = observedCurves(
      space,
      [trial(0, [9, 2]), trial(1, [8, 3]), trial(2, [0.1], "failed")],
      view(),
    );
    expect([...(curves[2]?.values ?? [])]).toEqual([3]);
    expect(curves[2]?.times[0]).toBeGreaterThan(1e6);
  });

  test("is one that says so, or whose last loss is not finite", () => {
    expect([trial(0, [1]), trial(0, []), trial(0, [NaN, 1])].map(hasFailed)).toEqual([false, false, false]);
    expect([trial(0, [1], "failed"), trial(0, [1, Infinity]), trial(0, [NaN])].map(hasFailed)).toEqual([
      true,
      true,
      true,
    ]);
    expect(valuesOf([trial(0, [NaN, 1])])).toEqual([[1]]);
  });
});

test("a loss out of all proportion is brought near", () => {
  const [, far] = valuesOf([trial(0, [3, 2, 1]), trial(1, [1e200])]);
  expect(far).toEqual([5]); // 2 + 3 (2 - 1)
});

test("a long curve is thinned, and keeps its ends", () => {
  const losses = Array.from({ length: 200 }, (_, i) => 1 + 1 / (i + 1));
  const { curves } = observedCurves(space, [trial(0, losses)], view({ most: 50 }));
  const times = curves[0]?.times as Float64Array;
  expect(times).toHaveLength(50);
  expect([times[0], times[49]]).toEqual([0.1, 20]);
  const steps = Array.from({ length: 49 }, (_, i) => (times[i + 1] as number) - (times[i] as number));
  expect(Math.max(...steps)).toBeLessThan(0.51);
  expect(curves[0]?.values[49]).toBe(losses[199]);
});

test("a curve counts up to where it is looked at", () => {
  expect(
    valuesOf([trial(0, [3, 2, 1]), trial(1, [4])], { until: ({ number }) => (number === 0 ? 2 : 1) }),
  ).toEqual([[3, 2], [4]]);
});

test("a curve counts with its first loss, however soon a look ends: trainings pause at whole steps", () => {
  const late = { ...trial(0, []), curve: [NaN, 2, 1].map((loss, i) => ({ budget: (i + 1) / 3, loss })) };
  const seen = observedCurves(space, [late], view({ budget: 3, until: () => 0.3 }));
  expect(seen.curves).toEqual([{ times: Float64Array.of(2 / 9), values: Float64Array.of(2) }]);
});
