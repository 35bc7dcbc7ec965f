import { beforeAll, describe, expect, test } from "vitest";

import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { implicitHypergradient, implicitPrograms } from "../../src/hypergrad/implicit.ts";
import { conjugateGradient, exponentialTolerance } from "../../src/hypergrad/solve/cg.ts";
import { identity } from "../../src/hypergrad/solve/identity.ts";
import { neumann } from "../../src/hypergrad/solve/neumann.ts";
import type { LinearSolver } from "../../src/hypergrad/solve/solver.ts";
import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import { quadratic } from "../../src/problem/quadratic.ts";
import { ridge, type LinearData } from "../../src/problem/ridge.ts";
import { choice } from "../../src/space/choice.ts";
import { real } from "../../src/space/real.ts";
import { withOptimizerHypers } from "../../src/hypergrad/optimizer-hypers.ts";
import { createSpace } from "../../src/space/space.ts";
import { dot, gram, shifted, times, transposedTimes } from "../../src/testing/linear-algebra.ts";
import { bestResponse, hypergradient, optimalPenalty } from "../../src/testing/ridge-oracle.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { implicitCg, implicitNeumann, t1T2 } from "../../src/tuners/implicit.ts";
import { endlessRun } from "../../src/tuners/tuner.ts";
import { HostArray, hostVector, hostZeros } from "../../src/util/host-array.ts";
import { leaf, linearData, ready, tuneFully } from "./settle.ts";

beforeAll(ready);

const train: LinearData = linearData(1, 12, 3, [1, -2, 0.5], 1);
const valid: LinearData = linearData(2, 12, 3, [1, -2, 0.5], 1);
const lambda = 0.7;
const task = ridge({ train, valid, start: lambda });

/** The hypergradient at given weights of ridge. */
async function at(weights: readonly number[], solver: LinearSolver, round = 0) {
  const session = (await onnxEngine()).open(
    implicitPrograms(task.problem),
    {
      params: { w: { weight: new HostArray(Float64Array.from(weights), [3, 1]), bias: hostZeros([1]) } },
      hypers: hostVector([lambda]),
    },
    "float64",
  );
  try {
    const found = await implicitHypergradient(session, {
      train: { batch: task.data.train.fields, noise: {} },
      validBatch: task.data.valid.fields,
      solver,
      round,
    });
    return { ...found, value: leaf({ hypers: found.hypers }, "hypers")[0] as number };
  } finally {
    session.dispose();
  }
}

/** dL_V/dλ of ridge at w with Σ over powers of (I - a H): the K-term series by hand. */
function seriesByHand(w: readonly number[], terms: number, step: number): number {
  const hessian = shifted(gram(train.x), 1, Math.exp(lambda));
  const residual = times(valid.x, w).map((p, i) => p - (valid.y[i] as number));
  let term = transposedTimes(valid.x, residual);
  let sum = term;
  for (let j = 1; j < terms; j++) {
    const curved = times(hessian, term);
    term = term.map((v, i) => v - step * (curved[i] as number));
    sum = sum.map((v, i) => v + (term[i] as number));
  }
  return -step * Math.exp(lambda) * dot(w, sum);
}

describe("O2: at the best response of ridge the implicit hypergradient is the analytic one", () => {
  const optimum = () => bestResponse(train, lambda);
  const exact = () => hypergradient(train, valid, lambda);

  test("by conjugate gradient, with as many products as there are weights and one for L_T,λw", async () => {
    const { value, cost } = await at(optimum(), conjugateGradient({ tolerance: () => 1e-12 }));
    expect(Math.abs(value - exact())).toBeLessThan(1e-9 * Math.abs(exact()));
    expect(cost).toEqual({ gradients: 1, products: 4 });
  });

  test("by a long Neumann series", async () => {
    const { value, cost } = await at(optimum(), neumann({ terms: 400, step: 0.05 }));
    expect(Math.abs(value - exact())).toBeLessThan(1e-9 * Math.abs(exact()));
    expect(cost).toEqual({ gradients: 1, products: 400 });
  });
});

describe("away from the best response", () => {
  const w = [0.4, -1, 0.2];

  test.each([1, 2, 7])("a Neumann series of %i terms is that by hand", async (terms) => {
    const { value, cost } = await at(w, neumann({ terms, step: 0.02 }));
    expect(Math.abs(value - seriesByHand(w, terms, 0.02))).toBeLessThan(1e-10);
    expect(cost).toEqual({ gradients: 1, products: terms });
  });

  test("the identity is a series of one term of step 1", async () => {
    const { value, cost } = await at(w, identity());
    expect(Math.abs(value - seriesByHand(w, 1, 1))).toBeLessThan(1e-10);
    expect(cost).toEqual({ gradients: 1, products: 1 });
  });
});

test("O1: of a quadratic problem it is the gradient through the affine best response", async () => {
  const curvature = [[2, 0.5], [0.5, 1]]; // prettier-ignore
  const coupling = [[1, -1], [0.3, 2]]; // prettier-ignore
  const bilinear = quadratic({ curvature, coupling, linear: [0.4, -0.2], target: [1, 1] });
  const session = (await onnxEngine()).open(
    implicitPrograms(bilinear.problem),
    { params: { w: hostVector([0.3, -0.7]) }, hypers: hostVector([0.2, -0.1]) },
    "float64",
  );
  const { hypers } = await implicitHypergradient(session, {
    train: { batch: {}, noise: {} },
    validBatch: {},
    solver: conjugateGradient({ tolerance: () => 1e-12 }),
    round: 0,
  });
  session.dispose();
  // -B A^-1 (w - t), whatever led to w; A^-1 by its determinant 1.75
  const v = [0.3 - 1, -0.7 - 1] as const;
  const q = [(v[0] - 0.5 * v[1]) / 1.75, (2 * v[1] - 0.5 * v[0]) / 1.75];
  times(coupling, q).forEach((value, i) => {
    expect(Math.abs((hypers.data[i] as number) + value)).toBeLessThan(1e-10);
  });
});

describe("conjugate gradient", () => {
  const diagonal = (values: readonly number[]) => (p: Float64Array) =>
    Promise.resolve(p.map((x, i) => x * (values[i] as number)));

  test("solves to the tolerance of its round, with more products the smaller that is", async () => {
    const curvatures = Array.from({ length: 40 }, (_, i) => 1 + i / 4);
    const v = Float64Array.from(curvatures, (_, i) => Math.sin(1 + i));
    const solver = conjugateGradient({ tolerance: (round) => 10 ** -round });
    const counts: number[] = [];
    for (const round of [1, 2, 4]) {
      const { solution, products } = await solver.solve(diagonal(curvatures), v, round);
      const residual = v.map((x, i) => x - (curvatures[i] as number) * (solution[i] as number));
      expect(Math.hypot(...residual)).toBeLessThan(10 ** -round * Math.hypot(...v));
      counts.push(products);
    }
    expect(counts).toEqual([...new Set(counts)].sort((a, b) => a - b));
    expect(counts[0]).toBeLessThan(12);
    expect(exponentialTolerance()(2)).toBeCloseTo(0.1 * 0.81, 15);
  });

  test("damps the Hessian", async () => {
    const { solution } = await conjugateGradient({ tolerance: () => 1e-12, damping: 1 }).solve(
      diagonal([1, 3]),
      Float64Array.of(2, 2),
      0,
    );
    expect(solution[0]).toBeCloseTo(1, 10);
    expect(solution[1]).toBeCloseTo(0.5, 10);
  });

  test("goes on from a solution, which costs one product for its residual", async () => {
    const solver = conjugateGradient({ tolerance: () => 1e-9 });
    const found = await solver.solve(diagonal([1, 3]), Float64Array.of(2, 3), 0, Float64Array.of(2, 1));
    expect(found).toEqual({ solution: Float64Array.of(2, 1), products: 1 });
  });

  test("stops at its limit, and where there is no positive curvature", async () => {
    const limited = conjugateGradient({ iterations: 1, tolerance: () => 0 });
    expect((await limited.solve(diagonal([1, 3]), Float64Array.of(1, 1), 0)).products).toBe(1);
    const bent = await conjugateGradient().solve(diagonal([1, -3]), Float64Array.of(1, 1), 0);
    expect(bent).toEqual({ solution: Float64Array.of(1, 1), products: 1, negativeCurvature: true });
  });

  test("judges the curvature of the Hessian without its damping", async () => {
    // damped curvatures 1.5 and 1e-9: a step along the second would be a billion long
    const solver = conjugateGradient({ damping: 0.5, tolerance: () => 0 });
    const { solution } = await solver.solve(diagonal([1, -0.5 + 1e-9]), Float64Array.of(0, 1), 0);
    expect(solution).toEqual(Float64Array.of(0, 1));
  });

  test("drops a warm start that is worse than none", async () => {
    const solver = conjugateGradient({ tolerance: () => 1e-9 });
    const v = Float64Array.of(2, 3);
    const { solution, products } = await solver.solve(diagonal([1, 3]), v, 0, Float64Array.of(-9, 70));
    expect(solution[0]).toBeCloseTo(2, 8);
    expect(solution[1]).toBeCloseTo(1, 8);
    expect(products).toBe(1 + 2);
  });

  test("and a Neumann series refuse settings that cannot be", () => {
    expect(() => conjugateGradient({ iterations: 0 })).toThrow("but got 0");
    expect(() => neumann({ terms: 0 })).toThrow(
      "`terms` of neumann must be a whole number, at least 1, but got 0",
    );
    expect(() => neumann({ step: -1 })).toThrow("`step` of neumann must be a number, above 0, but got -1");
  });
});

describe("O6: the implicit tuners end at the optimal penalty", () => {
  const common = {
    learningRate: 0.02,
    warmupEpochs: 50,
    trainSteps: 8,
    hyperOptimizer: gradientDescent(),
    hyperLearningRate: 0.2,
  };
  test.each([
    ["implicit-cg", implicitCg({ ...common, damping: 0 }), 1e-6],
    ["implicit-neumann", implicitNeumann({ ...common, terms: 80, step: 0.05 }), 1e-6],
  ])("%s", async (name, tuner, tolerance) => {
    expect(tuner.name).toBe(name);
    const state = await tuneFully(ridge({ train, valid, start: -1 }), tuner, { steps: 1500 });
    const gap = (leaf(state, "hypers")[0] as number) - optimalPenalty(train, valid);
    expect(Math.abs(gap)).toBeLessThan(tolerance);
  });

  test("t1-t2, near it: where <w, v> is 0 instead of <w, H^-1 v>", async () => {
    const tuner = t1T2({ ...common, trainSteps: 1, hyperLearningRate: 0.01 });
    const state = await tuneFully(ridge({ train, valid, start: -1 }), tuner, { steps: 4000 });
    const found = leaf(state, "hypers")[0] as number;
    const w = bestResponse(train, found);
    const residual = times(valid.x, w).map((p, i) => p - (valid.y[i] as number));
    expect(Math.abs(dot(w, transposedTimes(valid.x, residual)))).toBeLessThan(1e-4);
    expect(Math.abs(found - optimalPenalty(train, valid))).toBeLessThan(1);
  });
});

describe("before a run starts, the implicit methods refuse", () => {
  test.each([implicitCg(), implicitNeumann(), t1T2()])("$name a learning rate, and choices", (tuner) => {
    const rate = real(0.03, { low: 1e-4, high: 1, log: true });
    expect(() => tuner.prepare(withOptimizerHypers(task, { learningRate: rate }), 0, endlessRun)).toThrow(
      'only the steps of training depend on "optimizer.learningRate" of "ridge"; hold such a setting fixed, or take a method that tunes it',
    );
    const { problem } = task;
    const space = createSpace({ ...problem.space.hypers, kind: choice("a", { options: ["a", "b"] }) });
    expect(() => tuner.prepare({ ...task, problem: { ...problem, space } }, 0, endlessRun)).toThrow(
      "chooses among",
    );
    expect(() => tuner.prepare(smallTask(), 0, endlessRun)).not.toThrow(); // dropout is fine
  });
});
