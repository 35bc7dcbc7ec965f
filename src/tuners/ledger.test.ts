import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { HostArray } from "../util/host-array.ts";
import { openLedger, type Limits } from "./ledger.ts";

const point = (step: number, loss: number, guard?: number, unfit = false): TracePoint => ({
  ...{ step, epoch: step, examples: step, gradientEvaluations: step, seconds: step, hyperparameters: {} },
  valid: { loss },
  ...(guard !== undefined && { guard: { rows: 10, loss: guard, seen: loss } }),
  ...(unfit && { unfit }),
});

const unlimited: Limits = {
  ...{ steps: Infinity, timeLimit: Infinity, gradientLimit: Infinity, patience: Infinity, keepBest: true },
};

const weightsOf = (value: number) => () => Promise.resolve(new HostArray(Float32Array.of(value), [1]));

const books = (limits: Partial<Limits> = {}) => {
  const clock = { time: 0, now: () => 1000 * clock.time };
  const controller = new AbortController();
  const ledger = openLedger({ ...unlimited, ...limits }, { clock, signal: controller.signal });
  return { ledger, clock, stop: () => controller.abort() };
};

test("the best point is the lowest, the earlier of two that are equal, with its weights", async () => {
  const { ledger } = books();
  const improved: boolean[] = [];
  for (const [i, loss] of [3, 2, 2, 1, 4].entries())
    improved.push(await ledger.enter(point(i, loss), weightsOf(i)));
  expect(improved).toEqual([true, true, false, true, false]);
  expect(ledger.best()?.step).toBe(3);
  expect(ledger.last()?.step).toBe(4);
  expect(ledger.bestWeights()).toEqual(await weightsOf(3)());
});

test("of points that are not below a bound no weights are kept, nor those of an earlier one", async () => {
  const { ledger } = books({ keepBelow: 2 });
  const early = (step: number, loss: number) => point(step, loss, undefined, true);
  for (const [i, loss] of [3, 2].entries()) {
    expect(
      await ledger.enter(early(i, loss), () => Promise.reject(new Error("they are not asked for"))),
    ).toBe(true);
    expect(ledger.bestWeights()).toBeUndefined();
  }
  await ledger.enter(early(2, 1), weightsOf(2));
  expect(ledger.bestWeights()).toEqual(await weightsOf(2)());
  await ledger.enter(point(3, 2.5), weightsOf(3));
  expect(ledger.bestWeights()).toBeUndefined();
});

test("where rows are kept from the tuner, the best point is the best on them", async () => {
  const { ledger } = books();
  await ledger.enter(point(0, 2, 1), weightsOf(0));
  expect(await ledger.enter(point(1, 1, 2), weightsOf(1))).toBe(false);
  expect(await ledger.enter(point(2, 5, 0.5), weightsOf(2))).toBe(true);
});

test("the first point that is fit is the best, whatever its loss", async () => {
  const { ledger } = books({ keepBest: false });
  await ledger.enter(point(0, 1, undefined, true), weightsOf(0));
  expect(await ledger.enter(point(1, 2), weightsOf(1))).toBe(true);
  expect(ledger.best()?.step).toBe(1);
  expect(ledger.bestWeights()).toBeUndefined();
});

test("what is struck is taken back to what has settled, and patience with it", async () => {
  const { ledger } = books({ patience: 3 });
  const spent = { steps: 0, gradientEvaluations: 0 };
  await ledger.enter(point(0, 3), weightsOf(0));
  ledger.settle();
  expect(ledger.settled()).toBeUndefined();
  for (const [i, loss] of [2, 1].entries()) await ledger.enter(point(i + 1, loss), weightsOf(i + 1));
  expect(ledger.settled()).toMatchObject({ best: { step: 0 }, epochsSinceBest: 2 });
  ledger.strike();
  expect([ledger.best()?.step, ledger.bestWeights()]).toEqual([0, await weightsOf(0)()]);
  expect(ledger.reasonToEnd(spent)).toBeUndefined();
  await ledger.enter(point(3, 4), weightsOf(3));
  expect(ledger.reasonToEnd(spent)).toBe("patience");
});

test("a run ends by the limit that it reaches, and not before", async () => {
  const spent = { steps: 9, gradientEvaluations: 20 };
  expect(books().ledger.reasonToEnd(spent)).toBeUndefined();
  expect(books({ steps: 10, gradientLimit: 21 }).ledger.reasonToEnd(spent)).toBeUndefined();
  expect(books({ steps: 9 }).ledger.reasonToEnd(spent)).toBe("epochs");
  expect(books({ gradientLimit: 20 }).ledger.reasonToEnd(spent)).toBe("gradients");
  const timed = books({ timeLimit: 2 });
  timed.clock.time = 1.9;
  expect(timed.ledger.reasonToEnd(spent)).toBeUndefined();
  timed.clock.time = 2;
  expect(timed.ledger.reasonToEnd(spent)).toBe("time");
  timed.stop();
  expect(timed.ledger.reasonToEnd(spent)).toBe("time");
  timed.clock.time = 1.9;
  expect(timed.ledger.reasonToEnd(spent)).toBe("interrupted");
});

test("patience counts evaluations since the best one, and anew where it is renewed", async () => {
  const { ledger } = books({ patience: 2 });
  const spent = { steps: 0, gradientEvaluations: 0 };
  for (const loss of [1, 2]) await ledger.enter(point(0, loss), weightsOf(0));
  expect(ledger.reasonToEnd(spent)).toBeUndefined();
  ledger.renewPatience();
  await ledger.enter(point(0, 3), weightsOf(0));
  expect(ledger.reasonToEnd(spent)).toBeUndefined();
  await ledger.enter(point(0, 3), weightsOf(0));
  expect(ledger.reasonToEnd(spent)).toBe("patience");
});

test("how much of a run is over follows the limit that comes first", () => {
  const { ledger, clock } = books({ steps: 100, timeLimit: 10, gradientLimit: 1000 });
  clock.time = 2;
  expect(ledger.share({ steps: 10, gradientEvaluations: 300 })).toBeCloseTo(0.3);
  expect(ledger.share({ steps: 50, gradientEvaluations: 300 })).toBeCloseTo(0.5);
  clock.time = 9;
  expect(ledger.share({ steps: 50, gradientEvaluations: 300 })).toBeCloseTo(0.9);
});

test("the books go on where a snapshot left them", async () => {
  const { ledger, clock } = books();
  await ledger.enter(point(1, 1), weightsOf(1));
  await ledger.enter(point(2, 3), weightsOf(2));
  clock.time = 5;
  const progress = { step: 2, gradientEvaluations: 2, sinceTrace: { steps: 0, loss: 0, penalty: 0 } };
  const best = ledger.bestWeights();
  const from = { state: {}, progress: { ...progress, ...ledger.standing() }, ...(best && { best }) };
  const later = { time: 100, now: () => 1000 * later.time };
  const again = openLedger({ ...unlimited, patience: 2 }, { clock: later }, from);
  later.time = 101;
  expect(again.seconds()).toBe(6);
  expect(again.best()?.step).toBe(1);
  expect(again.bestWeights()).toEqual(await weightsOf(1)());
  await again.enter(point(3, 2), weightsOf(3));
  expect(again.reasonToEnd({ steps: 3, gradientEvaluations: 3 })).toBe("patience");
});
