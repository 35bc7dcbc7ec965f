/*
 * The implicit objective of a response: it ends at the derivative of the best response itself, however wide the perturbations, where the
 * sampled one ends at a fit that depends on them (O4); and its gradient is the residual of the linear system that Θ solves.
 */
import { beforeAll, describe, expect, test } from "vitest";

import { implicitPrograms } from "../../src/hypergrad/implicit.ts";
import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import type { Task } from "../../src/problem/problem.ts";
import { quadratic } from "../../src/problem/quadratic.ts";
import { ridge } from "../../src/problem/ridge.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { dense } from "../../src/response/dense.ts";
import { factored } from "../../src/response/factored.ts";
import { softplus } from "../../src/space/transform.ts";
import { solve } from "../../src/testing/linear-algebra.ts";
import { responseDerivative } from "../../src/testing/ridge-oracle.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { implicitCoordinates } from "../../src/tuners/implicit-response.ts";
import { drawNoise } from "../../src/tuners/noise.ts";
import type { SelfTuningOptions } from "../../src/tuners/self-tuning-options.ts";
import { endlessRun } from "../../src/tuners/tuner.ts";
import {
  flattened,
  HostArray,
  hostScalar,
  inStructure,
  mapTree,
  type HostTree,
} from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";
import { leaf, linearData, ready, settle } from "./settle.ts";

beforeAll(ready);

const methods = [
  ["centered-stn", centeredStn],
  ["delta-stn", deltaStn],
] as const;
const responseObjective = "implicit";

const near = (actual: readonly number[], expected: readonly number[], tolerance: number) => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(Math.abs(value - (expected[i] as number))).toBeLessThan(tolerance));
};

describe.each(methods)("the implicit response of %s", (_, method) => {
  test.each([
    ["factored", factored, 3],
    ["dense", dense, 0.1],
  ] as const)("is the derivative of ridge's best response, %s", async (_name, response, scale) => {
    const train = linearData(1, 12, 3, [1, -2, 0.5], 1);
    const task = ridge({ train, valid: train, start: 0.7, perturbation: { scale, tuneScale: false } });
    const rates = { learningRate: 0.02, responseLearningRate: 0.02 / scale ** 2 };
    const state = await settle(task, method({ response, ...rates, responseObjective }), { steps: 600 });
    const slope =
      response === dense
        ? leaf(state, "response.w.weight")
        : leaf(state, "response.w.weightDirection").map(
            (v) => v * (leaf(state, "response.w.weightGain")[0] as number),
          );
    near(slope, responseDerivative(train, 0.7), 1e-6);
  });
});

test("the implicit response of a quadratic problem with eight hyperparameters is -A⁻¹B'", async () => {
  const curvature = [
    [2, 0.3, 0],
    [0.3, 1, -0.2],
    [0, -0.2, 1.5],
  ];
  const coupling = Array.from({ length: 8 }, (_, k) => [1 - k / 9, 0.5, Math.sin(k) - 0.4]);
  const task = quadratic({ curvature, coupling, linear: [0.3, -0.7, 0.2], target: [0, 0, 0] });
  const tuner = deltaStn({ response: dense, learningRate: 0.05, responseObjective });
  const slope = leaf(await settle(task, tuner, { steps: 500 }), "response.w");
  const negative = (row: readonly number[]) => row.map((v) => -v);
  near(
    slope,
    coupling.flatMap((row) => solve(curvature, negative(row))),
    1e-6,
  );
});

describe("the gradient of a network's implicit response, with dropout and a softmax", () => {
  const task = smallTask();
  const random = (tree: HostTree, seed: number) =>
    mapTree(
      tree,
      ({ data, shape }) =>
        new HostArray(randomNormal(randomKey(seed, "test"), data.length, data.length), shape),
    );
  const { params, scales, hypers } = deltaStn({ response: dense }).prepare(task, 0, endlessRun)
    .state as Record<"params" | "scales" | "hypers", HostTree>;
  const theta = random(
    deltaStn({ response: dense }).prepare(task, 0, endlessRun).state.response as HostTree,
    3,
  );
  const { rows, fields } = task.data.train;
  const at = { batch: fields, noise: drawNoise(task.problem.noise, 0, 0, rows) };

  /** The gradient of Θ of one training step: [size, weights] for each leaf. */
  const gradientOf = async (options: SelfTuningOptions, z: Float64Array): Promise<HostTree> => {
    const tuner = deltaStn({ ...options, response: dense, optimizer: gradientDescent() });
    const prepared = tuner.prepare(task, 0, endlessRun);
    const session = (await onnxEngine()).open(
      prepared.programs,
      { ...prepared.state, response: theta },
      "float64",
    );
    const rate = { learningRate: hostScalar(1) };
    const perturbation = new HostArray(z, [rows, 3]);
    await session.run("train", { ...at, perturbation, settings: { params: rate, response: rate } });
    const { response } = (await session.read(["response"])) as { response: HostTree };
    session.dispose();
    const [before, after] = [flattened(theta), flattened(response)];
    return inStructure(
      theta,
      before.map((v, i) => v - (after[i] as number)),
    );
  };

  /** One hyperparameter's part of what is [size, ...] for each leaf. */
  const column = (tree: HostTree, j: number): HostTree =>
    mapTree(tree, ({ data, shape }) => {
      const length = data.length / 3;
      return new HostArray(Float64Array.from(data.slice(j * length, (j + 1) * length)), shape.slice(1));
    });

  const DECAY = 2; // the weight decay's coordinate, behind two rates of dropout
  const draws = randomNormal(randomKey(1, "test"), 0, 3 * rows);

  test("is σ² ((G + P) Θ + M) for the weight decay", async () => {
    const gradient = flattened(column(await gradientOf({ responseObjective }, draws), DECAY));
    const session = (await onnxEngine()).open(
      implicitPrograms(task.problem, "gauss-newton"),
      { params, hypers },
      "float64",
    );
    const { product } = await session.run("curvatureProduct", { ...at, vector: column(theta, DECAY) });
    const variance = softplus.forward(flattened(scales)[DECAY] as number) ** 2;
    for (const seed of [5, 6, 7]) {
      const q = random(params, seed);
      const dot = (a: Float64Array) => a.reduce((sum, v, i) => sum + v * (flattened(q)[i] as number), 0);
      const mixed = flattened((await session.run("mixedProduct", { ...at, vector: q })).product);
      const expected = variance * (dot(flattened(product)) + (mixed[DECAY] as number));
      expect(Math.abs(dot(gradient) / expected - 1)).toBeLessThan(1e-8);
    }
    session.dispose();
  });

  test("is that of samples for the rates of dropout, with the weight decay held", async () => {
    const held = draws.map((z, i) => (i % 3 === DECAY ? 0 : z));
    const [implicit, sampled] = [
      await gradientOf({ responseObjective }, draws),
      await gradientOf({ responseObjective: "sampled" }, held),
    ];
    for (const j of [0, 1]) {
      near([...flattened(column(implicit, j))], [...flattened(column(sampled, j))], 1e-12);
    }
  });
});

test("more than eight penalties are learned from samples", () => {
  const task = (size: number): Task =>
    quadratic({
      curvature: [[1]],
      coupling: Array.from({ length: size }, () => [1]),
      linear: [1],
      target: [0],
    });
  expect(implicitCoordinates(task(8).problem)).toHaveLength(8);
  expect(implicitCoordinates(task(9).problem)).toEqual([]);
});
