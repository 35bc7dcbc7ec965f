import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { thinnedPage } from "./run-page.ts";
import { trainingsOf } from "./trainings.ts";

test("the trainings of a search are told as long and as good, however few of their points are kept", () => {
  const trace = Array.from({ length: 3000 }, (_, i): TracePoint => ({
    ...{ step: i, epoch: i, examples: i, gradientEvaluations: i, seconds: i, hyperparameters: {} },
    valid: { loss: 1 + ((i * 7919) % 613) / 1000 },
    trial: { number: Math.floor(i / 97), epoch: 1 + (i % 97) },
  }));
  const thin = thinnedPage({ run: "r", config: {}, trace, baseline: [] }, 50).trace;
  expect(thin.length).toBeLessThan(150);
  const told = (points: readonly TracePoint[]) =>
    trainingsOf(points).map(({ number, epochs, best }) => [number, epochs, best.valid.loss, best.epoch]);
  expect(told(thin)).toEqual(told(trace));
});
