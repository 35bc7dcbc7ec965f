import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { untrainedSentence } from "./untrained-sentence.ts";

const point = (epoch: number, ofTrial?: number) =>
  ({ epoch, ...(ofTrial !== undefined && { trial: { number: 0, epoch: ofTrial } }) }) as TracePoint;

test("a run that ended before it was evaluated behind a step says so", () => {
  expect(untrainedSentence([point(0)], "time")).toMatch(/its model is the untrained network: .* more time /);
  expect(untrainedSentence([point(0)], "gradients")).toMatch(/more gradients /);
  expect(untrainedSentence([point(0)], "running")).toBeUndefined();
  expect(untrainedSentence([point(0), point(0.5)], "time")).toBeUndefined();
});

test("of a search the epochs of its trainings count", () => {
  expect(untrainedSentence([point(0, 0), point(3, 0)], "time")).toMatch(/^The run ended before /);
  expect(untrainedSentence([point(0, 0), point(3, 3)], "time")).toBeUndefined();
});
