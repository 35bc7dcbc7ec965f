import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { hasOverfittedEarly, RESTART_BETWEEN, withLoss, type RestartPoint } from "./restart.ts";

const space = createSpace({ l2: real(0.1, { log: true }), dropout: real(0.1, { low: 0, high: 0.8 }) });

const at = (step: number, loss: number, l2 = 0.1, dropout = 0.1): TracePoint => ({
  ...{ step, epoch: step / 10, examples: 0, gradientEvaluations: 0, seconds: 0, valid: { loss } },
  hyperparameters: { l2: { value: l2 }, dropout: { value: dropout } },
});

const overfitted: RestartPoint = {
  ...{ share: 0.6, last: at(60, 1.3, 0.2), best: at(30, 1) },
  recent: [1.2, 1.3, 1.3],
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

test("a run begins anew only if the median of its latest three losses is above the lowest by half a percent", () => {
  const rise = (recent: readonly number[], lowest: number) => restarts({ recent, best: at(30, lowest) });
  expect([rise([2, 1.001, 1.006], 1), rise([-0.994, -0.9, -1], -1)]).toEqual([true, true]);
  expect([rise([2, 1.001, 1.004], 1), rise([-0.996, -0.9, -1], -1)]).toEqual([false, false]);
  expect(rise([2, 2], 1)).toBe(false);
});

test("of the losses of all evaluations the latest three are kept", () => {
  expect([4, 3, 2, 1].reduce<readonly number[]>((recent, loss) => withLoss(loss, recent), [])).toEqual([
    3, 2, 1,
  ]);
  expect(withLoss(1)).toEqual([1]);
});
