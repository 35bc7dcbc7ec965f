import { beforeAll, expect, test } from "vitest";

import { sgd } from "../../src/nn/optim/sgd.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { inSession, leaf, ready } from "../oracles/settle.ts";

beforeAll(ready);

const task = smallTask(); // two dropout rates, then a weight decay on a log scale
const optimizers = { hyperOptimizer: sgd(), scaleOptimizer: sgd(), hyperLearningRate: 0.1 };

/** λ before and after the first hyperparameter step. */
const stepAt = (linearPace: number) =>
  inSession(
    task,
    deltaStn({ ...optimizers, linearPace, warmupEpochs: 0, trainSteps: 3 }),
    {},
    async ({ prepared, session, host }) => {
      const before = leaf(prepared.state, "hypers");
      for (let step = 0; step < 3; step++) await prepared.advance(host, step);
      const after = leaf(await session.read(["hypers"]), "hypers");
      return after.map((value, i) => value - (before[i] as number));
    },
  );

test("hyperparameters on a linear scale go their share of the step, those on a log scale all of it", async () => {
  const [whole, part] = [await stepAt(1), await stepAt(0.25)];
  expect(whole.map(Math.abs).every((step) => step > 1e-9)).toBe(true);
  for (const i of [0, 1]) expect((part[i] as number) / (whole[i] as number)).toBeCloseTo(0.25, 6);
  expect(part[2]).toBeCloseTo(whole[2] as number, 12);
});
