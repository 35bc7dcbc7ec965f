import { beforeAll, describe, expect, test } from "vitest";

import { ridge, type LinearData } from "../../src/problem/ridge.ts";
import { dense } from "../../src/response/dense.ts";
import { factored } from "../../src/response/factored.ts";
import type { Response } from "../../src/response/response.ts";
import {
  bestResponse,
  centeredFit,
  hypergradient,
  jointFit,
  normalMoments,
  optimalPenalty,
  penaltyMoments,
  responseDerivative,
} from "../../src/testing/ridge-oracle.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import type { SelfTuningOptions } from "../../src/tuners/self-tuning-options.ts";
import { stn } from "../../src/tuners/stn.ts";
import type { Tuner } from "../../src/tuners/tuner.ts";
import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import { HostArray, type HostTree } from "../../src/util/host-array.ts";
import { leaf, linearData, ready, settle, tuneFully } from "./settle.ts";

const train: LinearData = linearData(1, 12, 3, [1, -2, 0.5], 1);
const valid: LinearData = linearData(2, 12, 3, [1, -2, 0.5], 1);
const lambda = 0.7;

/** Perturbations with mean 0 and unit variance, one for each copy of the data. */
const COPIES = 8;
const draws = (() => {
  const z = Array.from(
    { length: COPIES },
    (_, k) => (k % 2 === 0 ? 1 : -1) * (0.3 + 0.4 * Math.floor(k / 2)),
  );
  const scale = Math.sqrt(z.reduce((sum, v) => sum + v * v, 0) / COPIES);
  return z.map((v) => v / scale);
})();
const copiedDraws = new HostArray(Float64Array.from(draws.flatMap((z) => train.y.map(() => z))), [
  COPIES * train.y.length,
  1,
]);

const perturbation = () => copiedDraws;

const taskAt = (scale: number) =>
  ridge({ train, valid, start: lambda, copies: COPIES, perturbation: { scale, tuneScale: false } });

const responses: readonly Response[] = [factored, dense];

/** w(h) = base + slope h of a response fitted to ridge, where h starts at the method's origin. */
function fitted(state: Record<string, HostTree>, response: Response): { base: number[]; slope: number[] } {
  const base = leaf(state, "params.w.weight");
  if (response === dense) return { base, slope: leaf(state, "response.w.weight") };
  const [gain] = leaf(state, "response.w.weightGain") as [number];
  return { base, slope: leaf(state, "response.w.weightDirection").map((v) => gain * v) };
}

const settled = async (method: (options: SelfTuningOptions) => Tuner, response: Response, scale: number) =>
  fitted(
    await settle(taskAt(scale), method({ response, learningRate: 0.02 }), { steps: 1200, perturbation }),
    response,
  );

const near = (actual: readonly number[], expected: readonly number[], tolerance: number) =>
  actual.forEach((value, i) => expect(Math.abs(value - (expected[i] as number))).toBeLessThan(tolerance));

beforeAll(ready);

describe("closed forms of ridge agree with each other", () => {
  test("the derivative of the best response is its central difference", () => {
    const step = 1e-5;
    const [up, down] = [bestResponse(train, lambda + step), bestResponse(train, lambda - step)];
    near(
      responseDerivative(train, lambda),
      up.map((v, i) => (v - (down[i] as number)) / (2 * step)),
      1e-8,
    );
  });

  test("O3 and O4 approach the tangent by a factor of 4 when the width halves", () => {
    const tangent = responseDerivative(train, lambda);
    const error = (slope: readonly number[]) =>
      Math.hypot(...slope.map((v, i) => v - (tangent[i] as number)));
    for (const fit of [
      jointFit,
      (data: LinearData, m: ReturnType<typeof normalMoments>) => centeredFit(data, lambda, m),
    ]) {
      const ratio =
        error(fit(train, normalMoments(lambda, 0.02)).slope) /
        error(fit(train, normalMoments(lambda, 0.01)).slope);
      expect(ratio).toBeGreaterThan(3.9);
      expect(ratio).toBeLessThan(4.1);
    }
  });

  test("the moments over many draws are those of the normal distribution", () => {
    const z = Array.from({ length: 4001 }, (_, i) => -5 + i / 400);
    const weights = z.map((v) => Math.exp((-v * v) / 2));
    const total = weights.reduce((sum, w) => sum + w, 0);
    const mean = (f: (e: number) => number) =>
      z.reduce((sum, v, i) => sum + f(0.6 * v) * (weights[i] as number), 0) / total;
    const { m0, m1, m2 } = normalMoments(lambda, 0.6);
    expect(mean((e) => Math.exp(lambda + e))).toBeCloseTo(m0, 4);
    expect(mean((e) => e * Math.exp(lambda + e))).toBeCloseTo(m1, 3);
    expect(mean((e) => e * e * Math.exp(lambda + e))).toBeCloseTo(m2, 2);
  });
});

describe("O2: plain training ends at the best response", () => {
  test("fixed", async () => {
    const state = await settle(taskAt(1), fixed({ learningRate: 0.02 }), { steps: 600 });
    near(leaf(state, "params.w.weight"), bestResponse(train, lambda), 1e-7);
  });
});

describe.each(responses.map((response) => [response.name, response] as const))(
  "%s response",
  (_, response) => {
    const scale = 0.8;
    const moments = penaltyMoments(
      lambda,
      draws.map((z) => z * scale),
    );

    test("O3: STN ends at the joint affine fit, whose weights are biased", async () => {
      // an STN's input is λ + ε, so its base weights are those of the fit at λ minus Θ λ
      const expected = jointFit(train, moments);
      const { base, slope } = await settled(stn, response, scale);
      near(slope, expected.slope, 1e-6);
      near(
        base,
        expected.base.map((w, i) => w - (expected.slope[i] as number) * lambda),
        1e-6,
      );
      const bias = expected.base.map((w, i) => w - (bestResponse(train, lambda)[i] as number));
      expect(Math.hypot(...bias)).toBeGreaterThan(0.05);
    });

    test("O4: centred STN and Delta-STN end at the centred fit, with the weights of plain training", async () => {
      const expected = centeredFit(train, lambda, moments);
      for (const method of [centeredStn, deltaStn]) {
        const { base, slope } = await settled(method, response, scale);
        near(base, expected.base, 1e-7);
        near(slope, expected.slope, 1e-6);
      }
    });

    test("O2: the response's derivative approaches that of the best response by a factor of 4 when the width halves", async () => {
      const tangent = responseDerivative(train, lambda);
      const errorAt = async (width: number) => {
        const { slope } = await settled(deltaStn, response, width);
        return Math.hypot(...slope.map((v, i) => v - (tangent[i] as number)));
      };
      const ratio = (await errorAt(0.4)) / (await errorAt(0.2));
      expect(ratio).toBeGreaterThan(3.2);
      expect(ratio).toBeLessThan(5);
    });
  },
);

describe("O6: tuning ends at the optimal penalty", () => {
  test("the bisection's hypergradient is the central difference of the validation loss", () => {
    expect(Math.abs(hypergradient(train, valid, optimalPenalty(train, valid)))).toBeLessThan(1e-9);
  });

  test.each([
    ["centered-stn", "factored", centeredStn, factored],
    ["centered-stn", "dense", centeredStn, dense],
    ["delta-stn", "factored", deltaStn, factored],
    ["delta-stn", "dense", deltaStn, dense],
  ] as const)("%s with the %s response", async (_, __, method, response) => {
    const task = ridge({
      train,
      valid,
      start: -1,
      copies: COPIES,
      perturbation: { scale: 0.2, tuneScale: false },
    });
    const tuner = method({
      response,
      learningRate: 0.02,
      warmupEpochs: 200,
      hyperOptimizer: gradientDescent(),
      hyperLearningRate: 0.1,
    });
    const state = await tuneFully(task, tuner, { steps: 1200, perturbation });
    expect(Math.abs((leaf(state, "hypers")[0] as number) - optimalPenalty(train, valid))).toBeLessThan(0.01);
  });
});
