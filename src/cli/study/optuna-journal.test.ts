import { expect, test } from "vitest";

import { leastLoss } from "../../search/goals.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import { optunaJournal } from "./optuna-journal.ts";

const trialAt = (number: number, budgets: readonly number[]): TrialRecord => ({
  ...{ number, values: {}, state: "complete", attempt: 1, deaths: 0, to: 1 },
  curve: budgets.map((budget, i) => ({ budget, loss: i })),
});

/** Budgets of trials, and what their losses come to by Optuna's steps. */
const steps = (...budgets: readonly (readonly number[])[]): unknown[] =>
  optunaJournal(
    "s",
    {},
    budgets.map((of, number) => trialAt(number, of)),
    leastLoss,
  )
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => (JSON.parse(line) as { readonly intermediate_values: unknown }).intermediate_values);

test("no evaluation takes the place of another in Optuna's journal, whose steps are whole", () => {
  expect(steps([1, 2, 3.0000001], [2])).toEqual([{ 1: 0, 2: 1, 3: 2 }, { 2: 0 }]);
  expect(steps([0.5, 0.9, 1], [2])).toEqual([{ 5: 0, 9: 1, 10: 2 }, { 20: 0 }]);
  expect(steps([0.25, 0.26])).toEqual([{ 25: 0, 26: 1 }]);
});
