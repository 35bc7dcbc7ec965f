import { asyncProperty, assert, integer } from "fast-check";
import { describe, expect, test } from "vitest";

import { real } from "../../src/space/real.ts";
import { demandSame } from "../../src/testing/contract.ts";
import type { SmallTaskOptions } from "../../src/testing/small-task.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import type { RunOptions } from "../../src/tuners/run.ts";
import { loadSnapshot, saveSnapshot, type Snapshot } from "../../src/tuners/snapshot.ts";
import type { Tuner } from "../../src/tuners/tuner.ts";
import { HostArray, leavesOf, mapTree, type HostTree } from "../../src/util/host-array.ts";
import { taskFor, tuners } from "../contracts/tuners.ts";
import { trained, type TrainedPart } from "./trained.ts";

const small: SmallTaskOptions = {
  hypers: {
    "dropout.input": real(0.1, { low: 0, high: 0.9 }),
    l2: real(0.01, { low: 1e-4, high: 1, log: true, perturb: "minibatch" }),
  },
};
const options = { epochs: 3, batchSize: 7, seed: 11 } as const;
const STEPS_PER_EPOCH = Math.ceil(24 / 7);
const STEPS = options.epochs * STEPS_PER_EPOCH;

const train = (tuner: Tuner, part?: TrainedPart, others: Partial<RunOptions> = {}) =>
  trained(taskFor(tuner, small), tuner, { ...options, ...others }, part);

/** Through what a checkpoint on disk is. */
const stored = (snapshot: Snapshot): Snapshot => loadSnapshot(saveSnapshot(snapshot));

describe("stop and resume is no stop, bit for bit", () => {
  test.each(Object.entries(tuners))("%s", async (_, tuner) => {
    const whole = await train(tuner);
    expect(leavesOf(whole.snapshot.state).length).toBeGreaterThan(0);
    expect(whole.snapshot.progress.step).toBe(STEPS);
    await assert(
      asyncProperty(integer({ min: 1, max: STEPS - 1 }), async (stopAt) => {
        const part = await train(tuner, { stopAt });
        expect(part.snapshot.progress.step).toBe(stopAt);
        const resumed = await train(tuner, { from: stored(part.snapshot) });
        demandSame(resumed.snapshot.state, whole.snapshot.state, "the resumed state");
        expect(resumed.snapshot.progress).toEqual(whole.snapshot.progress);
        expect([...part.trace, ...resumed.trace]).toEqual(whole.trace);
      }),
      { numRuns: 4 },
    );
  });

  test("around a restart", async () => {
    const wild = { learningRate: 3, clipNorm: 1 }; // the loss after its first step stays the lowest
    const tuner = deltaStn({ ...wild, warmupEpochs: 0, trainSteps: 1, hyperLearningRate: 0.2 });
    const restarting = { epochs: 4, restart: true, evaluateEvery: 1 };
    const whole = await train(tuner, {}, restarting);
    const half = 2 * STEPS_PER_EPOCH;
    expect(whole.snapshot.progress.restartedAt).toBe(half);
    for (const stopAt of [half - 1, half, half + 1]) {
      const { snapshot } = await train(tuner, { stopAt }, restarting);
      const resumed = await train(tuner, { from: stored(snapshot) }, restarting);
      demandSame(resumed.snapshot.state, whole.snapshot.state, "the resumed state");
      expect(resumed.snapshot.progress).toEqual(whole.snapshot.progress);
    }
  });

  test("where the last step before the stop ended an epoch, its evaluation is made up for", async () => {
    const tuner = tuners.deltaStn as Tuner;
    const part = await train(tuner, { stopAt: STEPS_PER_EPOCH });
    expect(part.trace).toHaveLength(0);
    const resumed = await train(tuner, { from: stored(part.snapshot) });
    expect(resumed.trace).toEqual((await train(tuner)).trace);
  });

  test("but a lost part of the state shows", async () => {
    const tuner = tuners.deltaStn as Tuner;
    const whole = await train(tuner);
    const { snapshot } = await train(tuner, { stopAt: 4 });
    const lost = mapTree(
      snapshot.state.responseOptimizer as HostTree,
      ({ data, shape }) =>
        new HostArray(
          data.map(() => 0),
          shape,
        ),
    );
    const state = { ...snapshot.state, responseOptimizer: lost };
    const resumed = await train(tuner, { from: { ...snapshot, state } });
    expect(() => demandSame(resumed.snapshot.state, whole.snapshot.state, "the resumed state")).toThrow(
      "contract:",
    );
  });
});
