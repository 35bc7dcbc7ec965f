import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { rateSentence } from "./rate-sentence.ts";

const trace = (factors: readonly (number | undefined)[], trial?: number): readonly TracePoint[] =>
  factors.map((rateFactor, epoch) => ({
    ...{ step: epoch, epoch, examples: 0, gradientEvaluations: 0, seconds: 0, hyperparameters: {} },
    valid: { loss: 1 },
    ...(rateFactor !== undefined && { rateFactor }),
    ...(trial !== undefined && { trial: { number: trial, epoch } }),
  }));

test("a plateau says how often, how far and when it lowered the rates", () => {
  expect(rateSentence(trace([1, 1, 0.5, 0.5, 0.25]))).toBe(
    "The plateau lowered the learning rates 2 times, to 0.25 of what they were at first: behind epochs 2, 4.",
  );
  expect(rateSentence(trace([undefined, 0.1, 0.1]))).toBe(
    "The plateau lowered the learning rates once, to 0.1 of what they were at first: behind epoch 1.",
  );
  expect(rateSentence(trace([1, 1]))).toBe("The plateau did not lower the learning rates.");
  expect(rateSentence(trace(Array.from({ length: 10 }, (_, i) => 0.5 ** i)))).toMatch(
    /9 times, to 0\.00195.* behind epochs 1, 2, 3, 4, 5, 6 and 3 later ones\.$/,
  );
  expect(rateSentence(trace([undefined, undefined]))).toBeUndefined();
  expect(rateSentence(trace([1, 0.5], 3))).toBeUndefined();
});

test("of a training that began anew the plateau says what it did in that one alone", () => {
  const anew = (factors: readonly number[]) =>
    trace(factors).map((point) => (point.step > 2 ? { ...point, restartedAt: 2 } : point));
  expect(rateSentence(anew([1, 0.5, 0.25, 1, 0.5]))).toBe(
    "The plateau lowered the learning rates in the training that began anew once, to 0.5 of what they were at first: behind epoch 4.",
  );
  expect(rateSentence(anew([1, 0.5, 0.25, 1, 1]))).toBe(
    "The plateau did not lower the learning rates in the training that began anew.",
  );
});
