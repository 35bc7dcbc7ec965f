import { expect, test } from "vitest";

import type { TracePoint } from "../../api/trace.ts";
import { saidAt, tracePoint, validLoss } from "../../../test/report/trace-point.ts";
import type { RemarkFacts } from "./facts.ts";

test("a training that began anew is said, with where it had been best before", () => {
  const loss = (valid: number, restartedAt?: number) => ({
    valid: { loss: valid },
    ...(restartedAt !== undefined && { restartedAt }),
  });
  const trace = [
    ...[
      tracePoint(0, 0.1, loss(3)),
      tracePoint(1, 0.1, loss(2)),
      tracePoint(2, 0.2, loss(2.5)),
      tracePoint(4, 0.3, loss(2.6)),
    ],
    ...[tracePoint(5, 0.3, loss(1.5, 40)), tracePoint(6, 0.3, loss(1.7, 40))],
  ];
  expect(saidAt(trace, 4)).toEqual([
    expect.stringMatching(
      /^Training began anew at epoch 4, .*, since the lowest validation loss was that of epoch 1\.$/,
    ),
  ]);
  expect(saidAt(trace, 1)).toEqual([
    expect.stringMatching(/^Tuning gained nothing/),
    expect.stringMatching(/^Training began anew/),
  ]);
});

test("where the start held fixed fell on, neither what is said of a restart nor of tuning calls it overfitting", () => {
  const loss = (epoch: number, value: number) => ({
    valid: { loss: value },
    ...(epoch > 4 && { restartedAt: 40 }),
  });
  const trace = [
    tracePoint(0, 0.1, validLoss(3)),
    ...[2, 2.5, 2.6, 2.7, 2.4, 2.3].map((value, i) => tracePoint(i + 1, i < 2 ? 0.1 : i, loss(i + 1, value))),
  ];
  const held = { baseline: tracePoint(6, 0.1, validLoss(1)), baselineRun: "runs/x/baseline" };
  const said = saidAt(trace, 1, held);
  expect(said.join(" ")).not.toMatch(/The network overfits/);
  expect(said).toEqual([
    expect.stringMatching(
      /held fixed, in runs\/x\/baseline\. .* with the start held it fell on until epoch 6: the hyperparameters went where it is higher/,
    ),
    expect.stringMatching(
      /^Training began anew .*it fell on until epoch 6, so that this was no overfitting: `restart: "never"`/,
    ),
  ]);
  expect(saidAt(trace, 1, { baseline: tracePoint(1, 0.1, validLoss(2)) }).join(" ")).toMatch(
    /The network overfits sooner/,
  );
});

test("why no training began anew is said where that was asked for", () => {
  const run = (losses: readonly number[], moves: number) =>
    losses.map((loss, i) => tracePoint(i, i > 1 ? 0.1 + moves : 0.1, validLoss(loss)));
  const restart = { epochs: 12 };
  const said = (trace: readonly TracePoint[], facts: Partial<RemarkFacts> = { restart }) =>
    saidAt(trace, 1, facts).filter((sentence) => sentence.startsWith("Training did not begin anew"));
  const rising = [3, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2, 2.1];
  const told = (why: string) => [
    `Training did not begin anew (\`restart: "auto"\`): between a half and two thirds of the run ${why}.`,
  ];
  expect(said(run(rising, 0.01))).toEqual(
    told(
      "no hyperparameter had moved enough (on a log scale by a factor of 1.3) since an early lowest validation loss",
    ),
  );
  const flat = rising.map((_, i) => (i === 0 ? 3 : i === 1 ? 0.99 : 1));
  expect(said(run(flat, 0.9))).toEqual(
    told("the loss had not risen yet since an early lowest validation loss"),
  );
  const falling = rising.map((_, i) => 3 - 0.1 * i);
  expect(said(run(falling, 0.9))).toEqual(
    told("the lowest validation loss never lay in the first half of the steps until then"),
  );
  const atFour = rising.map((loss, i) => (i === 4 ? 0.9 : loss));
  expect(said(run(atFour, 0.01))).toEqual(
    told(
      "no hyperparameter had moved enough (on a log scale by a factor of 1.3) since an early lowest validation loss",
    ), // looked at at epoch 8 alone
  );
  expect(said(run(rising, 0.9))).toEqual([]); // as of a run that was longer then
  expect(said(run(rising, 0.01), { restart: { epochs: 100 } })).toEqual([]); // its patience ended it
  expect(said(run(rising, 0.01).slice(0, 9))).toEqual([]); // a warning says so before it begins
  expect(said(run(rising, 0.01), {})).toEqual([]);
});
