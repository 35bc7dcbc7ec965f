import { expect, test } from "vitest";

import type { TracePoint } from "../../api/trace.ts";
import { saidAt, tracePoint, validLoss } from "../../../test/report/trace-point.ts";

test("hyperparameters that never moved are said, with the epochs that a first move takes", () => {
  const still = [tracePoint(0, 0.1), tracePoint(1, 0.1)];
  expect(saidAt(still, 1)[0]).toMatch(/^The hyperparameters never moved/);
  expect(saidAt(still, 1, { firstTuning: { steps: 22, epochs: 3, warmupEpochs: 2 } })).toEqual([
    expect.stringMatching(
      /ended after step 10, .* follows step 22\. It tunes in the same time with a warm-up of 0\.2 epochs \(`warmupEpochs: 0\.2`\), or give it 3 epochs \(`epochs: 3` `warmupEpochs: 2`\)/,
    ),
  ]);
  expect(saidAt(still, 1, { firstTuning: { steps: 12, epochs: 2, warmupEpochs: 0 } })[0]).toMatch(
    / Give it 2 epochs \(`epochs: 2` `warmupEpochs: 0`\) and the time for them\.$/,
  );
  expect(saidAt(still, 1, { firstTuning: { steps: 2, epochs: 1, warmupEpochs: 0 } })[0]).toMatch(
    /although .* steps were made/,
  );
});

test("hyperparameters whose losses lie below the epsilon of an optimizer never move for that reason", () => {
  const firstTuning = { steps: 2, epochs: 1, warmupEpochs: 0 };
  const said = (loss: number) =>
    saidAt([tracePoint(0, 0.1, validLoss(loss)), tracePoint(1, 0.1, validLoss(loss))], 1, { firstTuning })[0];
  expect(said(6e-13)).toMatch(/the losses are so small \(6\.00e-13\) .* Multiply the loss/);
  expect(said(0.1)).toMatch(/their gradient is 0/);
});

test("a run whose gradients ended before its first hyperparameter step says how many it takes", () => {
  const firstTuning = { steps: 15, epochs: 2, warmupEpochs: 1.5 };
  const said = (...epochs: readonly number[]) =>
    saidAt(
      epochs.map((epoch) => tracePoint(epoch, 0.1, { gradientEvaluations: 20 * epoch })),
      0,
      { firstTuning, ended: "gradients" },
    )[0];
  expect(said(0, 1)).toMatch(
    / or give it some 150 gradients \(`gradientLimit: 150`\), of which a fifth goes before that step\.$/,
  );
  expect(said(0)).toMatch(
    / after step 0, .* Give it more gradients \(`gradientLimit`\), or shorten the warm-up/,
  );
});

test("a scale that moves alone is no tuning", () => {
  const wider = { hyperparameters: { l2: { value: 0.1, scale: 2 } } };
  expect(saidAt([tracePoint(0, 0.1), tracePoint(1, 0.1, wider)], 1)[0]).toMatch(/never moved/);
});

test("a run whose time ended before its first hyperparameter step says what time it takes, as one of which a fifth is warm-up", () => {
  const trace = [tracePoint(0, 0.1), tracePoint(1, 0.1, { seconds: 4 })];
  const firstTuning = { steps: 15, epochs: 2, warmupEpochs: 1.5 };
  expect(saidAt(trace, 1, { firstTuning, ended: "time" })[0]).toMatch(
    / It tunes in the same time with .* \(`warmupEpochs: 0\.\d`\), or give it some 30 s \(`time: "30s"`\), of which a fifth goes before that step\.$/,
  );
  expect(saidAt([trace[0] as TracePoint], 0, { firstTuning, ended: "time" })[0]).toMatch(
    / after step 0, .* Give it more time \(`time`\), or shorten the warm-up/,
  );
  const slow = [tracePoint(0, 0.1), tracePoint(0.1, 0.1, { seconds: 4 })];
  expect(saidAt(slow, 1, { firstTuning, ended: "time" })[0]).toMatch(
    / after step 1, .* Give it some 300 s \(`time: "300s"`\), .*, or less, since the first steps take the longest, or shorten/,
  );
  const faster = [...slow, tracePoint(0.2, 0.1, { seconds: 5 })]; // a second a step behind the first
  expect(saidAt(faster, 1, { firstTuning: { ...firstTuning, steps: 30 }, ended: "time" })[0]).toMatch(
    / Give it some 153 s /,
  );
});
