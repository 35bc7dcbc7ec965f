import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import type { ArrayTree, Engine } from "../../src/engine/engine.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { gradient } from "../../src/engine/transform.ts";
import { activationNames, type ActivationName } from "../../src/nn/activation.ts";
import { plainLayers } from "../../src/nn/layer.ts";
import { mlp } from "../../src/nn/mlp.ts";
import { adam } from "../../src/nn/optim/adam.ts";
import type { ByLayer, LayerChoice, LayerChoiceArrays, Network } from "../../src/nn/network.ts";
import type { TracePoint } from "../../src/api/trace.ts";
import type { Task } from "../../src/problem/problem.ts";
import { supervised } from "../../src/problem/supervised.ts";
import { gpSampler } from "../../src/search/gp-sampler.ts";
import { random } from "../../src/search/random.ts";
import type { Sampler } from "../../src/search/sampler.ts";
import { fullBudget } from "../../src/search/schedulers/full-budget.ts";
import { hyperband } from "../../src/search/schedulers/hyperband.ts";
import type { Scheduler } from "../../src/search/schedulers/scheduler.ts";
import { tpe } from "../../src/search/tpe.ts";
import { choice } from "../../src/space/choice.ts";
import { integer } from "../../src/space/integer.ts";
import { real } from "../../src/space/real.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { startingAt } from "../../src/testing/starting-at.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { createRun } from "../../src/tuners/run.ts";
import type { HyperValues } from "../../src/space/space.ts";
import { searchStudy } from "../../src/testing/study-evaluations.ts";
import { trialRunner } from "../../src/study/trial.ts";
import { flattened, HostArray, leavesOf, mapTree, type HostTree } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";

const LARGEST = 6;
const open = { width: LARGEST, activation: activationNames, skip: true };
const all = mlp({ inputs: 3, hidden: [2, 2, 2], outputs: 4 }).opened?.({
  fc1: { ...open, skip: false },
  fc2: open,
  fc3: open,
});
if (!all) throw new Error("a multilayer perceptron can be opened");

/** One of every activation, with widths that grow, shrink and reach both ends, with and without residual connections. */
const architectures: readonly (readonly LayerChoice[])[] = [
  ...activationNames.map((activation) => [
    { width: 3, activation },
    { width: 5, activation, skip: true },
    { width: 2, activation, skip: false },
  ]),
  [
    { width: 1, activation: "tanh" },
    { width: LARGEST, activation: "gelu", skip: true },
    { width: 1, activation: "sigmoid", skip: true },
  ],
  [
    { width: LARGEST, activation: "silu" },
    { width: LARGEST, activation: "relu", skip: true },
    { width: LARGEST, activation: "identity", skip: true },
  ],
];
const named = (layers: readonly LayerChoice[]): ByLayer<LayerChoice> =>
  Object.fromEntries(layers.map((layer, i) => [`fc${i + 1}`, layer]));
const title = (layers: readonly LayerChoice[]) =>
  layers.map(({ width, activation, skip }) => `${width} ${activation}${skip ? " +" : ""}`).join(", ");
const cases = architectures.map((layers) => [title(layers), layers] as const);

describe.each(cases)("a supernetwork at %s", (_, layers) => {
  beforeAll(async () => {
    await init("cpu");
    defaultDevice("cpu");
  });
  const choices = named(layers);
  const random = mapTree(all.largest.init(randomKey(0, "weights")), ({ shape, data }, path) => {
    return new HostArray(randomNormal(randomKey(1, path), 0, data.length), shape);
  });
  const f64 = ({ data, shape }: HostArray): np.Array =>
    np.array([...data], { dtype: np.float64 }).reshape([...shape]);
  const traced = (host: HostTree): ArrayTree =>
    host instanceof HostArray
      ? f64(host)
      : Object.fromEntries(Object.entries(host).map(([name, child]) => [name, traced(child)]));
  const arrays = (): ByLayer<LayerChoiceArrays> =>
    Object.fromEntries(
      Object.entries(choices).map(([name, { width, activation, skip }]) => [
        name,
        {
          width: f64(new HostArray(Float64Array.of(width as number), [1])),
          activation: f64(
            new HostArray(Float64Array.of(activationNames.indexOf(activation as ActivationName)), [1]),
          ),
          ...(skip !== undefined && { skip: f64(new HostArray(Float64Array.of(Number(skip)), [1])) }),
        },
      ]),
    );
  const examples = new HostArray(randomNormal(randomKey(2, "examples"), 0, 15), [5, 3]);
  const whole = (params: ArrayTree) =>
    all.apply(plainLayers(params), f64(examples), (_place, x) => x, arrays()); // [5, 4]
  const plain = (params: ArrayTree) =>
    all.plain(choices).apply(plainLayers(params), f64(examples), (_place, x) => x);
  const squares = (predict: (params: ArrayTree) => np.Array) => (params: ArrayTree) =>
    np.square(predict(params)).sum();
  const hostOf = (arrays: ArrayTree): HostTree =>
    arrays instanceof np.Array
      ? new HostArray(arrays.ref.dataSync() as Float64Array<ArrayBuffer>, [...arrays.shape])
      : Object.fromEntries(Object.entries(arrays).map(([name, child]) => [name, hostOf(child)]));

  test("predicts as the plain network with the cropped weights, whatever the others are", () => {
    const expected = plain(traced(all.cropped(random, choices))).dataSync();
    const found = whole(traced(random)).dataSync();
    expected.forEach((value: number, i: number) => expect(found[i]).toBeCloseTo(value, 10));
  });

  test("has its gradient, and none by a weight that the architecture lacks", () => {
    const found = hostOf(gradient(squares(whole), traced(random)));
    const expected = hostOf(gradient(squares(plain), traced(all.cropped(random, choices))));
    expectClose(all.cropped(found, choices), expected, 1e-9);
    expect(nonzero(found)).toBeLessThanOrEqual(nonzero(expected));
  });

  test("keeps of its parameters what the cropped ones are", () => {
    const masked = hostOf(all.masked(traced(random), arrays()));
    expectClose(all.cropped(masked, choices), all.cropped(random, choices), 0);
    const sum = (tree: HostTree) => flattened(tree).reduce((total, x) => total + x * x, 0);
    expect(sum(masked)).toBeCloseTo(sum(all.cropped(random, choices)), 10);
  });

  test("starts as the plain network does, at 0 elsewhere", () => {
    const started = all.init(randomKey(3, "params"), choices);
    const expected = all.plain(choices).init(randomKey(3, "params"));
    expectClose(all.cropped(started, choices), expected, 0);
    expect(nonzero(started)).toBe(nonzero(expected));
  });
});

const small = smallTask();
const data = {
  name: "small",
  splits: small.data,
  task: "classification",
  inputShape: [3],
  outputs: 3,
  warnings: [],
} as const;

describe.each<[string, () => Promise<Engine>]>([
  ["jax", jaxEngine],
  ["onnx", onnxEngine],
])("training on the engine %s", (_, makeEngine) => {
  const decay = { l2: real(0.3, { log: true }) };
  const options = (list: readonly ActivationName[]) => choice("relu", { options: list });
  const searched = supervised({
    data,
    network: mlp({ inputs: 3, hidden: [2, 2, 2], outputs: 3 }),
    hypers: {
      ...decay,
      width: integer(4, { low: 1, high: LARGEST }),
      activation: options(activationNames),
      "activation.fc2": options(["gelu", "relu", "tanh"]),
      "skip.fc2": choice(true, { options: [true, false] }),
      "skip.fc3": choice(true, { options: [false, true] }),
    },
  });
  const network: Network = mlp({
    inputs: 3,
    hidden: [5, 5, 5],
    outputs: 3,
    activation: ["silu", "tanh", "silu"],
    skip: [false, false, true],
  });
  const values = {
    ...{ l2: 0.3, width: 5, activation: "silu", "activation.fc2": "tanh" },
    ...{ "skip.fc2": false, "skip.fc3": true },
  };

  const trained = async (task: Task, tuner = fixed({ clipNorm: 0.5 })) => {
    const engine = await makeEngine();
    const run = createRun(task, tuner, engine, { epochs: 3, batchSize: 8, precision: "float64" }, still);
    const losses: number[] = [];
    for await (const event of run.events()) {
      if (event.kind === "start" || event.kind === "epoch")
        losses.push(event.trace.valid.loss, event.trace.train?.penalty ?? 0);
    }
    const weights = await run.weights();
    run.dispose();
    return { losses, weights };
  };

  test.each([
    ["SGD with momentum, decay and clipping", () => fixed({ clipNorm: 0.5 })],
    ["Adam", () => fixed({ optimizer: adam(), learningRate: 0.01 })],
  ])("is that of the plain network, by %s", async (_name, tuner) => {
    const found = await trained(startingAt(searched, values), tuner());
    const expected = await trained(supervised({ data, network, hypers: decay }), tuner());
    found.losses.forEach((loss, i) => expect(loss).toBeCloseTo(expected.losses[i] as number, 8));
    const cropped = searched.problem.architecture?.cropped(found.weights, values);
    expectClose(cropped as HostTree, expected.weights, 1e-8);
    expect(expected.losses.at(-2)).toBeLessThan(expected.losses[0] as number);
  });
});

describe("a search trains every architecture that it asks for as it is alone", () => {
  const searched = supervised({
    data,
    network: mlp({ inputs: 3, hidden: [2, 2], outputs: 3 }),
    hypers: {
      l2: real(0.01, { low: 1e-4, high: 1, log: true }),
      width: integer(4, { low: 1, high: LARGEST }),
      activation: choice("relu", { options: activationNames }),
      skip: choice(false, { options: [false, true] }),
    },
  });
  const alone = ({ l2, width, activation, skip }: HyperValues): Task => {
    const units = width as number;
    const network = mlp({
      ...{ inputs: 3, hidden: [units, units], outputs: 3 },
      ...{ activation: activation as ActivationName, skip: [false, skip as boolean] },
    });
    return supervised({ data, network, hypers: { l2: real(l2 as number, { log: true }) } });
  };
  const settings = { batchSize: 8, precision: "float64", seed: 0 } as const;

  test.each<[string, () => Sampler, () => Scheduler]>([
    ["random", random, () => fullBudget(2)],
    ["tpe", () => tpe(), () => fullBudget(2)],
    ["gp", () => gpSampler(), () => fullBudget(2)],
    ["random and Hyperband", random, () => hyperband({ budget: 4 })],
  ])("%s", async (_, sampler, scheduler) => {
    const engine = await onnxEngine();
    const runner = trialRunner({ task: searched, tuner: fixed(), engine, run: settings, environment: still });
    const { space } = searched.problem;
    const study = searchStudy({ space, sampler: sampler(), scheduler: scheduler(), runner, seed: 1 });
    const trials = new Map<number, { values: HyperValues; trace: TracePoint }>();
    for await (const { trial, values, trace } of study) {
      trials.set(trial, { values, trace });
      if (trials.size > 6) break;
    }
    runner.dispose();
    expect(new Set([...trials.values()].map(({ values }) => values.activation)).size).toBeGreaterThan(1);
    for (const { values, trace } of trials.values()) {
      const run = createRun(alone(values), fixed(), engine, { ...settings, epochs: trace.epoch }, still);
      for await (const event of run.events()) {
        if (event.kind === "end") expect(event.final.valid.loss).toBeCloseTo(trace.valid.loss, 8);
      }
      run.dispose();
    }
  });
});

const nonzero = (tree: HostTree): number => flattened(tree).filter((x) => x !== 0).length;

const still = { clock: { now: () => 0 } };

function expectClose(found: HostTree, expected: HostTree, tolerance: number): void {
  const leaves = leavesOf(found);
  expect(leaves.map(([path, { shape }]) => [path, shape])).toEqual(
    leavesOf(expected).map(([path, { shape }]) => [path, shape]),
  );
  leavesOf(expected).forEach(([, { data }], k) =>
    data.forEach((value, i) => {
      const at = leaves[k]?.[1].data[i] as number;
      expect(Math.abs(at - value)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(value)));
    }),
  );
}
