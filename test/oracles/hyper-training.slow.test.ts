import { beforeAll, describe, expect, test } from "vitest";

import { adam } from "../../src/nn/optim/adam.ts";
import { cosine } from "../../src/nn/optim/schedule.ts";
import { sgd } from "../../src/nn/optim/sgd.ts";
import { quadratic } from "../../src/problem/quadratic.ts";
import { ridge, type LinearData } from "../../src/problem/ridge.ts";
import {
  elementwiseHypernet,
  factoredHypernet,
  linearHypernet,
  mlpHypernet,
  type Hypernet,
} from "../../src/response/hypernet.ts";
import { fixedHypers, uniformHypers } from "../../src/space/distribution.ts";
import { solve } from "../../src/testing/linear-algebra.ts";
import { bestResponse, optimalPenalty, responseDerivative } from "../../src/testing/ridge-oracle.ts";
import {
  globalHyperTraining,
  hyperTraining,
  simplifiedHyperTraining,
} from "../../src/tuners/hyper-training.ts";
import type { GlobalHyperTrainingOptions } from "../../src/tuners/hyper-training-options.ts";
import type { Tuner } from "../../src/tuners/tuner.ts";
import { hostVector, type HostTree } from "../../src/util/host-array.ts";
import { inSession, leaf, linearData, ready, tuneFully } from "./settle.ts";

beforeAll(ready);

const train: LinearData = linearData(1, 12, 3, [1, -2, 0.5], 1);
const valid: LinearData = linearData(2, 12, 3, [1, -2, 0.5], 1);
const task = ridge({ train, valid, start: 1, perturbation: { perturb: "minibatch" } });

/** Trains a hypernetwork and looks at the weights that it predicts at each λ. */
const predicted = (tuner: Tuner, steps: number, at: readonly number[]): Promise<number[][]> =>
  inSession(task, tuner, {}, async ({ prepared, session, host }) => {
    const endless = { ...host, stepsPerEpoch: Infinity };
    for (let step = 0; step < steps; step++) await prepared.advance(endless, step);
    const weights: number[][] = [];
    for (const lambda of at) {
      const { params } = await session.run("respondWeights", { at: hostVector([lambda]) });
      weights.push(leaf(params as HostTree, "w.weight"));
    }
    return weights;
  });

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((v, i) => v - (b[i] as number)));

const alone = (options: Omit<GlobalHyperTrainingOptions, "hypernetEpochs">): Tuner =>
  globalHyperTraining({ hypernetEpochs: 1, origin: "zero", ...options });

/** The linear hypernetwork trained at `± width` around 0 alone. */
const fitted = (hypernet: Hypernet, width: number) =>
  predicted(
    alone({
      hypernet,
      distribution: fixedHypers([[-width], [width]]),
      samples: 2,
      optimizer: sgd(),
      learningRate: 0.02,
    }),
    1500,
    [0, 1, width],
  ) as Promise<[number[], number[], number[]]>;

describe("O2: a linear hypernetwork that is trained at two points", () => {
  test.each([
    ["linear", linearHypernet({ initialBias: "random" })],
    ["factored", factoredHypernet({ units: 2, initialScale: 0.1 })],
  ])("(%s) gives the best response at both", async (_, hypernet) => {
    const width = 0.8;
    const [, , there] = await fitted(hypernet, width);
    expect(distance(there, bestResponse(train, width))).toBeLessThan(1e-6);
  });

  test("has the tangent as its slope where they meet: the error falls by 4 when their distance halves", async () => {
    const tangent = responseDerivative(train, 0);
    const errors: number[] = [];
    for (const width of [0.8, 0.4]) {
      const [origin, one] = await fitted(linearHypernet(), width);
      const slope = one.map((v, i) => v - (origin[i] as number));
      errors.push(distance(slope, tangent));
    }
    const [wide, narrow] = errors as [number, number];
    expect(wide / narrow).toBeGreaterThan(3.5);
    expect(wide / narrow).toBeLessThan(4.5);
    expect(narrow).toBeLessThan(0.01);
  });
});

test("O1: a linear hypernetwork finds the affine best response of a quadratic problem, whatever p(λ)", async () => {
  const curvature = [[2, 0.5], [0.5, 1]]; // prettier-ignore
  const coupling = [[1, -1], [0.3, 2]]; // prettier-ignore
  const quadraticTask = quadratic({ curvature, coupling, linear: [0.4, -0.2], target: [1, 1] });
  for (const width of [0.3, 2]) {
    const points = [[width, 0], [-width, width], [0, -width], [width, width]]; // prettier-ignore
    const tuner = alone({
      hypernet: linearHypernet(),
      distribution: fixedHypers(points),
      samples: 4,
      optimizer: sgd(),
      learningRate: width < 1 ? 0.3 : 0.05,
    });
    await inSession(quadraticTask, tuner, {}, async ({ prepared, session, host }) => {
      const endless = { ...host, stepsPerEpoch: Infinity };
      for (let step = 0; step < 1500; step++) await prepared.advance(endless, step);
      for (const lambda of [
        [0, 0],
        [3, -2],
      ]) {
        // prettier-ignore
        const { params } = await session.run("respondWeights", { at: hostVector(lambda) });
        const pull = coupling[0]?.map(
          (_, j) =>
            lambda.reduce((sum, l, i) => sum + l * (coupling[i]?.[j] as number), 0) +
            ([0.4, -0.2][j] as number),
        ) as number[];
        const exact = solve(curvature, pull).map((v) => -v);
        expect(distance(leaf(params as HostTree, "w"), exact)).toBeLessThan(1e-6);
      }
    });
  }
});

test("O1: an elementwise hypernetwork finds it where each hyperparameter moves its own weight", async () => {
  const curvature = [[2, 0], [0, 0.5]]; // prettier-ignore
  const coupling = [[1, 0], [0, -3]]; // prettier-ignore
  const separate = quadratic({ curvature, coupling, linear: [0.4, -0.2], target: [1, 1] });
  const tuner = alone({
    hypernet: elementwiseHypernet(),
    distribution: fixedHypers([[1, -1], [-1, 1]]), // prettier-ignore
    samples: 2,
    optimizer: sgd(),
    learningRate: 0.1,
  });
  await inSession(separate, tuner, {}, async ({ prepared, session, host }) => {
    const endless = { ...host, stepsPerEpoch: Infinity };
    for (let step = 0; step < 400; step++) await prepared.advance(endless, step);
    const { params } = await session.run("respondWeights", { at: hostVector([3, -2]) });
    expect(distance(leaf(params as HostTree, "w"), [-(3 + 0.4) / 2, -(6 - 0.2) / 0.5])).toBeLessThan(1e-6);
  });
});

describe("theorem 2.1: capacity and the width of p(λ)", () => {
  const grid = (width: number) => Array.from({ length: 13 }, (_, i) => ((i - 6) / 6) * width);
  const worst = async (hypernet: Hypernet, width: number): Promise<number> => {
    const steps = 3000;
    const tuner = alone({
      hypernet,
      distribution: uniformHypers({ low: -width, high: width }),
      samples: 16,
      optimizer: adam(),
      learningRate: 0.02,
      schedule: cosine({ steps }),
    });
    const weights = await predicted(tuner, steps, grid(width));
    return Math.max(...grid(width).map((at, i) => distance(weights[i] as number[], bestResponse(train, at))));
  };

  test("a hypernetwork that is large enough reaches the best response over the whole support", async () => {
    const errors = [
      await worst(linearHypernet(), 3),
      await worst(mlpHypernet({ hidden: [4], initialScale: 0.5 }), 3),
      await worst(mlpHypernet({ hidden: [64], initialScale: 0.5 }), 3),
    ] as [number, number, number];
    expect(errors[1]).toBeLessThan(errors[0]);
    expect(errors[2]).toBeLessThan(errors[1]);
    expect(errors[2]).toBeLessThan(0.05); // of |w*| = 2.3
  });

  test("a linear one is the better the narrower p(λ) is", async () => {
    const errors: number[] = [];
    for (const width of [2, 1, 0.5]) errors.push(await worst(linearHypernet(), width));
    errors.slice(1).forEach((error, i) => expect(error).toBeLessThan((errors[i] as number) / 2.5));
  });
});

describe("the hyperparameter ends at the optimum of ridge", () => {
  const optimum = () => optimalPenalty(train, valid);
  const common = { optimizer: sgd(), learningRate: 0.02, warmupEpochs: 400, trainSteps: 4 } as const;

  test("hyper-training, within the bias that its samples' width makes", async () => {
    const tuner = hyperTraining({ ...common, scale: 0.2, samples: 8, hyperLearningRate: 0.02 });
    const state = await tuneFully(task, tuner, { steps: 3000 });
    expect(Math.abs((leaf(state, "hypers")[0] as number) - optimum())).toBeLessThan(0.1);
  });

  test("a penalty on the hyperparameters holds them at their start", async () => {
    const ends: number[] = [];
    for (const hyperPenalty of [0, 1, 1000]) {
      const tuner = hyperTraining({
        ...common,
        scale: 0.2,
        samples: 8,
        hyperLearningRate: 0.02,
        hyperPenalty,
      });
      ends.push(leaf(await tuneFully(task, tuner, { steps: 1500 }), "hypers")[0] as number);
    }
    const [free, some, held] = ends.map((end) => Math.abs(end - 1)) as [number, number, number];
    expect(some).toBeLessThan(free);
    expect(held).toBeLessThan(some);
    expect(held).toBeLessThan(0.02);
  });
});

describe("fine-tuning after a hypernetwork", () => {
  /** A hypernetwork that knows nothing of λ, so that all response comes from the steps behind it. */
  const ignorant = (steps: number, learningRate: number) =>
    simplifiedHyperTraining({
      hypernet: linearHypernet({ initialScale: 0 }),
      learningRate: 1e-12,
      trainSteps: 1e9,
      fineTuning: { steps, learningRate, rows: 12 },
    });

  test("is that many steps of gradient descent on the training loss", async () => {
    const [weights] = (await predicted(ignorant(2, 0.01), 0, [0.5])) as [number[]];
    let expected = [0, 0, 0];
    for (let step = 0; step < 2; step++) expected = descended(expected, 0.5, 0.01);
    expect(distance(weights, expected)).toBeLessThan(1e-9);
  });

  test("reaches the best response where it goes on long enough", async () => {
    const [weights] = (await predicted(ignorant(60, 0.05), 0, [0.5])) as [number[]];
    expect(distance(weights, bestResponse(train, 0.5))).toBeLessThan(1e-3);
  });

  test("lets the validation gradient through", async () => {
    const tuner = simplifiedHyperTraining({
      hypernet: linearHypernet({ initialScale: 0 }),
      learningRate: 1e-12,
      hyperLearningRate: 0.03,
      fineTuning: { steps: 20, learningRate: 0.05, rows: 12 },
    });
    const state = await tuneFully(task, tuner, { steps: 400 });
    expect(Math.abs((leaf(state, "hypers")[0] as number) - optimalPenalty(train, valid))).toBeLessThan(0.1);
  });
});

/** w - a ∇(½|Xw - y|² + ½ e^λ |w|²). */
function descended(w: readonly number[], lambda: number, a: number): number[] {
  const residual = train.x.map(
    (row, i) => row.reduce((sum, v, j) => sum + v * (w[j] as number), 0) - (train.y[i] as number),
  );
  return w.map((v, j) => {
    const fit = train.x.reduce((sum, row, i) => sum + (row[j] as number) * (residual[i] as number), 0);
    return v - a * (fit + Math.exp(lambda) * v);
  });
}
