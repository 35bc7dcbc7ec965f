import { describe, expect, test } from "vitest";

import type { TracePoint } from "../../api/trace.ts";
import { saidAt, tracePoint, validLoss } from "../../../test/report/trace-point.ts";
import type { RemarkFacts } from "./facts.ts";

test("a run that is no better than its fixed start says why, by how far the hyperparameters moved", () => {
  const slow = [
    tracePoint(0, 0.1, validLoss(3)),
    tracePoint(1, 0.1, validLoss(2)),
    tracePoint(3, 0.11, validLoss(1)),
  ];
  const verdict = (loss: number, held: number, trace = slow, best = 2) =>
    saidAt(
      [
        ...trace.slice(0, best),
        { ...(trace[best] as TracePoint), valid: { loss } },
        ...trace.slice(best + 1),
      ],
      best,
      {
        baseline: tracePoint(3, 0.1, validLoss(held)),
      },
    );
  // from epoch 1 on, .0953 in 2 epochs: 1 takes 21, and 1 came before
  expect(verdict(1, 0.99)).toEqual([
    expect.stringMatching(
      /^Tuning gained nothing: .* is 1.0000, and 0.9900 with .* l2 from 0.1 to 0.11 the most\. At this pace one has moved far after some 22 epochs: give it 22 epochs \(`epochs: 22`\)\.$/,
    ),
  ]);
  expect(verdict(1, 1)[0]).toMatch(/^Tuning changed nothing: the lowest validation loss is 1.0000/);
  const guarded = { ...tracePoint(3, 0.11, validLoss(1)), guard: { rows: 40, seen: 1, loss: 1 } };
  expect(
    saidAt([...slow.slice(0, 2), guarded], 2, { baseline: tracePoint(3, 0.1, validLoss(1)) })[0],
  ).toMatch(
    /^Tuning changed nothing: the validation loss at the epoch with the lowest loss on the guard is 1.0000, and/,
  );
  const guardedSoon = [
    slow[0] as TracePoint,
    { ...guarded, ...tracePoint(1, 0.1) },
    tracePoint(2, 0.2),
    tracePoint(3, 0.3),
  ];
  expect(saidAt(guardedSoon, 1, { linear: tracePoint(3, 0.1, validLoss(0.9)) })).toEqual([
    expect.stringMatching(/ does better: its validation loss is 0.9000, /),
    expect.stringMatching(/ The lowest loss on the guard came at epoch 1, /),
  ]);
  const tested = { test: { loss: 0.5 } };
  expect(
    saidAt([...slow.slice(0, 2), { ...tracePoint(3, 0.11, validLoss(1)), ...tested }], 2, {
      baseline: { ...tracePoint(3, 0.1, validLoss(0.99)), test: { loss: 0.6 } },
    })[0],
  ).toMatch(/and 0.9900 with the start held fixed \(in test 0.5000 and 0.6000\)\./);
  expect(verdict(1, 1.004)[0]).toMatch(/^Tuning gained next to nothing/);
  expect(verdict(1, 1.006)).toEqual([]);
  expect(verdict(-1, -1.001)[0]).toMatch(/^Tuning gained nothing/);
  expect(verdict(-1, -0.9)).toEqual([]);
  const far = [
    ...[tracePoint(0, 0.1), tracePoint(1, 0.1), tracePoint(2, 0.11)],
    tracePoint(3, 0.9, validLoss(1.1)),
  ];
  expect(verdict(1, 1, far, 2)[0]).toMatch(
    /before the hyperparameters had moved far, and by epoch 3 it had risen by 10 %\. The network overfits .* smaller network\.$/,
  );
  expect(verdict(1, 1, far, 3)[0]).toMatch(/did move, l2 from 0.1 to 0.9 the most, but/);
});

describe("a gain and its absence are held against chance", () => {
  const steered = [tracePoint(0, 0.1), tracePoint(1, 0.1), tracePoint(2, 0.5), tracePoint(3, 0.9)];
  const search = steered.map((each, number) => ({ ...each, trial: { number, epoch: 1 } }));
  /** Against 1 in either part. */
  const said = (trace: readonly TracePoint[], valid: number, test: number, facts: Partial<RemarkFacts>) => {
    const best = { ...(trace[3] as TracePoint), valid: { loss: valid }, test: { loss: test } };
    const baseline = { ...tracePoint(3, 0.1, { valid: { loss: 1 } }), test: { loss: 1 } };
    return saidAt([...trace.slice(0, 3), best], 3, { baseline, ...facts });
  };
  const rows = (each: number) => ({ rows: { valid: each, test: each } }); // chance makes half a loss over the root of both parts' rows

  test.each([
    ["a run", steered, /hardly depends on them/],
    ["a search", search, /None of its 4 trainings came upon better/],
  ])("of %s", (_, trace, why) => {
    expect(said(trace, 0.96, 0.96, rows(100))).toEqual([]); // 3.5 %
    expect(said(trace, 0.97, 0.97, rows(100))).toEqual([
      expect.stringMatching(
        /^Tuning gained no more than chance may make: [^.]*0\.9700, and .* \(in test .*\)\. More validation and test rows would tell\.$/,
      ),
    ]);
    expect(said(trace, 1.03, 1.03, rows(100))).toEqual([
      expect.stringMatching(/^Tuning gained nothing: .* That is within chance\./),
    ]);
    expect(said(trace, 1.03, 1.03, rows(100))[0]).toMatch(why);
    expect(said(trace, 1.04, 1.04, rows(100))).toEqual([
      expect.stringMatching(/^Tuning gained nothing: .* Take the model of the start held fixed\./),
    ]);
  });

  test.each([steered, search])("few rows are said in every corner but that of a sure gain", (...trace) => {
    const few = / Too few rows validate to tune by \(\d+\): what helps is more rows\.$/;
    for (const loss of [0.1, 0.94, 1, 1.06, 3])
      expect(said(trace, loss, loss, { rows: { valid: 4, test: 5 } })).toEqual([expect.stringMatching(few)]);
    expect(said(trace, 0.5, 0.5, { rows: { valid: 9, test: 9 } })).toEqual([]);
    expect(said(trace, 0.96, 0.96, { ...rows(50), couldFold: true })[0]).toMatch(
      /\(50\): train several .*`folds: 5`/,
    );
    expect(said(trace, 0.96, 0.96, rows(50))[0]).toMatch(/\(50\): what helps is more validation rows\.$/);
    expect(said(trace, 0.94, 0.94, rows(50))).toEqual([]); // 5 %
    expect(said(trace, 0.99, 0.99, { ...rows(100), couldFold: true })[0]).toMatch(
      / More rows would tell, .*`folds: 5`/,
    );
  });

  test("a gain that test rows do not confirm is said to be of the validation rows alone", () => {
    expect(said(steered, 0.9, 1.01, rows(400))).toEqual([
      expect.stringMatching(/^Tuning gained on the validation rows alone: .* tune fewer hyperparameters/),
    ]);
    expect(said(steered, 0.9, 0.99, rows(400))).toEqual([]);
  });
});
