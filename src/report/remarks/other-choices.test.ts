import { expect, test } from "vitest";

import type { TracePoint } from "../../api/trace.ts";
import { saidAt, tracePoint, validLoss } from "../../../test/report/trace-point.ts";

test("a search that found nothing better than the start says so", () => {
  const trial = (number: number) => ({ trial: { number, epoch: 1 } });
  const trace = [tracePoint(0, 0.1, trial(0)), tracePoint(1, 0.2, trial(1))];
  expect(saidAt(trace, 1, { baseline: tracePoint(1, 0.1, validLoss(0.9)) })).toEqual([
    expect.stringMatching(/^Tuning gained nothing: .* None of its 2 trainings /),
  ]);
  expect(saidAt(trace, 1, { baseline: tracePoint(1, 0.1, validLoss(1.1)) })).toEqual([]);
});

test("a search of one training that gained nothing says how it goes on", () => {
  const trial = { trial: { number: 0, epoch: 0 } };
  const said = (inStore: boolean) =>
    saidAt([tracePoint(0, 0.1, trial)], 0, { baseline: tracePoint(0, 0.1, validLoss(0.5)), inStore })[0];
  const told = "Its one training had no better hyperparameters: give it more trainings";
  expect(said(false)).toContain(`${told} (\`epochs\`, also of hypertrain resume)`);
  expect(said(true)).toContain(`${told} (\`trials\`, with the command that began it)`);
});

test("few rows are no reason for a search whose trainings are all worse than the start", () => {
  const trial = (number: number) => ({ trial: { number, epoch: 1 } });
  const trace = [tracePoint(0, 0.1, trial(0)), tracePoint(1, 0.2, trial(1))];
  const said = (held: number) =>
    saidAt(trace, 1, { baseline: tracePoint(1, 0.1, validLoss(held)), rows: { valid: 24 } })[0];
  expect(said(0.1)).toMatch(/ None of its 2 trainings came upon better /);
  expect(said(0.95)).toMatch(/ Too few rows validate to tune by \(24\)/); // by chance
});

test("a search with bounds is told by its trainings within them, and that the start is beyond them", () => {
  const at = (number: number, epoch: number, more: Partial<TracePoint> = {}) =>
    tracePoint(number, 0.1 * (number + 1), { trial: { number, epoch }, ...more });
  const unfit = { unfit: true as const };
  const trace = [at(0, 0, unfit), at(0, 1, unfit), at(1, 1), at(2, 1), at(3, 1, unfit)];
  const said = (held: number, baselineBeyond: boolean, of = trace) =>
    saidAt(of, 2, { baseline: tracePoint(2, 0.5, validLoss(held)), baselineBeyond });
  expect(said(0.9, true)).toEqual([
    expect.stringMatching(
      /^Tuning gained nothing: [^.]*1\.0000, and 0\.9000 with the start held fixed, which breaks the bounds\. None of its 2 trainings within the bounds /,
    ),
  ]);
  expect(said(0.9, false)).toEqual([
    expect.stringMatching(/fixed\. Take the model .* None of its 2 trainings within/),
  ]);
  expect(said(0.9, true, trace.slice(0, 3))).toEqual([
    expect.stringMatching(/ Its one training within the bounds had no better /),
  ]);
  expect(
    said(
      0.9,
      true,
      trace.slice(0, 3).map((point) => ({ ...point, ...unfit })),
    ),
  ).toEqual([expect.stringMatching(/ None of its 2 trainings came upon better /)]);
  expect(said(1.1, true)).toEqual([]);
});

test("a search by a hypernetwork is told by what it chose, not by hyperparameter steps that it does not take", () => {
  const unfit = { unfit: true as const };
  const said = (l2: number, held: number, end: Partial<TracePoint> = {}) =>
    saidAt([tracePoint(0, 0.1, unfit), tracePoint(1, 0.1, unfit), tracePoint(2, l2, end)], 2, {
      baseline: tracePoint(2, 0.1, validLoss(held)),
    });
  expect(said(0.1, 1)).toEqual([
    expect.stringMatching(/^Tuning changed nothing: .* It chose the start itself, /),
  ]);
  expect(said(0.1, 1.1)).toEqual([expect.stringMatching(/^It chose the start itself, /)]);
  expect(said(0.1, 1, unfit)[0]).toMatch(
    / ended before it trained what it chose: give it more epochs \(`epochs`\)\.$/,
  );
  expect(said(0.11, 0.9)).toEqual([
    expect.stringMatching(/^Tuning gained nothing: .* What it chose is no better here: .* \(`candidates`\)/),
  ]);
  expect(said(0.11, 1.1)).toEqual([]);
});
