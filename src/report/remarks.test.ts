import { expect, test } from "vitest";

import { saidAt, tracePoint, validLoss } from "../../test/report/trace-point.ts";

test("a run that tuned needs no remark", () => {
  expect(saidAt([tracePoint(0, 0.1), tracePoint(1, 0.1), tracePoint(2, 0.2)], 2)).toEqual([]);
});

test("one element of many is enough", () => {
  const each = (last: number) => ({ hyperparameters: { l2: { value: [0.1, last] } } });
  expect(saidAt([tracePoint(0, 0.1, each(0.1)), tracePoint(1, 0.1, each(0.2))], 1)).toEqual([]);
});

test("a search without a fixed start beside it is not judged; a problem without hyperparameters says so", () => {
  const trial = { trial: { number: 0, epoch: 0 } };
  expect(saidAt([tracePoint(0, 0.1, trial), tracePoint(1, 0.1, trial)], 0)).toEqual([]);
  expect(saidAt([tracePoint(0, 0.1, { hyperparameters: {} })], 0)).toEqual([
    expect.stringMatching(/nothing to tune/),
  ]);
});

test("a run is told one number of epochs, whatever asks for a longer one", () => {
  const slow = [tracePoint(0, 0.1), tracePoint(1, 0.1), tracePoint(2, 0.103, { valid: { loss: 0.9 } })];
  const facts = { baseline: tracePoint(2, 0.1, validLoss(0.9)), linear: tracePoint(2, 0.1, validLoss(0.5)) };
  expect(saidAt(slow, 2, facts)).toEqual([
    expect.stringMatching(/ was still learning: give it 35 epochs \(`epochs: 35`\) before you choose\.$/),
    expect.stringMatching(/ after some 35 epochs: give it 35 epochs /),
  ]);
});
