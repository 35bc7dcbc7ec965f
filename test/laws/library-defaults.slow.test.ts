import { expect, test } from "vitest";

import { parseConfig } from "../../src/cli/config/config.ts";
import { tunerOf } from "../../src/cli/registry/tuners.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import * as library from "../../src/methods/standard-tuners.ts";
import { trainingMethods } from "../../src/methods/index.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { deltaStn as paperDeltaStn } from "../../src/tuners/delta-stn.ts";
import { createRun } from "../../src/tuners/run.ts";
import { loadSnapshot, saveSnapshot, type Snapshot } from "../../src/tuners/snapshot.ts";
import { endlessRun, type Tuner } from "../../src/tuners/tuner.ts";

const EPOCHS = 10;
const engine = await jaxEngine();
const task = smallTask();

/** Where a run ends, or stands after some epochs. */
async function stateAfter(tuner: Tuner, epochs = EPOCHS, from?: Snapshot): Promise<Snapshot> {
  const options = { epochs, batchSize: 4, seed: 1 };
  const run = createRun(task, tuner, engine, options, { clock: { now: () => 0 } }, from);
  for await (const { kind } of run.events()) if (kind === "end") break;
  const snapshot = await run.snapshot();
  run.dispose();
  return snapshot;
}

const factories: Readonly<Record<string, (options?: object) => Tuner>> = {
  "delta-stn": library.deltaStn,
  "centered-stn": library.centeredStn,
  stn: library.stn,
  "hyper-training": library.hyperTraining,
  "hyper-training-global": library.globalHyperTraining,
  "hyper-training-simplified": library.simplifiedHyperTraining,
  unrolled: library.unrolled,
  "forward-unrolled": library.forwardUnrolled,
  reversible: library.reversible,
  drmad: library.drmad,
  "implicit-cg": library.implicitCg,
  "implicit-neumann": library.implicitNeumann,
  "t1-t2": library.t1T2,
  fixed: library.fixed,
};

const others = trainingMethods.filter(({ name }) => name !== "smash"); // whose phases the library asks for

test.each(others.map(({ name }) => name))(
  "%s of the library trains as the command line's",
  async (method) => {
    const warmupEpochs = method === "hyper-training-global" ? 8 : 2; // four fifths and one fifth of ten
    const ofCommandLine = await tunerOf(
      { ...parseConfig({ method, warmupEpochs }, String), batchSize: 128 },
      6,
    );
    const expected = await stateAfter(ofCommandLine);
    const { state, progress } = await stateAfter((factories[method] as () => Tuner)());
    expect(state).toEqual(expected.state);
    expect(progress.gradientEvaluations).toBe(expected.progress.gradientEvaluations);
  },
);

test("the preset paper is what the papers did, and a value that is given wins in both", async () => {
  const plain = await stateAfter(paperDeltaStn());
  expect((await stateAfter(library.deltaStn({ preset: "paper" }))).state).toEqual(plain.state);
  expect((await stateAfter(library.deltaStn())).state).not.toEqual(plain.state);
  const slow = { hyperLearningRate: 1e-9, scaleLearningRate: 1e-9 };
  for (const preset of ["paper", "standard"] as const) {
    const { hypers } = (await stateAfter(library.deltaStn({ preset, ...slow, warmupEpochs: 0 }))).state;
    const { hypers: start } = library.deltaStn().prepare(task, 1, endlessRun).state;
    expect(gap(hypers, start), preset).toBeLessThan(1e-6);
  }
});

const gap = (one: unknown, other: unknown): number => {
  const [a, b] = [one, other] as { data: Float64Array }[];
  return Math.max(...Array.from(a?.data ?? [NaN], (x, i) => Math.abs(x - (b?.data[i] as number))));
};

test("a run that goes on for longer keeps the warm-up that it began with", async () => {
  const half = await stateAfter(library.deltaStn(), 5); // whose warm-up is one epoch
  const from = loadSnapshot(saveSnapshot(half));
  const longer = await stateAfter(library.deltaStn(), EPOCHS, from);
  const asBegun = await stateAfter(library.deltaStn({ warmupEpochs: 1 }));
  expect(longer.state).toEqual(asBegun.state);
});
