import { numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import { jaxEngine } from "../../src/engine/jax.ts";
import { adam } from "../../src/nn/optim/adam.ts";
import type { Task } from "../../src/problem/problem.ts";
import { integer } from "../../src/space/integer.ts";
import { real } from "../../src/space/real.ts";
import { cournot } from "../../src/testing/cournot.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { createRun } from "../../src/tuners/run.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import type { Tuner } from "../../src/tuners/tuner.ts";
import { taskFor, tuners } from "../contracts/tuners.ts";
import { responses } from "../contracts/responses.ts";
import { liveBuffers, type LiveBuffers } from "./live-buffers.ts";

let buffers: LiveBuffers;

beforeAll(async () => {
  buffers = await liveBuffers("wasm");
});

/** The live buffers after each step of a run of three epochs, before it and after its disposal. */
async function countedRun(task: Task, tuner: Tuner) {
  const engine = await jaxEngine("wasm");
  const before = buffers.count();
  const run = createRun(task, tuner, engine, { epochs: 3, batchSize: 6 }, { clock: { now: () => 0 } });
  const steps: number[] = [];
  for await (const { kind } of run.events()) {
    if (kind === "step") steps.push(buffers.count());
  }
  await run.snapshot();
  await run.weights();
  const ended = buffers.count();
  await run.weights();
  await run.snapshot();
  const again = buffers.count();
  run.dispose();
  return { before, steps, ended, again, disposed: buffers.count() };
}

test("the count sees an array and its disposal", () => {
  const before = buffers.count();
  const array = np.array([1, 2, 3]);
  const held = array.ref.add(1);
  held.dataSync();
  expect(buffers.count()).toBeGreaterThan(before);
  array.dispose();
  expect(buffers.count()).toBe(before);
});

/**
 * jax-js 0.1.25 never frees some constants of a compiled program that it makes while it differentiates (zero tangents of what has no
 * derivative): a few small buffers for each run of a self-tuning network, none for plain training, none for each step.
 */
const CONSTANTS = 12;

const flat = async (task: Task, tuner: Tuner) => {
  const { before, steps, ended, again, disposed } = await countedRun(task, tuner);
  expect(steps[0]).toBeGreaterThan(before);
  const warm = steps.slice(4); // every program has been compiled by then
  expect(warm.length).toBeGreaterThan(0);
  expect(warm).toEqual(warm.map(() => warm[0]));
  expect(again).toBe(ended);
  expect(disposed - before).toBeLessThanOrEqual(tuner.name === "fixed" ? 0 : CONSTANTS);
};

describe("a run holds the same number of buffers at every step and frees them when it is disposed", () => {
  test.each(Object.entries(tuners))("%s", (_, tuner) => flat(taskFor(tuner), tuner));

  test.each(Object.entries(responses))("response %s", (_, { response }) => {
    const task = smallTask({
      hypers: { l1: real(0.01, { low: 0, high: 1 }), "l2.fc2": real(0.1, { log: true }) },
    });
    return flat(task, deltaStn({ response, warmupEpochs: 0, trainSteps: 2 }));
  });

  test("Adam and clipped gradients", () =>
    flat(
      smallTask(),
      deltaStn({
        optimizer: adam(),
        hyperOptimizer: adam(),
        scaleOptimizer: adam(),
        clipNorm: 0.1,
        warmupEpochs: 0,
        trainSteps: 1,
      }),
    ));

  test("a problem whose validation loss sees the hyperparameter", async () => {
    const task = cournot({ highestPrice: 3, cost: 1 });
    const { steps, ended, again } = await countedRun(task, deltaStn({ warmupEpochs: 0, trainSteps: 1 }));
    expect(steps.slice(1)).toEqual([steps[1], steps[1]]);
    expect(again).toBe(ended);
  });

  test("an integer hyperparameter", () =>
    flat(
      smallTask({
        hypers: { "dropout.input": real(0.2, { low: 0, high: 0.9 }), l2: integer(2, { low: 0, high: 5 }) },
      }),
      deltaStn({ warmupEpochs: 0, trainSteps: 2 }),
    ));
});
