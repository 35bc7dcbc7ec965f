import { defaultDevice, init, numpy as np, tree } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import type { ArrayTree } from "../../src/engine/engine.ts";
import { linearization } from "../../src/engine/transform.ts";
import { plainLayers } from "../../src/nn/layer.ts";
import { mlp } from "../../src/nn/mlp.ts";
import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import { objectiveOf, trainObjective, validLosses, type Objective } from "../../src/problem/objective.ts";
import { factored } from "../../src/response/factored.ts";
import { real } from "../../src/space/real.ts";
import { naturalArrays } from "../../src/space/space.ts";
import { softplus } from "../../src/space/transform.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { drawNoise, drawPerturbation } from "../../src/tuners/noise.ts";
import { stn } from "../../src/tuners/stn.ts";
import { HostArray, leavesOf, mapTree, type HostTree } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";
import { inSession, leaf } from "../oracles/settle.ts";

/*
 * What the compiled programs move their state by, with plain gradient descent of step 1, against central differences of the same
 * objective composed here, uncompiled, from its parts.
 */

const task = smallTask({
  hypers: {
    "dropout.fc1": real(0.3, { low: 0, high: 0.8, scale: 0.6 }),
    l2: real(0.05, { low: 1e-4, high: 1, log: true, scale: 0.4 }),
  },
});
const { problem, data } = task;
const SIZE = problem.space.size;
const RTOL = 1e-6;

beforeAll(async () => {
  await init("cpu"); // exact exponentials and logarithms
  defaultDevice("cpu");
});

const arrays = (host: HostTree): ArrayTree => {
  if (!(host instanceof HostArray))
    return Object.fromEntries(Object.entries(host).map(([name, child]) => [name, arrays(child)]));
  const shape = [...host.shape];
  if (host.data instanceof Int32Array) return np.array([...host.data], { dtype: np.int32 }).reshape(shape);
  return np.array(Float64Array.from(host.data), { shape, dtype: np.float64 });
};

const normalLike = (host: HostTree, stream: string, scale = 1): HostTree =>
  mapTree(
    host,
    ({ data, shape }, path) =>
      new HostArray(
        randomNormal(randomKey(0, `${stream} ${path}`), 0, data.length).map((z) => scale * z),
        shape,
      ),
  );

const zipped = (one: HostTree, two: HostTree, f: (a: number, b: number) => number): HostTree => {
  const others = new Map(leavesOf(two));
  return mapTree(
    one,
    ({ data, shape }, path) =>
      new HostArray(
        Float64Array.from(data, (v, i) => f(v, others.get(path)?.data[i] as number)),
        shape,
      ),
  );
};

const inner = (one: HostTree, two: HostTree): number =>
  leavesOf(zipped(one, two, (a, b) => a * b)).reduce(
    (sum, [, { data }]) => Array.from(data).reduce((total, v) => total + v, sum),
    0,
  );

/** The derivative of f at a point in a direction. */
const slope = (f: (at: HostTree) => number, at: HostTree, direction: HostTree, step = 1e-5): number => {
  const moved = (by: number) => f(zipped(at, direction, (v, d) => v + by * d));
  return (moved(step) - moved(-step)) / (2 * step);
};

const agree = (actual: number, expected: number) => {
  expect(Math.abs(expected)).toBeGreaterThan(1e-3);
  expect(Math.abs(actual - expected)).toBeLessThan(RTOL * Math.abs(expected));
};

const descent = { optimizer: gradientDescent(), learningRate: 1 };
const methods = { stn, "centered-stn": centeredStn, "delta-stn": deltaStn };
type Method = keyof typeof methods;

/** A state in which nothing is 0, and what one training step makes of it. */
async function stepped(method: Method | "fixed") {
  const tuner = method === "fixed" ? fixed(descent) : methods[method](descent);
  return inSession(task, tuner, {}, async ({ prepared, session, host }) => {
    const before = { ...prepared.state };
    if (method !== "fixed") {
      const theta = before.response as HostTree;
      before.response = zipped(theta, normalLike(theta, "theta", 0.3), (a, b) => a + b);
      session.write({ response: before.response });
    }
    await prepared.advance({ ...host, stepsPerEpoch: Infinity }, 0);
    return { before, after: await session.read() };
  });
}

const batch = () => arrays(data.train.fields) as Record<string, np.Array>;
const noise = () => arrays(drawNoise(problem.noise, 0, 0, data.train.rows)) as Record<string, np.Array>;
const total = ({ loss, penalty }: Objective): number => loss.add(penalty).item() ?? NaN;

function perturbationsOf(state: Record<string, HostTree>): np.Array {
  const sigma = leaf(state, "scales").map(softplus.forward);
  const z = drawPerturbation(problem.space, 0, "train", 0, data.train.rows);
  const values = Float64Array.from(z.data, (v, i) => v * (sigma[i % SIZE] as number));
  return np.array(values, { shape: [data.train.rows, SIZE], dtype: np.float64 });
}

const hypersOf = (state: Record<string, HostTree>): np.Array =>
  np.array(leaf(state, "hypers"), { dtype: np.float64 }).reshape([1, SIZE]);

const plainObjective = (state: Record<string, HostTree>, params: HostTree): number =>
  total(
    trainObjective(
      problem,
      plainLayers(arrays(params)),
      batch(),
      naturalArrays(problem.space, hypersOf(state)),
      noise(),
    ),
  );

function perturbedObjective(
  method: Method,
  state: Record<string, HostTree>,
  params: HostTree,
  theta: HostTree,
): number {
  const epsilon = perturbationsOf(state);
  const lambda = hypersOf(state).add(epsilon.ref);
  const h = method === "stn" ? lambda.ref : epsilon.ref;
  const layersAt = (input: np.Array) => factored.layers(arrays(params), arrays(theta), input);
  const hypers = naturalArrays(problem.space, lambda);
  if (method !== "delta-stn") {
    return total(trainObjective(problem, layersAt(h.ref), batch(), hypers, noise()));
  }
  const predict = (input: np.Array) =>
    problem.predict(layersAt(input), batch(), tree.ref(hypers), noise(), "train");
  // the prediction is quadratic in h between two kinks, so that these differences are exact
  const step = 1e-4;
  const [up, down] = [predict(h.ref.mul(step)), predict(h.ref.mul(-step))] as [np.Array, np.Array];
  const along = (predict(np.zerosLike(h.ref)) as np.Array).add(up.sub(down).mul(0.5 / step));
  return total(objectiveOf(problem, along, layersAt(h.ref), batch(), hypers));
}

describe("the gradient that moves the weights is the objective's", () => {
  test("fixed", async () => {
    const { before, after } = await stepped("fixed");
    const params = before.params as HostTree;
    const grads = zipped(params, after.params as HostTree, (a, b) => a - b);
    const direction = normalLike(params, "direction");
    agree(
      inner(grads, direction),
      slope((at) => plainObjective(before, at), params, direction),
    );
  });

  test.each(Object.keys(methods) as Method[])("%s", async (method) => {
    const { before, after } = await stepped(method);
    const [params, theta] = [before.params, before.response] as [HostTree, HostTree];
    const direction = normalLike(params, "direction");
    const objective = (at: HostTree) =>
      method === "stn" ? perturbedObjective(method, before, at, theta) : plainObjective(before, at);
    agree(
      inner(
        zipped(params, after.params as HostTree, (a, b) => a - b),
        direction,
      ),
      slope(objective, params, direction),
    );
  });
});

describe("the gradient that moves the response is the perturbed objective's", () => {
  test.each(Object.keys(methods) as Method[])("%s", async (method) => {
    const { before, after } = await stepped(method);
    const [params, theta] = [before.params, before.response] as [HostTree, HostTree];
    const direction = normalLike(theta, "direction");
    agree(
      inner(
        zipped(theta, after.response as HostTree, (a, b) => a - b),
        direction,
      ),
      slope((at) => perturbedObjective(method, before, params, at), theta, direction),
    );
  });
});

const TAU = 0.05;

/** A state whose response is not 0, and what one hyperparameter step makes of it. */
const tuned = (method: Method) =>
  inSession(
    task,
    methods[method]({
      hyperOptimizer: gradientDescent(),
      hyperLearningRate: 1,
      scaleOptimizer: gradientDescent(),
      scaleLearningRate: 1,
      entropyWeight: TAU,
      learningRate: 0,
      warmupEpochs: 0,
      trainSteps: 1,
    }),
    {},
    async ({ prepared, session, host }) => {
      const before = { ...prepared.state };
      const theta = before.response as HostTree;
      before.response = zipped(theta, normalLike(theta, "theta", 0.3), (a, b) => a + b);
      session.write({ response: before.response });
      await prepared.advance(host, 0);
      return { before, after: await session.read() };
    },
  );

describe("the gradients that move the hyperparameters and their scales are the validation objective's", () => {
  test.each(Object.keys(methods) as Method[])("%s", async (method) => {
    const { before, after } = await tuned(method);
    const origin = leaf(before, "hypers").map((v) => (method === "stn" ? 0 : v)); // λ0 stays while λ moves
    const z = drawPerturbation(problem.space, 0, "valid", 0, data.valid.rows);
    const objective = (at: HostTree): number => {
      const state = at as Record<string, HostTree>;
      const [lambda, sigma] = [leaf(state, "hypers"), leaf(state, "scales").map(softplus.forward)];
      const rows = Float64Array.from(
        z.data,
        (v, i) => (lambda[i % SIZE] as number) + v * (sigma[i % SIZE] as number),
      );
      const perturbed = np.array(rows, { shape: [data.valid.rows, SIZE], dtype: np.float64 });
      const h = perturbed.ref.sub(np.array(origin, { dtype: np.float64 }));
      const losses = validLosses(
        problem,
        factored.layers(arrays(before.params as HostTree), arrays(before.response as HostTree), h),
        arrays(data.valid.fields) as Record<string, np.Array>,
        naturalArrays(problem.space, perturbed),
      ).dataSync();
      const entropy = sigma.reduce((sum, s) => sum + Math.log(s * Math.sqrt(2 * Math.PI * Math.E)), 0);
      return Array.from(losses).reduce((sum, v) => sum + v, 0) / data.valid.rows - TAU * entropy;
    };
    const point = { hypers: before.hypers, scales: before.scales } as Record<string, HostTree>;
    const moved = { hypers: after.hypers, scales: after.scales } as Record<string, HostTree>;
    for (const part of ["hypers", "scales"]) {
      const only = mapTree(normalLike(point, "direction"), (array, path) =>
        path === part ? array : new HostArray(new Float64Array(SIZE), [SIZE]),
      );
      agree(
        inner(
          zipped(point, moved, (a, b) => a - b),
          only,
        ),
        slope(objective, point, only),
      );
    }
  });
});

describe("the entropy of the perturbations", () => {
  const widths = [0.3, 2];
  const flat = (tuneScale: boolean) =>
    smallTask({
      hypers: {
        "dropout.fc1": real(0.3, { low: 0, high: 0.8, scale: widths[0] as number, tuneScale }),
        l2: real(0.05, { log: true, scale: widths[1] as number }),
      },
    });
  /** Where Θ = 0, the validation loss does not see the scales and the entropy alone moves them. */
  const scalesAfter = async (tuneScale: boolean) => {
    const tuner = deltaStn({
      scaleOptimizer: gradientDescent(),
      scaleLearningRate: 1,
      entropyWeight: TAU,
      learningRate: 0,
      warmupEpochs: 0,
      trainSteps: 1,
    });
    return inSession(flat(tuneScale), tuner, {}, async ({ prepared, session, host }) => {
      await prepared.advance(host, 0);
      return { before: leaf(prepared.state, "scales"), after: leaf(await session.read(), "scales") };
    });
  };

  test("widens a scale by τ σ'(s) / σ(s)", async () => {
    const { before, after } = await scalesAfter(true);
    before.forEach((s, j) => {
      const expected = TAU / (1 + Math.exp(-s)) / softplus.forward(s);
      agree((after[j] as number) - s, expected);
    });
  });

  test("leaves a scale that is not to be tuned", async () => {
    const { before, after } = await scalesAfter(false);
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });
});

describe("the linearised prediction", () => {
  test("is the prediction's derivative in h, in a direction of its own for each example", () => {
    const network = mlp({ inputs: 3, hidden: [5, 4], outputs: 2 });
    const params = network.init(randomKey(3, "params"));
    const theta = normalLike(
      factored.init(network.layers, params, SIZE, randomKey(3, "theta")),
      "theta",
      0.5,
    );
    const x = arrays(normalLike(new HostArray(new Float64Array(18), [6, 3]), "x")) as np.Array;
    const direction = arrays(normalLike(new HostArray(new Float64Array(12), [6, 2]), "h")) as np.Array;
    const predict = (h: np.Array): np.Array =>
      network.apply(factored.layers(arrays(params), arrays(theta), h), x.ref, (_, value) => value);
    const step = 1e-5;
    const [up, down] = [predict(direction.ref.mul(step)), predict(direction.ref.mul(-step))];
    const expected = up
      .sub(down)
      .mul(0.5 / step)
      .dataSync();
    const origin = predict(np.zerosLike(direction.ref)).dataSync();
    const linearized = (
      linearization(predict, np.zerosLike(direction.ref), direction.ref) as np.Array
    ).dataSync();
    expected.forEach((slope: number, i: number) =>
      agree((linearized[i] as number) - (origin[i] as number), slope),
    );
    const full = predict(direction.ref).dataSync();
    const gap = Math.max(...full.map((v: number, i: number) => Math.abs(v - (linearized[i] as number))));
    expect(gap).toBeGreaterThan(0.01); // the prediction itself is not linear
  });
});
