import { expect, test } from "vitest";

import { real } from "../../space/real.ts";
import { createSpace } from "../../space/space.ts";
import { saidAt, tracePoint, validLoss } from "../../../test/report/trace-point.ts";
import type { RemarkFacts } from "./facts.ts";

test("a rate that stays near its bound has hardly moved, whatever the factor", () => {
  const rates = createSpace({ rate: real(0.001, { low: 0, high: 0.5 }) });
  const rate = (epoch: number, value: number) =>
    tracePoint(epoch, 0, { hyperparameters: { rate: { value } } });
  const moved = (value: number) =>
    saidAt([rate(0, 0.001), rate(1, 0.001), rate(3, value)], 2, {
      space: rates,
      baseline: tracePoint(3, 0.1, validLoss(0.9)),
    });
  expect(moved(0.01)[0]).toMatch(
    / had hardly moved by the end, rate from 0.001 to 0.01 the most\. At this pace/,
  );
  expect(moved(0.02)[0]).toMatch(/ did move, rate from 0.001 to 0.02 the most, but/); // .045 of .026, a factor of 1.73
});

test("hyperparameters far too slow for any length of run are to take larger steps, not more epochs", () => {
  const long = (epoch: number, l2: number, loss = 0.9) =>
    tracePoint(epoch, l2, { step: 100 * epoch, ...validLoss(loss) });
  const said = (end: number) =>
    saidAt([long(0, 0.1), long(1, 0.1), long(2, end)], 2, { baseline: tracePoint(2, 0.1, validLoss(0.9)) });
  expect(said(0.103)[0]).toMatch(/ some 35 epochs: give it 35 epochs .*, or let it take larger steps /);
  expect(said(0.10001)).toEqual([
    expect.stringMatching(
      / hardly moved by the end, .* more epochs do not mend: let them take larger steps \(`hyperLr`\)/,
    ),
  ]);
  expect(said(0.10001)[0]).not.toMatch(/give it|At this pace/);
});

test("no pace is read off fewer than a hundred hyperparameter steps, which a run of more epochs is to make", () => {
  const said = (epochs: number, facts: Partial<RemarkFacts> = {}) =>
    saidAt([tracePoint(0, 0.1), tracePoint(1, 0.1), tracePoint(epochs, 0.10001, validLoss(0.9))], 2, {
      baseline: tracePoint(2, 0.1, validLoss(0.9)),
      ...facts,
    })[0];
  const few =
    /hardly moved by the end, .*, in too few hyperparameter steps to tell their pace: give it (\d+) epochs/;
  expect(few.exec(said(2) as string)?.[1]).toBe("10"); // 20 steps, of which no more were of hyperparameters
  expect(said(10)).toMatch(/more epochs do not mend/);
  const firstTuning = { steps: 14, epochs: 2, warmupEpochs: 1 }; // after 10 steps of warm-up each 4 steps
  expect(few.exec(said(3, { firstTuning }) as string)?.[1]).toBe("60"); // at 14, 18, 22, 26 and 30: 5 of 100
  expect(said(40, { firstTuning })).toMatch(few); // 97
  expect(said(41, { firstTuning })).toMatch(/more epochs do not mend/); // 100
  const restartedAt = 200; // 47 until then, and 50 behind it, which has a warm-up of its own
  const anew = tracePoint(41, 0.10001, { ...validLoss(0.9), restartedAt });
  const trace = [tracePoint(0, 0.1), tracePoint(1, 0.1), anew];
  expect(saidAt(trace, 2, { baseline: tracePoint(2, 0.1, validLoss(0.9)), firstTuning })[0]).toMatch(few);
});
