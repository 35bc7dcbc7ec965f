import type { numpy as np } from "@jax-js/jax";
import { defaultDevice, init, lax } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import type { Layer } from "../nn/layer.ts";
import type { Problem, Task } from "../problem/problem.ts";
import { linearHypernet } from "../response/hypernet.ts";
import { fixedHypers } from "../space/distribution.ts";
import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { smallTask } from "../testing/small-task.ts";
import { hostScalar, type HostArray, type HostTree } from "../util/host-array.ts";
import { deltaStn } from "./delta-stn.ts";
import { fixed } from "./fixed.ts";
import { globalHyperTraining, hyperTraining, simplifiedHyperTraining } from "./hyper-training.ts";
import { endlessRun } from "./tuner.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

/** The small task with one hyperparameter more, which its functions see but do not use. */
function withSpare(use: Partial<Problem> = {}): Task {
  const { problem, data } = smallTask();
  const space = createSpace({ ...problem.space.hypers, spare: real(0.1) });
  return { problem: { ...problem, space, ...use }, data };
}

describe("a hyperparameter on which no loss depends is refused", () => {
  test.each([hyperTraining(), globalHyperTraining({ hypernetEpochs: 1 }), deltaStn()])(
    "by $name",
    (tuner) => {
      expect(() => tuner.prepare(withSpare(), 0, endlessRun)).toThrow(
        `${tuner.name} must see the training loss change with every hyperparameter, but that of "mlp on three classes" does not depend on "spare"`,
      );
    },
  );

  test("also where it appears without a derivative", () => {
    const { problem } = smallTask();
    const { loss } = problem;
    const held: Partial<Problem> = {
      loss: (outputs, batch, hypers) =>
        loss(outputs, batch, hypers).mul(lax.stopGradient((hypers.spare as np.Array).ref)),
    };
    expect(() => hyperTraining().prepare(withSpare(held), 0, endlessRun)).toThrow(
      /does not depend on "spare"/,
    );
  });

  test("but not where the penalty uses it", () => {
    const [fc1] = smallTask().problem.layers as readonly [Layer];
    const used: Partial<Problem> = {
      penalty: (layers, { spare }) => layers.squaredNorm(fc1).mul((spare as np.Array).ref),
    };
    const { prepare } = hyperTraining();
    const task = withSpare(used);
    expect(() => prepare(task, 0, endlessRun)).toThrow(/does not depend on "l2"/); // which this penalty has replaced
    const space = createSpace({ spare: real(0.1) });
    const only = { ...task.problem, space, noise: {}, predict: smallTask({ hypers: {} }).problem.predict };
    expect(() => prepare({ ...task, problem: only }, 0, endlessRun)).not.toThrow();
  });

  test("and training with hyperparameters held does not mind", () => {
    expect(() => fixed().prepare(withSpare(), 0, endlessRun)).not.toThrow();
  });
});

describe("bad combinations", () => {
  test("p(λ) of one point", () => {
    const distribution = fixedHypers([[0, 0, 0]]);
    expect(() =>
      globalHyperTraining({ hypernetEpochs: 1, distribution }).prepare(smallTask(), 0, endlessRun),
    ).toThrow(/must have more than one point, but fixed has 1; widen it, or use hyper-training/);
  });

  test("a hypernetwork that is larger than memory", () => {
    const tuner = hyperTraining({ hypernet: linearHypernet(), memoryLimit: 1000 });
    expect(() => tuner.prepare(smallTask(), 0, endlessRun)).toThrow(
      /must fit into memory \(9\.31e-7 GiB\), but the linear one for 3 hyperparameters and 31 weights takes 1.85e-6 GiB; a factored one of 10 units takes/,
    );
  });

  test("no samples", () => {
    expect(() => hyperTraining({ samples: 0 }).prepare(smallTask(), 0, endlessRun)).toThrow(
      /samples must be a positive integer/,
    );
  });

  test("no hyperparameters", () => {
    expect(() => simplifiedHyperTraining().prepare(smallTask({ hypers: {} }), 0, endlessRun)).toThrow(
      /must have at least one hyperparameter to tune/,
    );
  });
});

test("pairs of samples lie on either side of λ^, of an odd number the last alone", async () => {
  const fed: number[][] = [];
  const host = {
    stepsPerEpoch: 4,
    run: (program: string, inputs: Readonly<Record<string, HostTree>>) => {
      if (program === "train") fed.push(Array.from((inputs.draws as HostArray).data));
      return Promise.resolve({ loss: hostScalar(0), penalty: hostScalar(0) });
    },
    trainInputs: () => ({ batch: {}, noise: {} }),
    validBatch: () => ({}),
    perturbation: () => hostScalar(0),
  };
  const drawsOf = async (perturbations: "independent" | "paired") => {
    await hyperTraining({ samples: 5, scale: 0.5, perturbations, warmupEpochs: 9 })
      .prepare(smallTask(), 1, endlessRun)
      .advance(host, 0);
    return fed.at(-1) as number[];
  };
  const size = smallTask().problem.space.size;
  const [single, paired] = [await drawsOf("independent"), await drawsOf("paired")];
  expect(paired.slice(0, 2 * size)).toEqual(single.slice(0, 2 * size));
  expect(paired.slice(2 * size, 4 * size)).toEqual(single.slice(0, 2 * size).map((z) => -z));
  expect(paired.slice(4 * size)).toEqual(single.slice(4 * size));
});
