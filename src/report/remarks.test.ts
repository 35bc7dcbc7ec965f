import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { remarksOn } from "./remarks.ts";

const point = (epoch: number, l2: number, more: Partial<TracePoint> = {}): TracePoint => ({
  ...{ step: 10 * epoch, epoch, examples: 0, gradientEvaluations: 0, seconds: 0 },
  ...{ hyperparameters: { l2: { value: l2, scale: 1 } }, valid: { loss: 1 } },
  ...more,
});

const at = (trace: readonly TracePoint[], index: number) => remarksOn(trace, trace[index] as TracePoint);

test("a run that tuned needs no remark", () => {
  expect(at([point(0, 0.1), point(1, 0.1), point(2, 0.2)], 2)).toEqual([]);
});

test("a best point before the hyperparameters moved is said, with both epochs", () => {
  const [remark, ...others] = at([point(0, 0.1), point(1, 0.1), point(2, 0.2), point(3, 0.3)], 1);
  expect(remark).toMatch(/^Tuning gained nothing: .* came at epoch 1, .* moved \(by epoch 2\)/);
  expect(others).toEqual([]);
});

test("hyperparameters that never moved are said", () => {
  expect(at([point(0, 0.1), point(1, 0.1)], 1)[0]).toMatch(/^The hyperparameters never moved/);
});

test("a scale that moves alone is no tuning", () => {
  const wider = { hyperparameters: { l2: { value: 0.1, scale: 2 } } };
  expect(at([point(0, 0.1), point(1, 0.1, wider)], 1)[0]).toMatch(/never moved/);
});

test("one element of many is enough", () => {
  const each = (last: number) => ({ hyperparameters: { l2: { value: [0.1, last] } } });
  expect(at([point(0, 0.1, each(0.1)), point(1, 0.1, each(0.2))], 1)).toEqual([]);
});

test("a search, and a problem without hyperparameters, are not judged", () => {
  const trial = { trial: { number: 0, epoch: 0 } };
  expect(at([point(0, 0.1, trial), point(1, 0.1, trial)], 0)).toEqual([]);
  expect(at([point(0, 0.1, { hyperparameters: {} })], 0)).toEqual([]);
});

test("a training that began anew is said, with where it had been best before", () => {
  const loss = (valid: number, restartedAt?: number) => ({
    valid: { loss: valid },
    ...(restartedAt !== undefined && { restartedAt }),
  });
  const trace = [
    ...[point(0, 0.1, loss(3)), point(1, 0.1, loss(2)), point(2, 0.2, loss(2.5)), point(4, 0.3, loss(2.6))],
    ...[point(5, 0.3, loss(1.5, 40)), point(6, 0.3, loss(1.7, 40))],
  ];
  expect(at(trace, 4)).toEqual([
    expect.stringMatching(
      /^Training began anew at epoch 4, .* lowest validation loss was that of epoch 1\.$/,
    ),
  ]);
  expect(at(trace, 1)).toEqual([
    expect.stringMatching(/^Training began anew/),
    expect.stringMatching(/^Tuning gained nothing/),
  ]);
});
