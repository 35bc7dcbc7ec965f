import { expect, test } from "vitest";

import type { Goals, TrialMeasures } from "../search/goals.ts";
import { random } from "../search/random.ts";
import type { Sampler, Trial } from "../search/sampler.ts";
import { fullBudget } from "../search/schedulers/full-budget.ts";
import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { nextSegment, type TrialRecord } from "./next-segment.ts";

const space = createSpace({ x: real(0.5, { low: 0, high: 1 }) });

const ended = (number: number, losses: readonly number[], measures?: TrialMeasures): TrialRecord => ({
  ...{ number, values: { x: 0.5 }, state: "complete", attempt: 1, deaths: 0, to: 3 },
  curve: losses.map((loss, i) => ({ budget: i + 1, loss })),
  suggested: { asked: number, values: { x: 0.5 } },
  ...(measures && { measures }),
});

/** What a sampler is told of these trials. */
function heardOf(trials: readonly TrialRecord[], goals?: Goals): readonly Trial[] {
  let heard: readonly Trial[] = [];
  const sampler: Sampler = {
    name: "spy",
    suggest(request) {
      heard = request.trials;
      return { x: 0.1 };
    },
  };
  const plan = { space, sampler, scheduler: fullBudget(3), seed: 0, trials: 9 };
  nextSegment({ ...plan, ...(goals && { goals }) }, trials);
  return heard;
}

test("a sampler hears the lowest loss of a trial, not the last", () => {
  expect(heardOf([ended(0, [0.5, 0.2, 0.9])])).toMatchObject([{ state: "finished", value: 0.2 }]);
});

test("a trial without a finite measure of each objective has failed", () => {
  const goals: Goals = {
    objectives: [
      { name: "loss", largest: false },
      { name: "gain", largest: true },
    ],
    bounds: [],
  };
  const trials = [
    ended(0, [0.3], { loss: 0.3, gain: 2 }),
    ended(1, [0.3], { loss: 0.3 }),
    ended(2, [0.3], { loss: 0.3, gain: NaN }),
    ended(3, [], {}),
  ];
  expect(heardOf(trials, goals).map(({ state }) => state)).toEqual([
    ...["finished", "failed", "failed", "failed"],
  ]);
});

test("a trial that failed and became a copy of another has nothing left of why", () => {
  const decide = () => ({ kind: "clone", trial: 1, from: 0, values: { x: 0.6 }, to: 4 }) as const;
  const plan = { space, sampler: random(), scheduler: { name: "copying", decide }, seed: 0, trials: 9 };
  const failed = { ...ended(1, [0.4]), state: "failed", reason: "its loss was NaN" } as const;
  const next = nextSegment(plan, [ended(0, [0.3, 0.2, 0.1]), failed]);
  expect(next).toMatchObject({ kind: "segment", trial: { number: 1, state: "waiting", values: { x: 0.6 } } });
  expect(next.kind === "segment" && "reason" in next.trial).toBe(false);
});
