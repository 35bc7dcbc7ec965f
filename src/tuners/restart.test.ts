import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import {
  hasOverfittedEarly,
  LEAST_EVALUATIONS,
  RESTART_BETWEEN,
  withLoss,
  type LossTrend,
  type RestartPoint,
} from "./restart.ts";

const space = createSpace({ l2: real(0.1, { log: true }), dropout: real(0.1, { low: 0, high: 0.8 }) });

const at = (step: number, loss: number, l2 = 0.1, dropout = 0.1): TracePoint => ({
  ...{ step, epoch: step / 10, examples: 0, gradientEvaluations: 0, seconds: 0, valid: { loss } },
  hyperparameters: { l2: { value: l2 }, dropout: { value: dropout } },
});

const overfitted: RestartPoint = {
  ...{ share: 0.6, last: at(60, 1.3, 0.2), best: at(30, 1) },
  trend: { recent: [1.1, 1.2, 1.3, 1.2, 1.3], lowest: 1.1 },
};

const restarts = (point: Partial<RestartPoint>) => hasOverfittedEarly({ ...overfitted, ...point }, space);

test("a run begins anew if its lowest loss lies in the first half of the steps so far", () => {
  expect(restarts({})).toBe(true);
  expect(restarts({ best: at(31, 1) })).toBe(false);
});

test("a run begins anew between a half and two thirds of its length, both included, not before or after", () => {
  expect(RESTART_BETWEEN.map((share) => restarts({ share }))).toEqual([true, true]);
  expect([0.499, 0.667].map((share) => restarts({ share }))).toEqual([false, false]);
});

test("a run begins anew only if a hyperparameter has moved by a distance of .25 since the lowest loss, not since the start", () => {
  expect(restarts({ last: at(60, 1.3, 0.128) })).toBe(false);
  expect(restarts({ last: at(60, 1.3, 0.129) })).toBe(true);
  expect(restarts({ last: at(60, 1.3, 0.1, 0.14) })).toBe(true); // .18 of .14
  expect(restarts({ last: at(60, 1.3, 0.1, 0.13) })).toBe(false); // .17 of .14
  expect(restarts({ best: at(30, 1, 0.2) })).toBe(false);
});

test("a run begins anew only if the median of its latest losses is above the lowest such by half a percent", () => {
  const rise = (recent: readonly number[], lowest: number) => restarts({ trend: { recent, lowest } });
  expect([rise([0.9, 2, 1.006, 2, 1], 1), rise([-0.994, -2, -0.9, -0.9, -1], -1)]).toEqual([true, true]);
  expect([rise([0.9, 2, 1.004, 2, 1], 1), rise([-0.996, -2, -0.9, -0.9, -1], -1)]).toEqual([false, false]);
  expect([restarts({ trend: { recent: [2, 2, 2, 2] } }), restarts({ trend: undefined })]).toEqual([
    false,
    false,
  ]);
});

test("a run remembers its latest five losses and the lowest median of five", () => {
  const after = (...losses: readonly number[]) =>
    losses.reduce<LossTrend | undefined>((trend, loss) => withLoss(loss, trend), undefined);
  expect(after(9, 1, 3, 2)).toEqual({ recent: [9, 1, 3, 2] });
  expect(after(9, 1, 3, 2, 4)).toEqual({ recent: [9, 1, 3, 2, 4], lowest: 3 });
  expect(after(9, 1, 3, 2, 4, 0)).toEqual({ recent: [1, 3, 2, 4, 0], lowest: 2 });
  expect(after(9, 1, 3, 2, 4, 0, 9, 9)).toEqual({ recent: [2, 4, 0, 9, 9], lowest: 2 });
});

test("a loss that rises evenly after its first evaluations has risen by the middle of a run of twenty", () => {
  const losses = Array.from({ length: 10 }, (_, i) => 0.1 + 0.01 * Math.max(0, i - 2));
  const trend = losses.reduce<LossTrend | undefined>((before, loss) => withLoss(loss, before), undefined);
  const [best, last] = [at(1, 0.1), at(10, losses.at(-1) as number, 0.2)];
  expect(restarts({ share: 0.5, best, last, trend })).toBe(true);
});

test("a run of nine evaluations is the shortest that can begin anew", () => {
  const canRestart = (evaluations: number) =>
    Array.from({ length: evaluations }, (_, i) => i + 1).some((k) => {
      const losses = Array.from({ length: k }, (_, i) => 1 + i);
      const trend = losses.reduce<LossTrend | undefined>((before, loss) => withLoss(loss, before), undefined);
      return restarts({ share: k / evaluations, best: at(1, 1), last: at(10 * k, k, 0.2), trend });
    });
  const lengths = Array.from({ length: 30 }, (_, i) => i + 1);
  expect(lengths.filter(canRestart)).toEqual(lengths.filter((length) => length >= LEAST_EVALUATIONS));
});
