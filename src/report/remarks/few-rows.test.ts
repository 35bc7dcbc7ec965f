import { expect, test } from "vitest";

import type { TracePoint } from "../../api/trace.ts";
import { saidAt, tracePoint, validLoss } from "../../../test/report/trace-point.ts";

test("where few rows validate, several networks are to share them, instead of more epochs", () => {
  const folded = (valid: number) => ({ couldFold: true, rows: { valid } });
  const soon = [tracePoint(0, 0.1), tracePoint(10, 0.1), tracePoint(11, 0.1), tracePoint(12, 0.2)];
  const slow = [tracePoint(0, 0.1), tracePoint(100, 0.1), tracePoint(200, 0.11, { valid: { loss: 0.9 } })];
  const told = /: train several networks that validate each other's rows \(`folds: 5`\)\.$/;
  for (const [trace, best] of [[soon, 1] as const, [slow, 2] as const]) {
    const baseline = trace.at(-1) as TracePoint;
    const said = (valid: number) => saidAt(trace, best, { baseline, ...folded(valid) });
    expect(said(99)).toEqual([expect.stringMatching(told)]);
    expect(said(99)[0]).toMatch(/\. Too few rows validate to tune by \(99\): /);
    expect(said(9)[0]).toMatch(/\. Too few rows validate to tune by \(9\): what helps is more rows\.$/);
    expect(said(99)[0]).not.toMatch(/epochs:/);
    expect(said(100)[0]).toMatch(/ give it \d+ epochs /);
    const alone = (valid: number) => saidAt(trace, best, { baseline, rows: { valid } });
    expect(alone(99)).toEqual([
      expect.stringMatching(
        /\. Too few rows validate to tune by \(99\): what helps is more validation rows\.$/,
      ),
    ]);
    expect(alone(9)[0]).toMatch(/ \(9\): what helps is more rows\.$/);
    expect(alone(100)[0]).toMatch(/ give it \d+ epochs /);
  }
});

test("few rows are no reason where hyperparameters stayed where they were, or no loss is left", () => {
  const said = (l2: number, loss: number, epochs = 100) => {
    const trace = [tracePoint(0, 0.1), tracePoint(1, 0.1), tracePoint(epochs, l2, validLoss(loss))];
    return saidAt(trace, 2, { baseline: tracePoint(epochs, 0.1, validLoss(loss)), rows: { valid: 36 } });
  };
  expect(said(0.1005, 0.9)).toEqual([
    expect.stringMatching(/ The hyperparameters had hardly moved by the end, l2 from 0\.1 to 0\.1005 /),
  ]);
  expect(said(0.12, 0.9, 5)).toEqual([
    expect.stringMatching(/ had hardly moved by the end, l2 from 0\.1 to 0\.12 /), // in fifty steps
  ]);
  expect(said(0.12, 0.9)).toEqual([expect.stringMatching(/ Too few rows validate to tune by \(36\): /)]);
  expect(said(0.12, 0)).toEqual([
    expect.stringMatching(/: .*\. Both losses are 0, of which nothing can be gained\.$/),
  ]);
});

test("where few rows are on the guard that decides, that is said instead of a verdict", () => {
  const guard = (rows: number, loss: number) => ({ guard: { rows, seen: 1, loss } });
  const late = (rows: number) =>
    [0.1, 0.1, 0.2, 0.3].map((l2, epoch) => tracePoint(epoch, l2, guard(rows, epoch < 2 ? 1 : 1.5)));
  const said = (rows: number, valid = 200) => saidAt(late(rows), 1, { couldFold: true, rows: { valid } })[0];
  expect(said(9)).toMatch(
    / on the guard came at epoch 1, .*\. Too few rows are on the guard to choose by \(9\): keep more there, or none \(`guard: 0`\)\.$/,
  );
  expect(said(10)).toMatch(/ overfits sooner than it is tuned: /);
  expect(said(2, 6)).toMatch(/ Too few rows validate to tune by \(6\): what helps is more rows\.$/);
});
