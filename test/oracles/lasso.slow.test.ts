import { beforeAll, describe, expect, test } from "vitest";

import { mlp } from "../../src/nn/mlp.ts";
import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import type { LinearData } from "../../src/problem/ridge.ts";
import { supervised } from "../../src/problem/supervised.ts";
import { dense } from "../../src/response/dense.ts";
import { factored } from "../../src/response/factored.ts";
import { lowRank } from "../../src/response/low-rank.ts";
import { real } from "../../src/space/real.ts";
import { lassoWeights, meanSquaredError, softThreshold } from "../../src/testing/lasso-oracle.ts";
import { gridMinimum } from "../../src/testing/line-search.ts";
import { orthogonalColumns } from "../../src/testing/linear-algebra.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { stn } from "../../src/tuners/stn.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { leaf, linearData, ready, settle, tuneFully } from "./settle.ts";
import { regressionData } from "./supervised-data.ts";

const ROWS = 16;
const truth = [1.5, -1, 0, 0];
const train: LinearData = scaled(linearData(5, ROWS, 4, truth, 1.5));
const valid: LinearData = linearData(8, 40, 4, truth, 1.5);

function scaled(data: LinearData): LinearData {
  return { ...data, x: orthogonalColumns(data.x, Math.sqrt(ROWS)) };
}

const taskAt = (weight: number) =>
  supervised({
    data: regressionData(train, valid),
    network: mlp({ inputs: 4, hidden: [], outputs: 1 }),
    hypers: { l1: real(weight, { low: 0, high: 4, scale: 0.2, tuneScale: false }) },
  });

const validLoss = (weight: number): number => meanSquaredError(valid, lassoWeights(train, weight));
const best = gridMinimum(validLoss, [0, 4], 4001);

/** A weight at 0 is crossed at every step, so the steps must shrink. */
const falling = (step: number): number => 0.995 ** step;

beforeAll(ready);

describe("the closed form of the lasso", () => {
  test("is the minimum of the training loss in every coordinate", () => {
    const w = lassoWeights(train, 0.7);
    const loss = (at: readonly number[]) =>
      meanSquaredError(train, at) + 0.7 * at.reduce((sum, v) => sum + Math.abs(v), 0);
    for (const j of w.keys()) {
      for (const d of [1e-4, -1e-4]) {
        expect(loss(w.map((v, i) => (i === j ? v + d : v)))).toBeGreaterThan(loss(w));
      }
    }
  });

  test("has its optimum inside, where some weights are 0 and some are not", () => {
    expect(best).toBeGreaterThan(0.1);
    expect(best).toBeLessThan(3.5);
    const zeros = lassoWeights(train, best).filter((w) => w === 0).length;
    expect(zeros).toBeGreaterThan(0);
    expect(zeros).toBeLessThan(4);
    expect(softThreshold(-2, 0.5)).toBe(-1.5);
  });
});

describe("O9: plain training ends at the soft threshold", () => {
  test("fixed", async () => {
    const state = await settle(taskAt(0.7), fixed({ learningRate: 0.03, schedule: falling }), {
      steps: 2000,
    });
    const weights = leaf(state, "params.fc1.weight");
    lassoWeights(train, 0.7).forEach((w, j) =>
      expect(Math.abs((weights[j] as number) - w)).toBeLessThan(1e-4),
    );
    expect(Math.abs(leaf(state, "params.fc1.bias")[0] as number)).toBeLessThan(1e-6);
  });
});

/** The whole minibatch shares a perturbation, +1 and -1 in turn. */
const inTurn = (step: number) => new HostArray(Float64Array.of(step % 2 === 0 ? 1 : -1), [1, 1]);

describe.each([
  ["stn", stn],
  ["centered-stn", centeredStn],
  ["delta-stn", deltaStn],
] as const)("O9: %s ends at the best L1 penalty of a fine grid", (_, method) => {
  test.each([factored, dense, lowRank(4)])("with the response $name", async (response) => {
    const tuner = method({
      response,
      learningRate: response.name === "low-rank" ? 0.02 : 0.05,
      schedule: (step) => 0.9985 ** step,
      warmupEpochs: 200,
      trainSteps: 2,
      hyperOptimizer: gradientDescent(),
      hyperLearningRate: 0.1,
    });
    const state = await tuneFully(taskAt(0.3), tuner, { steps: 1600, perturbation: inTurn });
    const [u] = leaf(state, "hypers") as [number];
    const weight = 4 / (1 + Math.exp(-u));
    expect(Math.abs(weight - best)).toBeLessThan(0.02);
  });
});
