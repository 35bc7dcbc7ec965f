import { array, assert, double, integer, property } from "fast-check";
import { expect, test } from "vitest";

import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { freshPlateau, plateau } from "../../src/nn/optim/plateau.ts";
import { constant, type Schedule } from "../../src/nn/optim/schedule.ts";
import { demandSame } from "../../src/testing/contract.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { createRun, type RunOptions } from "../../src/tuners/run.ts";
import { loadSnapshot, saveSnapshot } from "../../src/tuners/snapshot.ts";
import type { Tuner } from "../../src/tuners/tuner.ts";
import { taskFor, tuners } from "../contracts/tuners.ts";
import { trained, type TrainedPart } from "./trained.ts";

/** The cuts behind each of some losses, as the paper's algorithm finds them in the list of all. */
function cutsBehind(losses: readonly number[], wait: number): number[] {
  const logs: number[] = [];
  let cuts = 0;
  return losses.map((loss) => {
    if (logs.length > wait && loss > Math.min(...logs.slice(0, -wait))) cuts++;
    logs.push(loss);
    return cuts;
  });
}

test("a plateau lowers the rate where the published algorithm has its trigger", () => {
  assert(
    property(array(double({ min: 0, max: 1, noNaN: true })), integer({ min: 1, max: 6 }), (losses, wait) => {
      const { seen, factorOf } = plateau({ wait, factor: 0.5 });
      let state = freshPlateau;
      const factors = losses.map((loss) => factorOf((state = seen(state, loss))));
      expect(factors).toEqual(cutsBehind(losses, wait).map((cuts) => 0.5 ** cuts));
      expect(state.recent.length).toBeLessThanOrEqual(wait); // it does not grow with the run
    }),
  );
});

const STEPS_PER_EPOCH = Math.ceil(24 / 7);
const EPOCHS = 9;
const falling = { wait: 1, factor: 0.5 };

const methods = {
  fixed: (schedule) => fixed({ learningRate: 1, schedule }),
  "delta-stn": (schedule) =>
    deltaStn({ learningRate: 1, responseLearningRate: 0.03, schedule, warmupEpochs: 1, trainSteps: 2 }),
} satisfies Record<string, (schedule: Schedule) => Tuner>;

const train = (tuner: Tuner, options: Partial<RunOptions> = {}, part?: TrainedPart) =>
  trained(taskFor(tuner), tuner, { epochs: EPOCHS, batchSize: 7, seed: 5, ...options }, part);

test.each(Object.entries(methods))(
  "%s trains as with the schedule that its validation losses ask for",
  async (_, method) => {
    const { trace, snapshot } = await train(method(constant()), { plateau: falling });
    const cuts = cutsBehind(
      trace.map(({ valid }) => valid.loss),
      falling.wait,
    );
    expect(cuts.at(-2)).toBeGreaterThanOrEqual(2); // before the last epoch
    expect(trace.map(({ rateFactor }) => rateFactor)).toEqual(cuts.map((count) => 0.5 ** count));
    const known = method((step) => 0.5 ** (cuts[Math.floor(step / STEPS_PER_EPOCH) - 1] ?? 0));
    const planned = await train(known);
    demandSame(planned.snapshot.state, snapshot.state, "the state", 0);

    for (const stopAt of [STEPS_PER_EPOCH, 4 * STEPS_PER_EPOCH - 1, 5 * STEPS_PER_EPOCH]) {
      const part = await train(method(constant()), { plateau: falling }, { stopAt });
      const from = loadSnapshot(saveSnapshot(part.snapshot));
      const rest = await train(method(constant()), { plateau: falling }, { from });
      demandSame(rest.snapshot.state, snapshot.state, "the resumed state", 0);
      expect(rest.snapshot.progress).toEqual(snapshot.progress);
      expect([...part.trace, ...rest.trace]).toEqual(trace); // it goes on, and does not begin anew
    }
  },
);

test("an evaluation that only the run's end asked for lowers no rate", async () => {
  const whole = await train(methods.fixed(constant()), { plateau: falling });
  const half = await train(methods.fixed(constant()), { plateau: falling, epochs: 4.5 });
  const rest = await train(methods.fixed(constant()), { plateau: falling }, { from: half.snapshot });
  demandSame(rest.snapshot.state, whole.snapshot.state, "the state", 0);
});

test("methods that would not follow are refused", async () => {
  const followers = ["centeredStn", "deltaStn", "fixed", "stn"];
  for (const [name, tuner] of Object.entries(tuners)) {
    const settings = { epochs: 50, batchSize: 7, plateau: {} };
    const open = async () =>
      createRun(taskFor(tuner), tuner, await onnxEngine(), settings, { clock: performance }).dispose();
    if (followers.includes(name)) await open();
    else await expect(open(), name).rejects.toThrow(/^learning rates that follow .* but got /);
  }
});

test.each([
  [{ wait: 0 }, /^`wait` of plateau must be a whole number, at least 1, but got 0;/],
  [{ factor: 1 }, /^`factor` of plateau must be a number, above 0 and below 1, but got 1;/],
])("a plateau that is none is refused: %o", (options, sentence) => {
  expect(() => plateau(options)).toThrow(sentence);
});
