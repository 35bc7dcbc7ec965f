import { numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import { jaxEngine } from "../../src/engine/jax.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import type { Engine, ProgramRunner, Session } from "../../src/engine/engine.ts";
import { straightTrajectory } from "../../src/hypergrad/drmad.ts";
import { forwardPrograms, noTangents } from "../../src/hypergrad/forward.ts";
import { heavyBall } from "../../src/hypergrad/heavy-ball.ts";
import { gradientEvaluations, type Hypergradient } from "../../src/hypergrad/hypergrad.ts";
import {
  implicitHypergradient,
  implicitPrograms,
  type ImplicitPrograms,
} from "../../src/hypergrad/implicit.ts";
import { tunedSettings, withOptimizerHypers } from "../../src/hypergrad/optimizer-hypers.ts";
import { conjugateGradient } from "../../src/hypergrad/solve/cg.ts";
import { neumann } from "../../src/hypergrad/solve/neumann.ts";
import type { LinearSolver } from "../../src/hypergrad/solve/solver.ts";
import {
  reverseHypergradient,
  storedTrajectory,
  unrolledPrograms,
  type UnrolledPrograms,
} from "../../src/hypergrad/unrolled.ts";
import type { Layer } from "../../src/nn/layer.ts";
import { adam } from "../../src/nn/optim/adam.ts";
import type { Optimizer } from "../../src/nn/optim/optimizer.ts";
import { rmsprop } from "../../src/nn/optim/rmsprop.ts";
import { gradientDescent, sgd } from "../../src/nn/optim/sgd.ts";
import type { Problem, Task } from "../../src/problem/problem.ts";
import { ridge, type LinearData } from "../../src/problem/ridge.ts";
import { real } from "../../src/space/real.ts";
import { createSpace, unconstrainedStart } from "../../src/space/space.ts";
import { bestResponse, hypergradient } from "../../src/testing/ridge-oracle.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { drawNoise } from "../../src/tuners/noise.ts";
import { HostArray, hostScalar, hostVector, hostZeros, type HostTree } from "../../src/util/host-array.ts";
import { randomKey } from "../../src/util/random.ts";
import { linearData, ready } from "./settle.ts";

beforeAll(ready);

const train: LinearData = linearData(1, 12, 3, [1, -2, 0.5], 1);
const valid: LinearData = linearData(2, 12, 3, [1, -2, 0.5], 1);
const lambda = 0.7;
const ridgeTask = ridge({ train, valid, start: lambda });

/** A trained session on full batches, and what its hypergradients are taken on. */
interface Setting {
  readonly task: Task;
  readonly optimizer: Optimizer;
  /** Overrides the optimizer's own. */
  readonly settings?: Readonly<Record<string, number>>;
  /** Unconstrained; default the start. */
  readonly hypers?: readonly number[];
  readonly params?: HostTree;
  readonly makeEngine?: () => Promise<Engine>;
}

const startOf = ({
  task,
  optimizer,
  hypers,
  params = task.problem.init(randomKey(0, "params")),
}: Setting) => ({
  params,
  optimizer: optimizer.init(params),
  hypers: hostVector(hypers ?? unconstrainedStart(task.problem.space)),
});

const inputsOf =
  ({ task, optimizer, settings }: Setting) =>
  (step: number) => {
    const factors = Object.fromEntries(tunedSettings(task).map((name) => [name, 1]));
    const values = Object.entries({ ...optimizer.defaults, ...settings, ...factors });
    return {
      batch: task.data.train.fields,
      noise: drawNoise(task.problem.noise, 0, step, task.data.train.rows),
      settings: Object.fromEntries(values.map(([name, value]) => [name, hostScalar(value)])),
    };
  };

const windowOf = (setting: Setting, from: number, to: number) => ({
  from,
  to,
  inputsAt: inputsOf(setting),
  validBatch: setting.task.data.valid.fields,
});

/** Works in a session of all programs that go backwards. */
async function within<T>(
  setting: Setting,
  work: (session: Session<Omit<ImplicitPrograms, "validGradient"> & UnrolledPrograms>) => Promise<T>,
): Promise<T> {
  const engine = await (setting.makeEngine ?? (() => onnxEngine()))();
  const { task, optimizer } = setting;
  const programs = {
    ...implicitPrograms(task.problem),
    ...unrolledPrograms({ problem: task.problem, optimizer }),
  };
  const session = engine.open(programs, startOf(setting), "float64");
  try {
    return await work(session);
  } finally {
    session.dispose();
  }
}

type TrainRunner = ProgramRunner<Pick<UnrolledPrograms, "train">>;

async function trained(session: TrainRunner, setting: Setting, from: number, to: number) {
  for (let step = from; step < to; step++) await session.run("train", inputsOf(setting)(step));
}

/** Through the last `steps` of `total` training steps. */
const reverse = (setting: Setting, total: number, steps = total): Promise<Hypergradient> =>
  within(setting, async (session) => {
    await trained(session, setting, 0, total - steps);
    const window = windowOf(setting, total - steps, total);
    return reverseHypergradient(session, window, await storedTrajectory(session, window));
  });

/** The same along a straight line. */
const straight = (setting: Setting, total: number, steps = total): Promise<Hypergradient> =>
  within(setting, async (session) => {
    await trained(session, setting, 0, total - steps);
    const start = await session.run("carry", {});
    await trained(session, setting, total - steps, total);
    const end = await session.run("carry", {});
    const window = windowOf(setting, total - steps, total);
    return reverseHypergradient(session, window, straightTrajectory(window, start, end));
  });

async function forward(setting: Setting, steps: number): Promise<HostArray> {
  const engine = await (setting.makeEngine ?? (() => onnxEngine()))();
  const { task, optimizer } = setting;
  const state = startOf(setting);
  const { params, optimizer: moments } = state;
  const tangents = noTangents({ params, optimizer: moments }, task.problem.space.size);
  const programs = forwardPrograms({ problem: task.problem, optimizer });
  const session = engine.open(programs, { ...state, tangents }, "float64");
  for (let step = 0; step < steps; step++) await session.run("trainForward", inputsOf(setting)(step));
  const { hypers } = await session.run("forwardGradient", { batch: task.data.valid.fields });
  session.dispose();
  return hypers;
}

/** Central differences of the validation loss after whole trainings. */
async function differences(setting: Setting, steps: number, width = 1e-5): Promise<number[]> {
  const start = Array.from(setting.hypers ?? unconstrainedStart(setting.task.problem.space));
  const lossAt = (i: number, by: number) => {
    const hypers = start.map((value, k) => (k === i ? value + by : value));
    return within({ ...setting, hypers }, async (session) => {
      await trained(session, setting, 0, steps);
      const { loss } = await session.run("validGradient", { batch: setting.task.data.valid.fields });
      return (loss as HostArray).data[0] as number;
    });
  };
  const slopes: number[] = [];
  for (let i = 0; i < start.length; i++)
    slopes.push(((await lossAt(i, width)) - (await lossAt(i, -width))) / (2 * width));
  return slopes;
}

/** The greatest difference, relative to the greatest of the expected numbers. */
function apart(
  actual: { readonly data: ArrayLike<number> } | readonly number[],
  expected: ArrayLike<number>,
) {
  const found = Array.from("data" in actual ? actual.data : actual);
  const wanted = Array.from(expected);
  expect(found).toHaveLength(wanted.length);
  const gaps = found.map((value, i) => Math.abs(value - (wanted[i] as number)));
  return Math.max(...gaps) / Math.max(...wanted.map(Math.abs));
}

const rate = { low: 0, high: 0.9 };
const network = smallTask({
  hidden: [3],
  hypers: {
    "dropout.input": real(0.1, rate),
    "l2.fc1": real(0.05, { low: 1e-5, high: 1, log: true }),
    "l2.fc2": real(0.02, { low: 1e-5, high: 1, log: true }),
  },
});

const optimizers = [
  gradientDescent({ learningRate: 0.1 }),
  sgd({ learningRate: 0.05 }),
  adam({ learningRate: 0.05 }),
  rmsprop({ learningRate: 0.02, momentum: 0.5 }),
];

describe("through all training steps of a small network with dropout", () => {
  const STEPS = 12;
  describe.each(optimizers.map((optimizer) => [optimizer.name, optimizer] as const))(
    "by %s",
    (_, optimizer) => {
      const setting: Setting = { task: network, optimizer };

      test("reverse mode is the difference of whole trainings, for a product a step", async () => {
        const { hypers, cost } = await reverse(setting, STEPS);
        const gap = apart(hypers, await differences(setting, STEPS));
        expect(gap).toBeLessThan(1e-6);
        expect(cost).toEqual({ gradients: 1, products: STEPS });
        expect(gradientEvaluations(cost)).toBe(1 + 2 * STEPS);
      });

      test("forward mode is reverse mode", async () => {
        const gap = apart(await forward(setting, STEPS), (await reverse(setting, STEPS)).hypers.data);
        expect(gap).toBeLessThan(1e-10);
      });
    },
  );

  test("the engine jax agrees, as far as its float64 goes", async () => {
    const setting: Setting = { task: network, optimizer: sgd({ learningRate: 0.05 }) };
    const { hypers } = await reverse(setting, STEPS);
    const there = { ...setting, makeEngine: () => jaxEngine() };
    expect(apart((await reverse(there, STEPS)).hypers, hypers.data)).toBeLessThan(1e-6);
    expect(apart(await forward(there, STEPS), hypers.data)).toBeLessThan(1e-6);
  });

  test("learning rate and momentum have a hypergradient too", async () => {
    const task = withOptimizerHypers(network, {
      learningRate: real(0.05, { low: 1e-4, high: 1, log: true }),
      momentum: real(0.8, { low: 0, high: 1 }),
    });
    const setting: Setting = { task, optimizer: heavyBall() };
    const { hypers } = await reverse(setting, STEPS);
    const gap = apart(hypers, await differences(setting, STEPS));
    expect(gap).toBeLessThan(1e-6);
    expect(apart(await forward(setting, STEPS), hypers.data)).toBeLessThan(1e-10);
    expect(Array.from(hypers.data).every((value) => value !== 0)).toBe(true);
  });

  test("a window that begins later leaves out what came before", async () => {
    const setting: Setting = { task: network, optimizer: sgd({ learningRate: 0.05 }) };
    const whole = (await reverse(setting, STEPS)).hypers.data;
    const gaps: number[] = [];
    for (const steps of [3, 9, 12]) gaps.push(apart((await reverse(setting, STEPS, steps)).hypers, whole));
    expect(gaps[0]).toBeGreaterThan(0.1);
    expect(gaps[1]).toBeLessThan(gaps[0] as number);
    expect(gaps[2]).toBe(0);
  });

  test("going straight from start to end is another hypergradient", async () => {
    const setting: Setting = { task: network, optimizer: sgd({ learningRate: 0.05 }) };
    const { hypers, cost } = await straight(setting, STEPS);
    const gap = apart(hypers, (await reverse(setting, STEPS)).hypers.data);
    expect(gap).toBeGreaterThan(1e-3);
    expect(gap).toBeLessThan(1);
    expect(cost).toEqual({ gradients: 1, products: STEPS });
  });
});

test("DrMAD is reverse mode where training runs straight", async () => {
  // w c - w^2/2 + e^λ w^2/2 has the gradient c everywhere at λ = 0, while its derivative by λ changes with w
  const bent: Task = {
    problem: {
      name: "straight",
      space: createSpace({ weight: real(1, { log: true }) }),
      noise: {},
      init: () => ({ w: hostVector([0.4, -1]) }),
      predict: (layers) => (layers.params() as { w: np.Array }).w,
      loss: (w) =>
        (w as np.Array).ref
          .mul(0.7)
          .sub(np.square(w as np.Array).mul(0.5))
          .sum(0, { keepdims: true }),
      validLoss: (w) => np.square((w as np.Array).sub(1)).sum(0, { keepdims: true }),
      penalty: (layers, { weight }) =>
        np
          .square((layers.params() as { w: np.Array }).w)
          .sum()
          .mul(0.5)
          .mul(weight as np.Array),
    },
    data: { train: { rows: 1, fields: {} }, valid: { rows: 1, fields: {} } },
  };
  const setting: Setting = { task: bent, optimizer: gradientDescent({ learningRate: 0.1 }) };
  const { hypers } = await reverse(setting, 9);
  expect(apart((await straight(setting, 9)).hypers, hypers.data)).toBeLessThan(1e-12);
  expect(Math.abs(hypers.data[0] as number)).toBeGreaterThan(0.01);
  // where λ is another the gradient is not constant and the path bends in time
  const elsewhere = { ...setting, hypers: [1] };
  const gap = apart((await straight(elsewhere, 9)).hypers, (await reverse(elsewhere, 9)).hypers.data);
  expect(gap).toBeGreaterThan(1e-3);
});

describe("in the limit of long training all methods give one hypergradient", () => {
  const implicitly = (session: ProgramRunner<ImplicitPrograms>, { task }: Setting, solver: LinearSolver) =>
    implicitHypergradient(session, {
      train: { batch: task.data.train.fields, noise: {} },
      validBatch: task.data.valid.fields,
      solver,
      round: 0,
    });

  describe("O2: of ridge the analytic one", () => {
    const setting: Setting = { task: ridgeTask, optimizer: gradientDescent({ learningRate: 0.05 }) };
    const exact = () => [hypergradient(train, valid, lambda)];

    test("reverse and forward mode from the start", async () => {
      expect(apart((await reverse(setting, 120)).hypers, exact())).toBeLessThan(1e-6);
      expect(apart(await forward(setting, 120), exact())).toBeLessThan(1e-6);
    });

    test("windows at the end, stored or straight", async () => {
      const there = { ...setting, params: bestRidge() };
      expect(apart((await reverse(there, 200, 100)).hypers, exact())).toBeLessThan(1e-6);
      expect(apart((await straight(there, 100)).hypers, exact())).toBeLessThan(1e-6);
    });

    test("also with momentum, where the optimizer's state passes the derivative on", async () => {
      const momentum = { task: ridgeTask, optimizer: sgd({ learningRate: 0.02 }) };
      expect(apart((await reverse(momentum, 400)).hypers, exact())).toBeLessThan(1e-6);
    });
  });

  test("O7: at the best response K steps of gradient descent are the Neumann series of K terms", async () => {
    const step = 0.02;
    const setting: Setting = {
      task: ridgeTask,
      optimizer: gradientDescent({ learningRate: step }),
      params: bestRidge(),
    };
    for (const terms of [1, 2, 5, 30]) {
      const unrolledBy = (await reverse(setting, terms)).hypers;
      const series = await within(setting, (session) =>
        implicitly(session, setting, neumann({ terms, step })),
      );
      expect(apart(unrolledBy, series.hypers.data)).toBeLessThan(1e-12);
    }
  });

  test("of a small network the difference of whole re-trainings", async () => {
    const STEPS = 1200;
    const setting: Setting = { task: smoothTask(), optimizer: sgd({ learningRate: 0.2 }) };
    const truth = await differences(setting, STEPS, 1e-4);
    const found = await within(setting, async (session) => {
      await trained(session, setting, 0, STEPS);
      return {
        cg: await implicitly(
          session,
          setting,
          conjugateGradient({ tolerance: () => 1e-10, iterations: 200 }),
        ),
        neumann: await implicitly(session, setting, neumann({ terms: 1200, step: 1 })),
      };
    });
    const gaps = {
      cg: apart(found.cg.hypers, truth),
      neumann: apart(found.neumann.hypers, truth),
      reverse: apart((await reverse(setting, STEPS)).hypers, truth),
      truncated: apart((await reverse(setting, STEPS, 500)).hypers, truth),
      forward: apart(await forward(setting, STEPS), truth),
      straight: apart((await straight(setting, STEPS, 400)).hypers, truth),
    };
    for (const gap of Object.values(gaps)) expect(gap).toBeLessThan(1e-6);
  });
});

/** A small network with tanh, so that training can settle where nothing has a kink. */
function smoothTask(): Task {
  const { problem, data } = smallTask({
    hidden: [3],
    hypers: {
      "l2.fc1": real(0.05, { low: 1e-5, high: 1, log: true }),
      "l2.fc2": real(0.03, { low: 1e-5, high: 1, log: true }),
    },
  });
  const [fc1, fc2] = problem.layers as readonly [Layer, Layer];
  const predict: Problem["predict"] = (layers, { x }) =>
    layers.apply(fc2, np.tanh(layers.apply(fc1, x as np.Array)));
  return { problem: { ...problem, predict }, data };
}

const bestRidge = (): HostTree => ({
  w: { weight: new HostArray(Float64Array.from(bestResponse(train, lambda)), [3, 1]), bias: hostZeros([1]) },
});
