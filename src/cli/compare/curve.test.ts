import { expect, test } from "vitest";

import type { TracePoint } from "../../api/trace.ts";
import { growingCurve } from "./curve.ts";

const point = (step: number, loss: number, unfit = false): TracePoint => ({
  ...{ step, epoch: step, examples: step, gradientEvaluations: step, seconds: step, hyperparameters: {} },
  valid: { loss },
  ...(unfit && { unfit }),
});

const lossesOf = (trace: readonly TracePoint[]) => {
  const curve = growingCurve({ method: "smash", seed: 1 });
  trace.forEach(curve.see);
  return curve.end().points.map(({ seconds, valid }) => [seconds, valid.loss]);
};

test("a curve is of the networks that a method is for, as soon as there is one", () => {
  const generated = [point(0, 2, true), point(1, 1, true), point(2, 3, true)];
  expect(lossesOf(generated)).toEqual([
    [0, 2],
    [1, 1],
    [2, 1],
  ]);
  expect(lossesOf([...generated, point(3, 5), point(4, 4)])).toEqual([
    [3, 5],
    [4, 4],
  ]);
});
