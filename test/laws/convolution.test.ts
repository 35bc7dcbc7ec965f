import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { afterEach, beforeAll, describe, expect, test } from "vitest";

import type { Engine } from "../../src/engine/engine.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { linearization } from "../../src/engine/transform.ts";
import type { StepConfig } from "../../src/nn/kinds.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { factored } from "../../src/response/factored.ts";
import { real } from "../../src/space/real.ts";
import { demandSame } from "../../src/testing/contract.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { stn } from "../../src/tuners/stn.ts";
import { endlessRun } from "../../src/tuners/tuner.ts";
import { HostArray, leavesOf, mapTree, sizeOf, type HostTree } from "../../src/util/host-array.ts";
import { randomKey } from "../../src/util/random.ts";
import { leaf, settle, tuneFully } from "../oracles/settle.ts";
import { array, device, host, imageTask, normal, rate } from "./images.ts";

/*
 * Laws of self-tuning networks over convolutions, in which whole training and hyperparameter steps are compared, with perturbations
 * of each example and float64.
 */

const methods = { stn, centeredStn, deltaStn };
const engines: Readonly<Record<string, () => Promise<Engine>>> = { jax: jaxEngine, onnx: onnxEngine };
const soon = { warmupEpochs: 0, trainSteps: 2 };

beforeAll(async () => {
  await init("wasm");
  defaultDevice("wasm");
});

afterEach(() => defaultDevice("wasm"));

/** A state with one of its layers changed wherever it stands: among the weights, the response, and what optimizers keep of both. */
const withLayer = (
  state: Record<string, HostTree>,
  name: string,
  change: (array: HostArray, part: string) => HostArray,
): Record<string, HostTree> =>
  mapTree(state, (array, path) => {
    const parts = path.split(".");
    return parts.at(-2) === name ? change(array, parts.at(-1) as string) : array;
  }) as Record<string, HostTree>;

/** The array with its axes in another order. */
function transposed({ data, shape }: HostArray, order: readonly number[], as: readonly number[]): HostArray {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const to = order.map((axis) => shape[axis] as number);
  const values = Float64Array.from(data, (_, i) => {
    let from = 0;
    let rest = i;
    for (let axis = order.length - 1; axis >= 0; axis--) {
      from += (rest % (to[axis] as number)) * (strides[order[axis] as number] as number);
      rest = Math.floor(rest / (to[axis] as number));
    }
    return data[from] as number;
  });
  return new HostArray(values, as);
}

describe("a convolution whose kernel is as large as its image is a linear layer", () => {
  const [input, units] = [[2, 3, 2], 4] as const;
  const hypers = { "dropout.input": rate(0.2), "dropout.conv1": rate(0.3), l2: real(0.02, { log: true }) };
  const behind: StepConfig[] = [{ layer: "tanh" }, { layer: "dropout" }, { layer: "linear" }];
  const convolving = imageTask(
    input,
    [
      { layer: "dropout" },
      { layer: "conv2d", channels: units, kernel: [3, 2] },
      { layer: "flatten" },
      ...behind,
    ],
    hypers,
  );
  const linear = imageTask(
    input,
    [
      { layer: "dropout" },
      { layer: "flatten" },
      { layer: "linear", name: "conv1", outputs: units },
      ...behind,
    ],
    hypers,
  );
  const isWeight = (part: string) => part === "weight" || part === "weightDirection";
  const asLinear = (array: HostArray, part: string): HostArray => {
    if (isWeight(part)) return transposed(array, [1, 2, 3, 0], [12, units]);
    return part === "weightGain" ? new HostArray(array.data, [array.shape[0] as number, 1, units]) : array;
  };

  test.each(Object.keys(methods).flatMap((method) => Object.keys(engines).map((engine) => [method, engine])))(
    "in %s on the engine %s",
    async (method, engineName) => {
      const engine = await (engines[engineName] as () => Promise<Engine>)();
      const tuner = methods[method as keyof typeof methods](soon);
      const { state } = tuner.prepare(convolving, 0, endlessRun);
      const own = await tuneFully(convolving, tuner, { steps: 4, engine });
      const start = withLayer(state, "conv1", asLinear);
      const expected = await tuneFully(linear, tuner, { steps: 4, engine, start });
      demandSame(withLayer(own, "conv1", asLinear), expected, "the state", 1e-9);
      expect(Math.max(...leaf(own, "response.conv1.weightGain").map(Math.abs))).toBeGreaterThan(1e-4);
    },
  );
});

const pooled: StepConfig[] = [
  { layer: "channel-dropout" },
  { layer: "conv2d", channels: 4, kernel: 3, padding: 1, groups: 2 },
  { layer: "max-pool", kernel: 2 },
  { layer: "group-norm", groups: 1 },
  { layer: "tanh" },
  { layer: "channel-dropout", name: "conv1" },
  { layer: "conv2d", channels: 3, kernel: 2, stride: [1, 2], dilation: [1, 2], padding: [0, 1] },
  { layer: "average-pool", kernel: [2, 1] },
  { layer: "flatten" },
  { layer: "linear" },
];
const images = [2, 6, 6] as const;

test("channels in another order train in that order", async () => {
  const layers = pooled.with(1, { layer: "conv2d", channels: 4, kernel: 3, padding: 1 });
  const task = imageTask(images, layers, { "dropout.input": rate(0.2), l2: real(0.02, { log: true }) });
  const order = [2, 0, 3, 1];
  const reordered = (axis: number) => (array: HostArray) => along(array, axis, order);
  const permuted = (state: Record<string, HostTree>) =>
    withLayer(
      ["conv1", "norm1"].reduce(
        (at, name) => withLayer(at, name, (array, part) => reordered(/Gain/.test(part) ? 1 : 0)(array)),
        state,
      ),
      "conv2",
      (array, part) => (/^weight(Direction)?$/.test(part) ? reordered(1)(array) : array),
    );
  const { state } = deltaStn(soon).prepare(task, 0, endlessRun);
  const [own, other] = [
    await tuneFully(task, deltaStn(soon), { steps: 4 }),
    await tuneFully(task, deltaStn(soon), { steps: 4, start: permuted(state) }),
  ];
  demandSame(permuted(own), other, "the state", 1e-9);
});

/** Slices along one axis in another order. */
function along({ data, shape }: HostArray, axis: number, order: readonly number[]): HostArray {
  const width = sizeOf(shape.slice(axis + 1));
  const values = Float64Array.from(data, (_, i) => {
    const inner = i % width;
    const index = Math.floor(i / width) % (shape[axis] as number);
    const outer = Math.floor(i / (width * (shape[axis] as number)));
    return data[(outer * (shape[axis] as number) + (order[index] as number)) * width + inner] as number;
  });
  return new HostArray(values, shape);
}

describe("a convolutional network's base weights train as without perturbations", () => {
  const task = (scale: number) =>
    imageTask(images, pooled, {
      "dropout.input": rate(0.45, scale, "minibatch"),
      "dropout.conv1": rate(0.45, scale, "minibatch"),
      l2: real(1, { low: 0.01, high: 100, log: true, scale, perturb: "minibatch" }),
    });

  test.each([
    ["centered-stn, however wide", centeredStn(), 2],
    ["delta-stn, however wide", deltaStn(), 2],
    ["stn, where these are zero", stn(), 1e-12],
  ] as const)("in %s", async (_, tuner, scale) => {
    const [own, plain] = [
      await settle(task(scale), tuner, { steps: 5 }),
      await settle(task(scale), fixed(), { steps: 5 }),
    ];
    const [found, expected] = [own.params, plain.params] as [HostTree, HostTree];
    demandSame(found, expected, "the base weights", 1e-10);
  });
});

test("Delta-STN is centred STN where a convolutional network is linear in its weights", async () => {
  const task = imageTask(
    images,
    [
      { layer: "channel-dropout" },
      { layer: "conv2d", channels: 3, kernel: 3 },
      { layer: "global-average-pool" },
    ],
    { "dropout.input": rate(0.2), l2: real(0.02, { log: true }) },
  );
  const [delta, centred] = [
    await tuneFully(task, deltaStn(soon), { steps: 6 }),
    await tuneFully(task, centeredStn(soon), { steps: 6 }),
  ];
  demandSame(delta, centred, "Delta-STN's state", 1e-10);
});

test("the linearised prediction is the derivative by central differences, through pooling", async () => {
  await init("cpu");
  defaultDevice("cpu"); // whose tanh is good to more than the eight digits of "wasm"
  const { layers, ...network } = sequential({ input: images, outputs: 3, layers: pooled });
  const like = (name: string, tree: HostTree) =>
    mapTree(tree, ({ shape }, path) => normal(`${name} ${path}`, shape, 0.5));
  const params = like("params", network.init(randomKey(3, "params")));
  const theta = like("theta", factored.init(layers, params, 2, randomKey(3, "theta")));
  const [x, direction] = [array(normal("x", [3, ...images])), array(normal("h", [3, 2]))];
  const predict = (h: np.Array): np.Array =>
    network.apply(factored.layers(device(params), device(theta), h), x.ref, (_, value) => value);
  const [up, down] = [predict(direction.ref.mul(1e-5)), predict(direction.ref.mul(-1e-5))];
  const origin = predict(np.zerosLike(direction.ref));
  const tangent = (linearization(predict, np.zerosLike(direction.ref), direction.ref) as np.Array).sub(
    origin,
  );
  const [found, expected] = [host(tangent), host(up.sub(down).div(2e-5))];
  demandSame(found, expected, "the derivative", 1e-7);
  expect(Math.min(...expected.data.map(Math.abs))).toBeGreaterThan(1e-3);
});

test("examples and channels have dropout of their own", async () => {
  const task = imageTask(images, pooled, { "dropout.input": rate(0.2), "dropout.conv1": rate(0.2) });
  expect(Object.entries(task.problem.noise).map(([name, { shape, per }]) => [name, shape, per])).toEqual([
    ["input", [2, 1, 1], "example"],
    ["conv1", [4, 1, 1], "example"],
  ]);
  expect(leavesOf(task.problem.init(randomKey(0, "")))).toHaveLength(8);
});
