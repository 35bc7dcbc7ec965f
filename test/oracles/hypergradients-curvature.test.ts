import type { numpy as np } from "@jax-js/jax";
import { tree } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import type { ArrayTree, Program, Session } from "../../src/engine/engine.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { implicitHypergradient, implicitPrograms, type Curvature } from "../../src/hypergrad/implicit.ts";
import { conjugateGradient } from "../../src/hypergrad/solve/cg.ts";
import { plainLayers } from "../../src/nn/layer.ts";
import type { Batch, Noise, Task } from "../../src/problem/problem.ts";
import { ridge, type LinearData } from "../../src/problem/ridge.ts";
import { real } from "../../src/space/real.ts";
import { naturalArrays, unconstrainedStart } from "../../src/space/space.ts";
import { bestResponse, hypergradient } from "../../src/testing/ridge-oracle.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { implicitCg } from "../../src/tuners/implicit.ts";
import { drawNoise } from "../../src/tuners/noise.ts";
import { flattened, HostArray, hostVector, hostZeros, inStructure, leavesOf, type HostTree } from "../../src/util/host-array.ts"; // prettier-ignore
import { randomKey, randomNormal } from "../../src/util/random.ts";
import { inSession, linearData, ready, tuneFully, leaf } from "./settle.ts";

beforeAll(ready);

const kinds: readonly Curvature[] = ["hessian", "gauss-newton"];

describe("O2: at the best response of ridge either curvature gives the analytic hypergradient", () => {
  const train: LinearData = linearData(1, 12, 3, [1, -2, 0.5], 1);
  const valid: LinearData = linearData(2, 12, 3, [1, -2, 0.5], 1);
  test.each(kinds)("%s", async (curvature) => {
    const { problem, data } = ridge({ train, valid, start: 0.7 });
    const weight = new HostArray(Float64Array.from(bestResponse(train, 0.7)), [3, 1]);
    const state = { params: { w: { weight, bias: hostZeros([1]) } }, hypers: hostVector([0.7]) };
    const session = (await onnxEngine()).open(implicitPrograms(problem, curvature), state, "float64");
    const { hypers, cost } = await implicitHypergradient(session, {
      train: { batch: data.train.fields, noise: {} },
      validBatch: data.valid.fields,
      solver: conjugateGradient({ tolerance: () => 1e-12 }),
      round: 0,
    });
    session.dispose();
    const exact = hypergradient(train, valid, 0.7);
    expect(Math.abs((hypers.data[0] as number) - exact)).toBeLessThan(1e-9 * Math.abs(exact));
    expect(cost).toEqual({ gradients: 1, products: 4 });
  });
});

/** A session of a task's curvature products of both kinds, and of its outputs at the state's weights. */
async function within<T>(task: Task, work: (session: Session, params: HostTree) => Promise<T>): Promise<T> {
  const { problem } = task;
  const params = problem.init(randomKey(3, "params"));
  const outputs: Program = (state, inputs) => {
    const natural = naturalArrays(problem.space, (state.hypers as np.Array).ref.reshape([1, -1]));
    const layers = plainLayers(tree.ref(inputs.at as ArrayTree));
    const [batch, noise] = [tree.ref(inputs.batch as Batch), tree.ref(inputs.noise as Noise)];
    return [{}, { outputs: problem.predict(layers, batch, natural, noise, "train") }];
  };
  const programs = Object.fromEntries(
    kinds.map((kind) => [kind, implicitPrograms(problem, kind).curvatureProduct]),
  );
  const state = { params, hypers: hostVector(unconstrainedStart(problem.space)) };
  const session = (await onnxEngine()).open({ ...programs, outputs }, state, "float64");
  try {
    return await work(session, params);
  } finally {
    session.dispose();
  }
}

const trainInputs = ({ problem, data }: Task) => ({
  batch: data.train.fields,
  noise: drawNoise(problem.noise, 0, 0, data.train.rows),
});

const product =
  (task: Task, session: Session, kind: Curvature, params: HostTree) =>
  async (p: Float64Array): Promise<Float64Array> =>
    flattened(
      (await session.run(kind, { ...trainInputs(task), vector: inStructure(params, p) })).product as HostTree,
    );

const direction = (i: number, size: number) => randomNormal(randomKey(5, "directions"), i, size);
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, x, i) => sum + x * (b[i] as number), 0);

const DECAY = 0.05;
const network = (hidden: readonly number[]) =>
  smallTask({
    hidden,
    hypers: {
      "dropout.input": real(0.1, { low: 0, high: 0.9 }),
      l2: real(DECAY, { low: 1e-5, high: 1, log: true }),
    },
  });

describe("the Gauss-Newton product", () => {
  test("is J' L_zz J p + P p of a small network, built densely", () =>
    within(network([4]), async (session, params) => {
      const task = network([4]);
      const at = flattened(params);
      const outputsAt = async (w: Float64Array) => {
        const { outputs } = await session.run("outputs", {
          ...trainInputs(task),
          at: inStructure(params, w),
        });
        return flattened(outputs as HostTree); // [rows * 3]
      };
      const column = async (i: number) => {
        const [up, down] = [await outputsAt(at.with(i, (at[i] as number) + 1e-6)), await outputsAt(at.with(i, (at[i] as number) - 1e-6))]; // prettier-ignore
        return up.map((z, k) => (z - (down[k] as number)) / 2e-6);
      };
      const jacobian: Float64Array[] = [];
      for (let i = 0; i < at.length; i++) jacobian.push(await column(i));

      const z = await outputsAt(at);
      const p = Float64Array.from(direction(0, at.length));
      const moved = z.map((_, k) => jacobian.reduce((sum, col, i) => sum + (col[k] as number) * (p[i] as number), 0)); // prettier-ignore
      const rows = z.length / 3;
      const bent = new Float64Array(z.length);
      for (let row = 0; row < rows; row++) {
        const odds = [0, 1, 2].map((o) => Math.exp(z[3 * row + o] as number));
        const share = odds.map((x) => x / odds.reduce((sum, y) => sum + y));
        const mean = share.reduce((sum, s, o) => sum + s * (moved[3 * row + o] as number), 0);
        share.forEach((s, o) => (bent[3 * row + o] = (s * ((moved[3 * row + o] as number) - mean)) / rows));
      }
      const decayed = leavesOf(params).flatMap(([path, { data }]) =>
        Array<number>(data.length).fill(path.endsWith("weight") ? DECAY : 0),
      );
      const found = await product(task, session, "gauss-newton", params)(p);
      const expected = jacobian.map((col, i) => dot(col, bent) + (decayed[i] as number) * (p[i] as number));
      const largest = Math.max(...expected.map(Math.abs));
      found.forEach((value, i) =>
        expect(Math.abs(value - (expected[i] as number))).toBeLessThan(1e-7 * largest),
      );
      const hessian = await product(task, session, "hessian", params)(p);
      expect(Math.max(...hessian.map((value, i) => Math.abs(value - (expected[i] as number))))).toBeGreaterThan(0.01 * largest); // prettier-ignore
    }));

  test("is the Hessian's where the outputs are linear in the weights", () =>
    within(network([]), async (session, params) => {
      const p = Float64Array.from(direction(0, flattened(params).length));
      const [full, gauss] = [await product(network([]), session, "hessian", params)(p), await product(network([]), session, "gauss-newton", params)(p)]; // prettier-ignore
      full.forEach((value, i) => expect(value).toBeCloseTo(gauss[i] as number, 12));
    }));

  test("has no negative curvature where the Hessian has", () =>
    within(network([4]), async (session, params) => {
      const size = flattened(params).length;
      const curvature = async (kind: Curvature, p: Float64Array) =>
        dot(p, await product(network([4]), session, kind, params)(p)) / dot(p, p);
      // power iteration on 5 I - H finds the direction in which H bends most downwards
      let lowest = Float64Array.from(direction(1, size));
      for (let i = 0; i < 200; i++) {
        const bent = await product(network([4]), session, "hessian", params)(lowest);
        const next = lowest.map((x, k) => 5 * x - (bent[k] as number));
        const length = Math.hypot(...next);
        lowest = next.map((x) => x / length);
      }
      expect(await curvature("hessian", lowest)).toBeLessThan(-0.01);
      expect(await curvature("gauss-newton", lowest)).toBeGreaterThan(0);
    }));
});

test("implicit-cg solves with it unless told otherwise, and conjugate gradient says where it gave up", async () => {
  const task = network([4]);
  const options = { warmupEpochs: 0, trainSteps: 2, damping: 0.01 };
  const [own, gauss, full] = [
    await tuneFully(task, implicitCg(options), { steps: 6 }),
    await tuneFully(task, implicitCg({ ...options, curvature: "gauss-newton" }), { steps: 6 }),
    await tuneFully(task, implicitCg({ ...options, curvature: "hessian" }), { steps: 6 }),
  ].map((state) => leaf(state, "hypers"));
  expect(own).toEqual(gauss);
  expect(own).not.toEqual(full);
  const solved = (curvature: Curvature) =>
    inSession(task, implicitCg({ ...options, curvature }), {}, async ({ session, host, prepared }) => {
      for (let step = 0; step < 3; step++) await prepared.advance(host, step);
      const { params } = await session.read();
      const vector = Float64Array.from(direction(2, flattened(params).length));
      return conjugateGradient({ tolerance: () => 1e-6, damping: 0.01 }).solve(
        async (p) => {
          const inputs = { ...(await host.trainInputs(0)), vector: inStructure(params, p) };
          return flattened((await host.run("curvatureProduct", inputs)).product as HostTree);
        },
        vector,
        0,
      );
    });
  expect((await solved("hessian")).negativeCurvature).toBe(true);
  expect((await solved("gauss-newton")).negativeCurvature).toBeUndefined();
});
