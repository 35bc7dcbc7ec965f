import { expect, test } from "vitest";

import type { TracePoint } from "../../api/trace.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import { bestPoint } from "../../tuners/best.ts";
import { overallTrace } from "./overall-trace.ts";

const point = (trial: number, budget: number, loss: number) => ({
  ...{ trial, budget },
  point: {
    ...{ step: budget, epoch: budget, examples: 1, gradientEvaluations: 1, seconds: 1, hyperparameters: {} },
    valid: { loss },
  },
});

test("the best point of a study is of no trial that failed, unless its model is what that had come to before", () => {
  const trials = [{ state: "failed" }, { state: "complete" }] as unknown as TrialRecord[];
  const points = [point(0, 1, 2), point(0, 2, 1), point(1, 1, 4), point(1, 2, 3)];
  const bestWith = (model?: { trial: number; point: TracePoint }) =>
    bestPoint(overallTrace(points, trials, 1, model && { model: { ...model, sha: "" } }))?.valid.loss;
  expect(bestWith()).toBe(3);
  expect(bestWith({ trial: 1, point: points[3]?.point as TracePoint })).toBe(3);
  expect(bestWith({ trial: 0, point: points[0]?.point as TracePoint })).toBe(2);
});
