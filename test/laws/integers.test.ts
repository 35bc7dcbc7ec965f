import { numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";

import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import type { Problem, Task } from "../../src/problem/problem.ts";
import { integer } from "../../src/space/integer.ts";
import { createSpace, toNatural } from "../../src/space/space.ts";
import { softplus } from "../../src/space/transform.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { drawPerturbation } from "../../src/tuners/noise.ts";
import { stn } from "../../src/tuners/stn.ts";
import { hostVector } from "../../src/util/host-array.ts";
import { inSession, leaf, tuneFully } from "../oracles/settle.ts";

const methods = [
  ["stn", stn],
  ["centered-stn", centeredStn],
  ["delta-stn", deltaStn],
] as const;

const [LOW, HIGH] = [0, 6];
const realOf = (u: number): number => LOW + (HIGH + 1 - LOW) / (1 + Math.exp(-u)); // what is floored

/** L_T = ½ (w - n)², L_V = ½ (w - 4)² + ½ c (n - 4)² with an integer n. */
function counted(direct: number): Task {
  const halfSquare = (difference: np.Array) => np.square(difference).mul(0.5).reshape([1]);
  const problem: Problem = {
    name: "counted",
    space: createSpace({
      n: integer(1, { low: LOW, high: HIGH, perturb: "minibatch", scale: 0.5, tuneScale: false }),
    }),
    noise: {},
    init: () => ({ w: hostVector([0]) }),
    predict: (layers) => (layers.params() as { w: np.Array }).w,
    loss: (w, _batch, { n }) => halfSquare((w as np.Array).sub(n as np.Array)),
    validLoss: (w, _batch, { n }) =>
      halfSquare((w as np.Array).sub(4)).add(halfSquare((n as np.Array).sub(4)).mul(direct)),
  };
  const nothing = { rows: 1, fields: {} };
  return { problem, data: { train: nothing, valid: nothing } };
}

describe("an integer hyperparameter", () => {
  test("is an integer wherever the training loss sees it", async () => {
    const task = smallTask({ hypers: { l2: integer(2, { low: 0, high: 5, scale: 1.5 }) } });
    const tuner = stn();
    const { penalty, squares, u, sigma } = await inSession(task, tuner, {}, async ({ prepared, host }) => {
      const report = await prepared.advance({ ...host, stepsPerEpoch: Infinity }, 0);
      const weights = ["params.fc1.weight", "params.fc2.weight"].flatMap((path) =>
        leaf(prepared.state, path),
      );
      return {
        penalty: report.penalty,
        squares: weights.reduce((sum, w) => sum + w * w, 0),
        u: leaf(prepared.state, "hypers")[0] as number,
        sigma: softplus.forward(leaf(prepared.state, "scales")[0] as number),
      };
    });
    const z = [...drawPerturbation(task.problem.space, 0, "train", 0, 24).data];
    const seen = z.map((v) => Math.floor(6 / (1 + Math.exp(-(u + sigma * v)))));
    expect(new Set(seen).size).toBeGreaterThan(2);
    const expected = (0.5 * squares * seen.reduce((sum, n) => sum + n, 0)) / seen.length;
    expect(Math.abs(penalty - expected)).toBeLessThan(1e-6 * expected);
  });

  test("moves by the derivative of the real number behind it, taken at the integer", async () => {
    const tuner = deltaStn({
      hyperOptimizer: gradientDescent(),
      hyperLearningRate: 0.01,
      learningRate: 0, // Θ stays 0: validation sees n alone
      warmupEpochs: 0,
      trainSteps: 1,
    });
    await inSession(counted(1), tuner, {}, async ({ prepared, session, host }) => {
      const [u] = leaf(prepared.state, "hypers") as [number];
      await prepared.advance(host, 0);
      const [after] = leaf(await session.read(), "hypers") as [number];
      const s = 1 / (1 + Math.exp(-u));
      const slope = (1 - 4) * (HIGH + 1 - LOW) * s * (1 - s);
      expect(Math.floor(realOf(u))).toBe(1);
      expect(Math.abs(after - u + 0.01 * slope)).toBeLessThan(1e-7);
    });
  });

  test.each(methods)("is tuned to the best integer through the response by %s", async (_, method) => {
    const tuner = method({
      learningRate: 0.05,
      warmupEpochs: 100,
      trainSteps: 2,
      hyperOptimizer: gradientDescent(),
      hyperLearningRate: 0.02,
    });
    const task = counted(0);
    const state = await tuneFully(task, tuner, { steps: 1200 });
    expect(toNatural(task.problem.space, leaf(state, "hypers"))).toEqual({ n: 4 });
  });
});
