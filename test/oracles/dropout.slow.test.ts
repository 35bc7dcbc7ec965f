import { beforeAll, describe, expect, test } from "vitest";

import { mlp } from "../../src/nn/mlp.ts";
import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import type { LinearData } from "../../src/problem/ridge.ts";
import { supervised } from "../../src/problem/supervised.ts";
import { dense } from "../../src/response/dense.ts";
import { factored } from "../../src/response/factored.ts";
import { lowRank } from "../../src/response/low-rank.ts";
import { real, type RealOptions } from "../../src/space/real.ts";
import { dropoutWeights, evenUniforms } from "../../src/testing/dropout-oracle.ts";
import { meanSquaredError } from "../../src/testing/lasso-oracle.ts";
import { gridMinimum } from "../../src/testing/line-search.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { stn } from "../../src/tuners/stn.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { leaf, linearData, ready, settle, tuneFully } from "./settle.ts";
import { regressionData } from "./supervised-data.ts";

const FEATURES = 3;
const ROWS = 8;
const LEVELS = 7;
const COPIES = LEVELS * LEVELS;
const HIGH = 0.95;

const train: LinearData = linearData(1, ROWS, FEATURES, [1, -0.6, 0.3], 1);
const valid: LinearData = linearData(2, 40, FEATURES, [1, -0.6, 0.3], 1);

/** Every row of the data once for each copy, copy after copy. */
const copied: LinearData = {
  x: Array.from({ length: COPIES }, () => train.x).flat(),
  y: Array.from({ length: COPIES }, () => train.y).flat(),
};

/** One mask for each copy. */
const masks = (offset: number) => {
  const draws = evenUniforms(LEVELS, FEATURES, offset).flatMap((u) => train.y.flatMap(() => u));
  return { input: new HostArray(Float64Array.from(draws), [COPIES * ROWS, FEATURES]) };
};

const taskAt = (rate: number, perturbation: RealOptions = {}) =>
  supervised({
    data: regressionData(copied, valid),
    network: mlp({ inputs: FEATURES, hidden: [], outputs: 1 }),
    hypers: { "dropout.input": real(rate, { low: 0, high: HIGH, tuneScale: false, ...perturbation }) },
  });

const validLoss = (rate: number): number => meanSquaredError(valid, dropoutWeights(train, rate));

beforeAll(ready);

describe("O10: training with dropout ends at the ridge solution", () => {
  test.each([1, 3, 5])("at the rate %d/7", async (dropped) => {
    const rate = dropped / LEVELS;
    const state = await settle(taskAt(rate), fixed({ learningRate: 0.02 }), {
      steps: 600,
      noise: () => masks(0.5),
    });
    const weights = leaf(state, "params.fc1.weight");
    dropoutWeights(train, rate).forEach((w, j) =>
      expect(Math.abs((weights[j] as number) - w)).toBeLessThan(1e-7),
    );
    expect(Math.abs(leaf(state, "params.fc1.bias")[0] as number)).toBeLessThan(1e-7);
  });
});

/** A standard normal's eight octiles, shuffled over the copies apart from the masks. */
const octiles = [-1.534, -0.887, -0.489, -0.157, 0.157, 0.489, 0.887, 1.534];
const byCopy = (step: number) =>
  new HostArray(
    Float64Array.from(
      { length: COPIES * ROWS },
      (_, i) => octiles[(5 * Math.floor(i / ROWS) + 3 * step) % octiles.length] as number,
    ),
    [COPIES * ROWS, 1],
  );
const inTurn = (step: number) => new HostArray(Float64Array.of(step % 2 === 0 ? 1 : -1), [1, 1]);

describe("O10: tuning ends at the best dropout rate of a fine grid", () => {
  let best = NaN;
  beforeAll(() => {
    best = gridMinimum(validLoss, [0, 0.94], 941);
  });

  test("which is not at an end of the range", () => {
    expect(best).toBeGreaterThan(0.1);
    expect(best).toBeLessThan(0.8);
  });

  test.each([
    ["stn, factored", stn, factored],
    ["centered-stn, factored", centeredStn, factored],
    ["delta-stn, factored", deltaStn, factored],
    ["stn, dense", stn, dense],
    ["centered-stn, dense", centeredStn, dense],
    ["delta-stn, dense", deltaStn, dense],
    ["delta-stn, low-rank", deltaStn, lowRank(3)],
  ] as const)("%s", async (_, method, response) => {
    const shared = response.name === "low-rank";
    const task = taskAt(0.3, { scale: 0.6, perturb: shared ? "minibatch" : "example" });
    const tuner = method({
      response,
      learningRate: 0.05,
      warmupEpochs: 200,
      hyperOptimizer: gradientDescent(),
      hyperLearningRate: 0.5,
    });
    const golden = (Math.sqrt(5) - 1) / 2;
    const state = await tuneFully(task, tuner, {
      steps: 1000,
      perturbation: shared ? inTurn : byCopy,
      noise: (step) => masks((step * golden) % 1),
    });
    const [u] = leaf(state, "hypers") as [number];
    const rate = HIGH / (1 + Math.exp(-u));
    expect(Math.abs(rate - best)).toBeLessThan(0.01);
  });
});
