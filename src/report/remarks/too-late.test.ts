import { expect, test } from "vitest";

import type { TracePoint } from "../../api/trace.ts";
import { saidAt, tracePoint, validLoss } from "../../../test/report/trace-point.ts";

test("a best point before the hyperparameters moved is said, with both epochs", () => {
  const [remark, ...others] = saidAt(
    [tracePoint(0, 0.1), tracePoint(1, 0.1), tracePoint(2, 0.2), tracePoint(3, 0.3)],
    1,
  );
  expect(remark).toMatch(/^Tuning gained nothing. .* came at epoch 1, .* moved \(by epoch 2\)/);
  expect(others).toEqual([]);
});

test("a best point of a training that began anew is told by its epochs, as are the overfitting and the baseline beside it", () => {
  const anew = (epoch: number, loss: number) => ({
    valid: { loss },
    ...(epoch > 30 && { restartedAt: 300 }),
  });
  const run = (ends: number) =>
    [
      [0, 3],
      [5, 2],
      [20, 2.4],
      [30, 2.5],
      [40, 1.5],
      [ends, 1.9],
    ].map(([epoch = 0, loss = 0]) =>
      tracePoint(epoch, epoch <= 40 ? 0.1 * (1 + epoch / 400) : 0.5, anew(epoch, loss)),
    );
  const said = (ends: number, held: TracePoint) => saidAt(run(ends), 4, { baseline: held }).join(" ");
  const came = "lowest validation loss came at epoch 40, 10 epochs into the training that began anew, before";
  expect(said(59, tracePoint(8, 0.1, validLoss(1.5)))).toMatch(
    new RegExp(
      `${came} the hyperparameters had moved far\\. The network overfits .* Training began anew at epoch 30`,
    ),
  );
  expect(said(59, tracePoint(8, 0.1, validLoss(1.4)))).toMatch(/The network overfits/);
  expect(said(59, tracePoint(12, 0.1, validLoss(1.4)))).toMatch(
    new RegExp(`${came} .* with the start held it fell on until epoch 12: the hyperparameters went where`),
  );
  expect(said(44, tracePoint(8, 0.1, validLoss(1.5)))).not.toMatch(/The network overfits/);
});

test("a run that ended soon behind its best point has not overfitted", () => {
  const trace = [
    tracePoint(0, 0.1),
    tracePoint(10, 0.1),
    tracePoint(11, 0.1),
    tracePoint(12, 0.2, { seconds: 7 }),
  ];
  expect(saidAt(trace, 1, { ended: "time" })).toEqual([
    expect.stringMatching(
      /came at epoch 10, .*, and the run ended soon after, at epoch 12: give it some 14 s \(`time: "14s"`\)\.$/,
    ),
  ]);
  expect(saidAt(trace, 1)[0]).toMatch(/give it 24 epochs \(`epochs: 24`\)\.$/);
  expect(saidAt(trace, 1, { ended: "patience" })[0]).toMatch(/give it more patience \(`patience`\)\.$/);
});

test("a table whose network overfits soon is told of folds first, unless it has them or cannot", () => {
  const late = [tracePoint(0, 0.1), tracePoint(1, 0.1), tracePoint(2, 0.2), tracePoint(3, 0.3)];
  expect(saidAt(late, 1, { couldFold: true })).toEqual([
    expect.stringMatching(
      /^Tuning gained nothing.* overfits sooner than it is tuned: train several .*`folds: 5`/,
    ),
  ]);
  expect(saidAt(late, 1)[0]).not.toMatch(/folds/);
  expect(saidAt(late, 3, { couldFold: true })).toEqual([]); // it tuned
});
