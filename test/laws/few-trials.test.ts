/* However few trials a study is given, it ends, and with a training that is whole. */
import { describe, expect, test } from "vitest";

import { grid } from "../../src/search/grid.ts";
import { random } from "../../src/search/random.ts";
import { budgetOf } from "../../src/search/schedulers/scheduler.ts";
import { fullBudget } from "../../src/search/schedulers/full-budget.ts";
import { hyperband } from "../../src/search/schedulers/hyperband.ts";
import { nextSegment, type StudyPlan, type TrialRecord } from "../../src/study/next-segment.ts";
import { choice } from "../../src/space/choice.ts";
import { real } from "../../src/space/real.ts";
import { createSpace } from "../../src/space/space.ts";
import { schedulers } from "../contracts/schedulers.ts";

const BUDGET = 9;
const space = createSpace({ x: real(0.5, { low: 0, high: 1 }) });

/** Trains what is decided, each segment in steps of an epoch, until nothing is left; the trials and what was done. */
function trained(plan: StudyPlan, workers: number) {
  const trials: TrialRecord[] = [];
  const running: TrialRecord[] = [];
  const log: string[] = [];
  const finish = () => {
    const { number, to } = running.shift() as TrialRecord;
    const trial = trials[number] as TrialRecord;
    const added = Array.from({ length: BUDGET }, (_, i) => i + 1).filter(
      (epoch) => epoch > budgetOf(trial) && epoch < to + 1,
    );
    const curve = [
      ...trial.curve,
      ...added.map((budget) => ({ budget, loss: 1 + number / 10 + 1 / budget })),
    ];
    trials[number] = { ...trial, curve, state: "paused" };
  };
  for (let turn = 0; turn < 500; turn++) {
    const next = nextSegment(plan, trials);
    if (next.kind === "done") return { trials, log };
    if (next.kind === "segment") {
      for (const trial of next.changed) trials[trial.number] = trial;
      const { number, to } = next.trial;
      trials[number] = { ...next.trial, state: "running" };
      running.push(next.trial);
      log.push(`${number}:${to}`);
    }
    if (next.kind === "wait" || running.length === workers) finish();
  }
  throw new Error(`the study does not end: ${log.slice(-5).join(", ")}`);
}

const plan = (part: Partial<StudyPlan>): StudyPlan => ({
  ...{ space, sampler: random(), scheduler: fullBudget(BUDGET), seed: 0, trials: 1 },
  ...part,
});

describe.each(Object.entries(schedulers))("%s", (_, make) => {
  test.each([1, 2, 3, 5, 10])("brings one of %i trials to the end", (trials) => {
    for (const workers of [1, 3]) {
      const ended = trained(plan({ scheduler: make(BUDGET), trials }), workers);
      expect(ended.trials).toHaveLength(trials);
      expect(Math.max(...ended.trials.map(({ curve }) => curve.at(-1)?.budget ?? 0))).toBe(BUDGET);
    }
  });
});

test("a bracket of Hyperband with fewer trials halves these", () => {
  const { log } = trained(plan({ scheduler: hyperband({ budget: 9 }), trials: 6 }), 1);
  expect(log).toEqual([..."012345"].map((number) => `${number}:1`).concat(["0:3", "1:3", "0:9"]));
  const later = trained(plan({ scheduler: hyperband({ budget: 9 }), trials: 11 }), 1); // 9, and 2 of 5
  expect(later.log.slice(-3)).toEqual(["9:3", "10:3", "9:9"]);
});

test("a grid ends with its last point, however many trials were asked for", () => {
  const searched = createSpace({ kind: choice("a", { options: ["a", "b"] }), x: space.hypers.x });
  const { trials } = trained(plan({ space: searched, sampler: grid({ points: 3 }), trials: 50 }), 2);
  expect(new Set(trials.map(({ values }) => JSON.stringify(values))).size).toBe(6);
  expect(trials).toHaveLength(6);
});
