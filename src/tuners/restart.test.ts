import { expect, test } from "vitest";

import { hasOverfittedEarly, RESTART_BETWEEN, type RestartPoint } from "./restart.ts";

const early: RestartPoint = { share: 0.6, step: 60, bestStep: 30, tunesFrom: 10 };

test("a network has overfitted early if the lowest loss lies in the first half of the steps so far", () => {
  expect(hasOverfittedEarly(early)).toBe(true);
  expect(hasOverfittedEarly({ ...early, bestStep: 31 })).toBe(false);
});

test("a run begins anew between a half and two thirds of its length, both included, not before or after", () => {
  const [from, to] = RESTART_BETWEEN;
  const at = (share: number) => hasOverfittedEarly({ ...early, share });
  expect([from, to].map(at)).toEqual([true, true]);
  expect([0.499, 0.667].map(at)).toEqual([false, false]);
});

test("a run begins anew only once a hyperparameter step was made", () => {
  expect(hasOverfittedEarly({ ...early, tunesFrom: 60 })).toBe(true);
  expect(hasOverfittedEarly({ ...early, tunesFrom: 61 })).toBe(false);
});
