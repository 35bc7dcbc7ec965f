import { beforeAll, describe, expect, test } from "vitest";

import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import { ridge, type LinearData } from "../../src/problem/ridge.ts";
import { dense } from "../../src/response/dense.ts";
import { factored } from "../../src/response/factored.ts";
import { lowRank } from "../../src/response/low-rank.ts";
import type { Response } from "../../src/response/response.ts";
import { orthogonalColumns, transposedTimes } from "../../src/testing/linear-algebra.ts";
import { optimalPenalty } from "../../src/testing/ridge-oracle.ts";
import { bisection } from "../../src/testing/line-search.ts";
import { jointShrinkage, optimalLambda, optimalShrinkage } from "../../src/testing/shrinkage-oracle.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import type { SelfTuningOptions } from "../../src/tuners/self-tuning-options.ts";
import { stn } from "../../src/tuners/stn.ts";
import type { Tuner } from "../../src/tuners/tuner.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { leaf, linearData, ready, tuneFully } from "./settle.ts";

const orthonormal = (data: LinearData): LinearData => ({ ...data, x: orthogonalColumns(data.x) });
const train = orthonormal(linearData(1, 12, 3, [1, -2, 0.5], 1));
const valid = orthonormal(linearData(3, 12, 3, [0.6, -1.2, 0.4], 1));

/** One copy of the data at +1, one at -1. */
const signs = new HostArray(Float64Array.from([1, -1].flatMap((z) => train.y.map(() => z))), [24, 1]);
/** +1 and -1 in turn. */
const inTurn = (step: number) => new HostArray(Float64Array.of(step % 2 === 0 ? 1 : -1), [1, 1]);

async function tuned(
  method: (options: SelfTuningOptions) => Tuner,
  response: Response,
  scale: number,
): Promise<{ lambda: number; weights: number[] }> {
  const perExample = response.name !== "low-rank";
  const perturbation = {
    scale,
    tuneScale: false,
    perturb: perExample ? ("example" as const) : ("minibatch" as const),
  };
  const task = ridge({ train, valid, start: 0.5, copies: 2, perturbation });
  const tuner = method({
    response,
    learningRate: perExample ? 0.05 : 0.02,
    warmupEpochs: 100,
    hyperOptimizer: gradientDescent(),
    hyperLearningRate: 0.03,
    trainSteps: 4,
  });
  const state = await tuneFully(task, tuner, {
    steps: perExample ? 800 : 1500,
    perturbation: (step) => (perExample ? signs : inTurn(step)),
  });
  return { lambda: leaf(state, "hypers")[0] as number, weights: leaf(state, "params.w.weight") };
}

beforeAll(ready);

test("the closed form is where the bisection for ridge in general ends", () => {
  expect(Math.abs(optimalLambda(train, valid) - optimalPenalty(train, valid))).toBeLessThan(1e-9);
});

describe.each([
  ["centered-stn", centeredStn],
  ["delta-stn", deltaStn],
] as const)("O5: %s ends at the optimum exactly, whatever the fixed scale", (_, method) => {
  test.each([factored, dense, lowRank(2)])("with the response $name", async (response) => {
    const best = optimalShrinkage(train, valid);
    const tolerance = response.name === "low-rank" ? 1e-4 : 1e-5; // smaller steps: a minibatch has one perturbation
    for (const scale of [0.3, 1]) {
      const { lambda, weights } = await tuned(method, response, scale);
      expect(Math.abs(lambda - optimalLambda(train, valid))).toBeLessThan(tolerance);
      transposedTimes(train.x, train.y).forEach((v, j) => {
        expect(Math.abs((weights[j] as number) - best * v)).toBeLessThan(tolerance);
      });
    }
  });
});

describe("O5: a plain STN's bias moves the hyperparameter by as much as its closed form says", () => {
  test.each([factored, dense])("with the response $name", async (response) => {
    const { lambda } = await tuned(stn, response, 1);
    const best = optimalShrinkage(train, valid);
    const biased = bisection((at) => jointShrinkage(at, [1, -1]) - best, [-10, 10]);
    expect(Math.abs(lambda - biased)).toBeLessThan(1e-5);
    expect(Math.abs(biased - optimalLambda(train, valid))).toBeGreaterThan(0.1);
  });
});
