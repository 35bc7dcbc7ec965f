import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import type { TrialMeasures } from "../search/goals.ts";
import { measuresAfter } from "./trial-measures.ts";

const pointOf = (loss: number, measures?: TrialMeasures): TracePoint => ({
  ...{ step: 0, epoch: 0, examples: 0, gradientEvaluations: 3, seconds: 2 },
  ...{ valid: { loss, ...(measures && { measures }) }, hyperparameters: {} },
});

/** What is known after evaluations of a trial: budget, loss, and what else was measured. */
const after = (...told: readonly (readonly [budget: number, loss: number, measures?: TrialMeasures])[]) =>
  told.reduce<TrialMeasures>(
    (before, [budget, loss, measures]) => measuresAfter(before, pointOf(loss, measures), budget),
    {},
  );

const costs = { seconds: 2, gradients: 3 };

test("scores are those at the lowest loss, and what was not measured there is taken from elsewhere", () => {
  expect(after([1, 0.5, { size: 1 }], [2, 0.4, { size: 2 }], [3, 0.6, { size: 3, gain: 7 }])).toEqual({
    ...{ loss: 0.4, size: 2, gain: 7, epochs: 3 },
    ...costs,
  });
});

test("the same evaluation once more adds its scores, another of the same loss does not", () => {
  const once = [1, 0.5, { size: 1, gain: 7 }] as const;
  expect(after(once, [1, 0.5, { size: 2 }])).toEqual({ loss: 0.5, size: 2, gain: 7, epochs: 1, ...costs });
  expect(after(once, [2, 0.5, { size: 2 }])).toEqual({ loss: 0.5, size: 1, gain: 7, epochs: 2, ...costs });
});

test("a loss that is not finite is never the lowest, as it is read from JSON either", () => {
  for (const odd of [NaN, -Infinity, null as unknown as number]) {
    expect(after([1, odd, { size: 1 }], [2, 0.5, { size: 2 }])).toMatchObject({ loss: 0.5, size: 2 });
    expect(after([1, 0.5, { size: 2 }], [2, odd, { size: 1 }])).toMatchObject({ loss: 0.5, size: 2 });
  }
});
