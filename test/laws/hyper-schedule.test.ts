import { beforeAll, expect, test } from "vitest";

import { sgd } from "../../src/nn/optim/sgd.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { deltaStn as standardDeltaStn } from "../../src/methods/standard-tuners.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { hyperTraining } from "../../src/tuners/hyper-training.ts";
import { unrolled } from "../../src/tuners/unrolled.ts";
import { inSession, leaf, ready } from "../oracles/settle.ts";

beforeAll(ready);

const task = smallTask();
const optimizers = { hyperOptimizer: sgd(), scaleOptimizer: sgd(), hyperLearningRate: 0.1 };

/** What λ and s go in the first two hyperparameter steps. */
const stepsAt = (hyperSchedule?: (step: number) => number) =>
  inSession(
    task,
    deltaStn({ ...optimizers, ...(hyperSchedule && { hyperSchedule }), warmupEpochs: 0, trainSteps: 3 }),
    {},
    async ({ prepared, session, host }) => {
      const points: number[][] = [];
      const look = async () => {
        const state = await session.read(["hypers", "scales"]);
        points.push([...leaf(state, "hypers"), ...leaf(state, "scales")]);
      };
      await look();
      for (let step = 0; step < 6; step++) {
        await prepared.advance(host, step);
        if (step % 3 === 2) await look();
      }
      const ways = [1, 2].map((i) => points[i]?.map((value, j) => value - (points[i - 1]?.[j] as number)));
      return { ways, rates: [0, 3].map((step) => prepared.learningRates(step)) };
    },
  );

test("a schedule scales the steps of hyperparameters and scales, by the hyperparameter steps before", async () => {
  const whole = await stepsAt();
  const first = await stepsAt((step) => (step === 0 ? 0.25 : 1));
  const second = await stepsAt((step) => (step === 1 ? 0 : 1));
  const [way] = whole.ways as [number[]];
  expect(way.every((step) => Math.abs(step) > 1e-9)).toBe(true);
  for (const [j, step] of way.entries()) expect((first.ways[0]?.[j] as number) / step).toBeCloseTo(0.25, 5);
  expect(second.ways[0]).toEqual(way);
  expect(second.ways[1]?.every((step) => step === 0)).toBe(true);
  expect(first.rates.map(({ hyperparameters }) => hyperparameters)).toEqual([0.025, 0.1]);
});

const upwards = () => -1;

test.each([
  ["deltaStn", "schedule", deltaStn({ schedule: upwards })],
  ["deltaStn", "hyperSchedule", deltaStn({ hyperSchedule: upwards })],
  ["fixed", "schedule", fixed({ schedule: upwards })],
  ["hyperTraining", "schedule", hyperTraining({ schedule: upwards })],
  ["unrolled", "schedule", unrolled({ schedule: upwards })],
])("%s goes up no gradient: its %s is refused", (_, option, tuner) => {
  const { learningRates } = tuner.prepare(task, 0, { epochs: 2, stepsPerEpoch: 4 });
  expect(() => learningRates(0)).toThrow(
    `\`${option}\` must return a number, at least 0, for every step, but returned -1 for step 0; correct it`,
  );
});

test("a schedule is told how many hyperparameter steps an epoch has", () => {
  const told: number[][] = [];
  const hyperSchedule = (...given: number[]) => {
    told.push(given);
    return 1;
  };
  const options = { hyperSchedule, warmupEpochs: 0, trainSteps: 3, validSteps: 2 };
  deltaStn(options).prepare(task, 0, { epochs: 4, stepsPerEpoch: 12 }).learningRates(9);
  expect(told).toEqual([[6, 8]]);
});

test.each([
  [10, 1999, 0.5], // 200 epochs hold 1,000 steps
  [4, 1999, 0.5], // and here fewer
  [100, 1999, 1],
  [100, 19_999, 0.5],
])(
  "unless told otherwise, with %i training steps an epoch, hyperparameter step %i has %f of the whole length",
  (stepsPerEpoch, index, factor) => {
    const length = { epochs: 1e6, stepsPerEpoch };
    const ratesOf = (preset: "standard" | "paper") =>
      standardDeltaStn({ preset, warmupEpochs: 0, trainSteps: 2, validSteps: 1 })
        .prepare(task, 0, length)
        .learningRates(2 * index);
    const { hyperparameters, scales } = ratesOf("standard");
    expect([hyperparameters, scales]).toEqual([0.01 * factor, 0.01 * factor]);
    expect(ratesOf("paper").hyperparameters).toBe(0.01);
  },
);
