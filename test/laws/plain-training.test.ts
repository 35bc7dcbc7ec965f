import { describe, expect, test } from "vitest";

import { sgd } from "../../src/nn/optim/sgd.ts";
import { real } from "../../src/space/real.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { drawNoise, drawPerturbation } from "../../src/tuners/noise.ts";
import { stn } from "../../src/tuners/stn.ts";
import { responses } from "../contracts/responses.ts";
import { leaf, settle } from "../oracles/settle.ts";

const STEPS = 20;
const weights = ["params.fc1.weight", "params.fc1.bias", "params.fc2.weight", "params.fc2.bias"];

/** Where every unconstrained hyperparameter starts at 0, so that a plain STN's response gives w0 there. */
const atOrigin = (scale: number) =>
  smallTask({
    hypers: {
      "dropout.input": real(0.2, { low: 0, high: 0.4, scale, perturb: "minibatch" }),
      "dropout.fc1": real(0.3, { low: 0, high: 0.6, scale, perturb: "minibatch" }),
      l2: real(0.01, { low: 1e-4, high: 1, log: true, scale, perturb: "minibatch" }),
    },
  });

/** The greatest difference between the base weights after some steps and those of plain training. */
async function distance(task: ReturnType<typeof smallTask>, tuner: ReturnType<typeof stn>): Promise<number> {
  const [state, plain] = [
    await settle(task, tuner, { steps: STEPS }),
    await settle(task, fixed(), { steps: STEPS }),
  ];
  const gaps = weights.flatMap((path) => {
    const expected = leaf(plain, path);
    return leaf(state, path).map((w, i) => Math.abs(w - (expected[i] as number)));
  });
  return Math.max(...gaps);
}

const listed = Object.entries(responses);

describe.each([
  ["centered-stn", centeredStn],
  ["delta-stn", deltaStn],
] as const)(
  "%s trains its base weights as plain training does, however wide the perturbations",
  (_, method) => {
    test.each(listed)("response %s", async (_name, { response }) => {
      expect(await distance(atOrigin(2), method({ response }))).toBeLessThan(1e-12);
    });
  },
);

describe("a plain STN trains its base weights as plain training does, where nothing is perturbed and λ = 0", () => {
  test.each(listed)("response %s", async (_name, { response }) => {
    expect(await distance(atOrigin(1e-12), stn({ response }))).toBeLessThan(1e-11);
  });

  test("but not where something is", async () => {
    expect(await distance(atOrigin(1), stn())).toBeGreaterThan(1e-3);
  });
});

describe.each([
  ["centered-stn", centeredStn],
  ["delta-stn", deltaStn],
] as const)("%s whose response learns in every third step", (_, method) => {
  test("trains its base weights as plain training does", async () => {
    expect(await distance(atOrigin(2), method({ responseEvery: 3 }))).toBeLessThan(1e-12);
  });

  test("leaves the response as it is in the other steps", async () => {
    const gainAfter = async (steps: number) =>
      leaf(await settle(atOrigin(1), method({ responseEvery: 3 }), { steps }), "response.fc1.weightGain");
    const [start, second, third, fifth, sixth] = [
      ...[await gainAfter(0), await gainAfter(2), await gainAfter(3)],
      ...[await gainAfter(5), await gainAfter(6)],
    ];
    expect(second).toEqual(start);
    expect(third).not.toEqual(start);
    expect(fifth).toEqual(third);
    expect(sixth).not.toEqual(third);
  });

  test("is refused where the run has no such step", () => {
    const prepare = (epochs: number) =>
      method({ responseEvery: 8 }).prepare(atOrigin(1), 0, { epochs, stepsPerEpoch: 4 });
    expect(() => prepare(2)).not.toThrow();
    expect(() => prepare(1)).toThrow(
      "`responseEvery` must be at most the training steps of the run, 4, or no response is learned, but got 8; lower it",
    );
  });

  test("learns in those steps as it would in each, where the weights stand still", async () => {
    const still = { optimizer: sgd({ momentum: 0 }), learningRate: 0, responseLearningRate: 0.03 };
    const task = atOrigin(1);
    const inputs = {
      perturbation: () => drawPerturbation(task.problem.space, 0, "train", 0, 1),
      noise: () => drawNoise(task.problem.noise, 0, 0, task.data.train.rows),
    };
    const [seldom, each] = [
      await settle(task, method({ ...still, responseEvery: 3 }), { ...inputs, steps: 12 }),
      await settle(task, method(still), { ...inputs, steps: 4 }),
    ];
    expect(leaf(seldom, "response.fc1.weightGain")).toEqual(leaf(each, "response.fc1.weightGain"));
  });
});

test("the response does learn while the base weights follow plain training", async () => {
  const state = await settle(atOrigin(1), deltaStn(), { steps: STEPS });
  expect(Math.max(...leaf(state, "response.fc1.weightGain").map(Math.abs))).toBeGreaterThan(1e-4);
});
