import { describe, expect, test } from "vitest";

import {
  firstTuning,
  learnsInStep,
  learnsOfStreams,
  tuningStepsAfter,
  tuningStepsBefore,
  turnOfStreams,
} from "./rhythm.ts";

/** The training steps, of a run of so many, after which hyperparameter steps fall, with their indices. */
const schedule = (
  steps: number,
  rhythm: { warmupEpochs: number; trainSteps: number; validSteps: number },
  stepsPerEpoch: number,
  warmedUp?: number,
): [number, readonly number[]][] =>
  Array.from({ length: steps }, (_, step): [number, readonly number[]] => [
    step + 1,
    tuningStepsAfter(step, rhythm, { stepsPerEpoch, warmedUp: () => warmedUp }),
  ]).filter(([, due]) => due.length > 0);

describe("hyperparameter steps", () => {
  test("follow every trainSteps-th step, numbered through", () => {
    expect(schedule(7, { warmupEpochs: 0, trainSteps: 3, validSteps: 2 }, 9)).toEqual([
      [3, [0, 1]],
      [6, [2, 3]],
    ]);
  });

  test("begin after a warm-up of a fraction of an epoch, rounded up to whole steps", () => {
    expect(schedule(8, { warmupEpochs: 0.5, trainSteps: 1, validSteps: 1 }, 9)).toEqual([
      [6, [0]],
      [7, [1]],
      [8, [2]],
    ]);
    expect(schedule(9, { warmupEpochs: 1 / 3, trainSteps: 2, validSteps: 1 }, 10)).toEqual([
      [6, [0]],
      [8, [1]],
    ]);
  });

  test("begin sooner where the run has ended the warm-up, and no later", () => {
    const rhythm = { warmupEpochs: 1, trainSteps: 2, validSteps: 1 };
    expect(schedule(6, rhythm, 9, 1)).toEqual([
      [3, [0]],
      [5, [1]],
    ]);
    expect(schedule(14, rhythm, 9, 12)).toEqual(schedule(14, rhythm, 9));
  });

  test.each([
    [{ warmupEpochs: 0, trainSteps: 5 }, 9],
    [{ warmupEpochs: 0.5, trainSteps: 2 }, 9],
    [{ warmupEpochs: 1.01, trainSteps: 3 }, 7],
    [{ warmupEpochs: 2, trainSteps: 1 }, 1],
  ])("begin where firstTuning says: %o, %i steps an epoch", (rhythm, stepsPerEpoch) => {
    const first = firstTuning(rhythm, stepsPerEpoch);
    const fallen = schedule(first + 1, { ...rhythm, validSteps: 1 }, stepsPerEpoch);
    expect(fallen[0]).toEqual([first, [0]]);
  });
});

describe("a response that learns in every so many steps", () => {
  const steps = Array.from({ length: 40 }, (_, step) => step);

  test.each([
    [0.5, 9, 2, 2], // a warm-up of 5 steps
    [1, 7, 3, 3],
    [2 / 7, 7, 4, 2],
    [0, 7, 2, 2],
  ])(
    "learns in all that hyperparameter steps follow: %f epochs of %i steps, trainSteps %i, every %i",
    (warmupEpochs, stepsPerEpoch, trainSteps, responseEvery) => {
      const rhythm = { warmupEpochs, trainSteps, validSteps: 1, responseEvery };
      const learns = steps.filter((step) => learnsInStep(step, rhythm, { stepsPerEpoch }));
      const tuned = steps.filter((step) => tuningStepsAfter(step, rhythm, { stepsPerEpoch }).length > 0);
      expect(learns).toEqual(expect.arrayContaining(tuned));
      expect(learns[0]).toBeLessThan(responseEvery);
      expect(new Set(learns.slice(1).map((step, i) => step - (learns[i] as number)))).toEqual(
        new Set([responseEvery]),
      );
    },
  );

  test("learns in as many of those as can be, where they come sooner", () => {
    for (const stepsPerEpoch of [5, 6, 7]) {
      const rhythm = { warmupEpochs: 1, trainSteps: 2, validSteps: 1, responseEvery: 4 };
      const learns = steps.filter((step) => learnsInStep(step, rhythm, { stepsPerEpoch }));
      const tuned = steps.filter((step) => tuningStepsAfter(step, rhythm, { stepsPerEpoch }).length > 0);
      const untuned = learns.filter((step) => step >= stepsPerEpoch && !tuned.includes(step));
      expect(untuned, `${stepsPerEpoch} steps an epoch`).toEqual([]);
    }
  });

  test("learns where a warm-up has no end", () => {
    const rhythm = { warmupEpochs: 1, trainSteps: 2, responseEvery: 2 };
    expect(steps.filter((step) => learnsInStep(step, rhythm, { stepsPerEpoch: Infinity }))).toHaveLength(20);
  });
});

test.each([
  [1, 4],
  [1, 5],
  [2, 4],
  [2, 5],
  [2, 6],
  [3, 6],
  [5, 10],
  [7, 3],
])(
  "of streams a response that learns in every %i-th of %i steps comes to both halves of all",
  (every, steps) => {
    const pace = { stepsPerEpoch: steps };
    const epochs = 2 * every;
    const learned = Array.from({ length: steps * epochs }, (_, step) => step).filter((step) =>
      learnsOfStreams(step, every, pace),
    );
    const met = new Map<string, number>();
    for (const step of learned) {
      const half = `${step % steps}, ${turnOfStreams(step, every, pace)}`;
      met.set(half, (met.get(half) ?? 0) + 1);
    }
    expect([...met.values()]).toEqual(Array.from({ length: 2 * steps }, () => 1));
  },
);

test("the hyperparameter steps before a step are those that fell due after the steps before it", () => {
  for (const [warmupEpochs, trainSteps, validSteps] of [
    [0, 1, 1],
    [1.5, 2, 3],
    [2, 5, 1],
  ] as const) {
    const rhythm = { warmupEpochs, trainSteps, validSteps };
    const pace = { stepsPerEpoch: 4 };
    let made = 0;
    for (let step = 0; step < 40; step++) {
      expect(tuningStepsBefore(step, rhythm, pace)).toBe(made);
      made += tuningStepsAfter(step, rhythm, pace).length;
    }
    expect(made).toBeGreaterThan(5);
  }
});
