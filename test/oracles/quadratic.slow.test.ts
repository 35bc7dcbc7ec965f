import { beforeAll, describe, expect, test } from "vitest";

import { adam } from "../../src/nn/optim/adam.ts";
import { quadratic } from "../../src/problem/quadratic.ts";
import { lowRank } from "../../src/response/low-rank.ts";
import { dense } from "../../src/response/dense.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { solve } from "../../src/testing/linear-algebra.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { stn } from "../../src/tuners/stn.ts";
import { leaf, ready, settle, tuneFully } from "./settle.ts";

const curvature = [
  [2, 0.3, 0],
  [0.3, 1, -0.2],
  [0, -0.2, 1.5],
];
const coupling = [
  [1, 0.5, -0.4],
  [-0.2, 0.8, 0.6],
];
const linear = [0.3, -0.7, 0.2];

/** -A^-1 (B'λ + c). */
const bestResponse = (lambda: readonly number[]): number[] =>
  solve(
    curvature,
    linear.map((c, j) => -(c + lambda.reduce((sum, l, k) => sum + l * (coupling[k]?.[j] as number), 0))),
  );

const tuners = [
  ["stn", stn],
  ["centered-stn", centeredStn],
  ["delta-stn", deltaStn],
] as const;

/** ±sqrt 2 along one axis after the other: mean 0, variance 1 and bounded, so that large widths need no tiny steps. */
const axes = (step: number): HostArray => {
  const z = (step % 2 === 0 ? 1 : -1) * Math.SQRT2;
  return new HostArray(step % 4 < 2 ? Float64Array.of(z, 0) : Float64Array.of(0, z), [1, 2]);
};

beforeAll(ready);

describe.each(tuners)("O1: %s with a dense response", (_, method) => {
  test.each([0.1, 1, 5])("finds the affine best response exactly at perturbation width %d", async (scale) => {
    const task = quadratic({
      curvature,
      coupling,
      linear,
      target: [0, 0, 0],
      start: 0.4,
      perturbation: { scale },
    });
    const learningRate = scale < 1 ? 0.1 : 0.02 / (scale * scale);
    const state = await settle(task, method({ response: dense, learningRate }), { steps: 3000 });
    const base = leaf(state, "params.w");
    const slope = leaf(state, "response.w"); // [2, 3]
    const origin = method === stn ? [0, 0] : [0.4, 0.4];
    const tolerance = 1e-6;
    bestResponse(origin).forEach((w, j) => expect(Math.abs((base[j] as number) - w)).toBeLessThan(tolerance));
    for (const k of [0, 1]) {
      const moved = bestResponse(origin.map((l, i) => l + (i === k ? 1 : 0)));
      bestResponse(origin).forEach((w, j) => {
        expect(Math.abs((slope[3 * k + j] as number) - ((moved[j] as number) - w))).toBeLessThan(tolerance);
      });
    }
  });
});

describe("a low-rank response of full rank", () => {
  test("finds the affine best response, too", async () => {
    const task = quadratic({ curvature, coupling, linear, target: [0, 0, 0], perturbation: { scale: 1 } });
    const state = await settle(task, deltaStn({ response: lowRank(3), learningRate: 0.02 }), {
      steps: 3000,
      perturbation: axes,
    });
    const gain = leaf(state, "response.w.gain"); // [2, 3]
    const direction = leaf(state, "response.w.direction"); // [3, 3]
    for (const k of [0, 1]) {
      const moved = bestResponse([k === 0 ? 1 : 0, k === 1 ? 1 : 0]);
      bestResponse([0, 0]).forEach((w, j) => {
        const slope = [0, 1, 2].reduce(
          (sum, r) => sum + (gain[3 * k + r] as number) * (direction[3 * r + j] as number),
          0,
        );
        expect(Math.abs(slope - ((moved[j] as number) - w))).toBeLessThan(1e-5);
      });
    }
  });
});

describe("tuning a quadratic problem", () => {
  test.each(tuners)("%s ends where the weights are nearest to the target", async (_, method) => {
    const target = bestResponse([0.8, -0.5]); // attainable, so the optimum is unique and known
    const task = quadratic({
      curvature,
      coupling,
      linear,
      target,
      perturbation: { scale: 0.5, tuneScale: false },
    });
    const tuner = method({
      learningRate: 0.05,
      warmupEpochs: 300,
      hyperOptimizer: adam(),
      hyperLearningRate: 0.01,
    });
    const state = await tuneFully(task, tuner, { steps: 3500 });
    const [first, second] = leaf(state, "hypers") as [number, number];
    expect(Math.abs(first - 0.8)).toBeLessThan(1e-3);
    expect(Math.abs(second + 0.5)).toBeLessThan(1e-3);
  });
});
