import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { beforeEach, describe, expect, test } from "vitest";

import { jaxEngine } from "../../src/engine/jax.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { linearization } from "../../src/engine/transform.ts";
import { droppedCarry, initCarried, keptCarry, type CarriedLeaf } from "../../src/nn/carried.ts";
import type { StepConfig } from "../../src/nn/kinds.ts";
import { initLayers, plainLayers } from "../../src/nn/layer.ts";
import { sequential, stepOf } from "../../src/nn/sequential.ts";
import { factored } from "../../src/response/factored.ts";
import { real } from "../../src/space/real.ts";
import { demandSame } from "../../src/testing/contract.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { createRun } from "../../src/tuners/run.ts";
import { stn } from "../../src/tuners/stn.ts";
import { unrolled } from "../../src/tuners/unrolled.ts";
import { HostArray, mapTree, scalarOf, type HostTree } from "../../src/util/host-array.ts";
import { randomKey } from "../../src/util/random.ts";
import { inSession, settle, tuneFully } from "../oracles/settle.ts";
import { array, device, host, imageTask, normal, rate } from "./images.ts";

/*
 * Batch normalisation, whose running statistics training carries from step to step.
 */

beforeEach(async () => {
  await init("cpu");
  defaultDevice("cpu"); // whose tanh is good to more than the eight digits of "wasm"
});

const soon = { warmupEpochs: 0, trainSteps: 2 };
const images = [2, 4, 4] as const;
const layers: StepConfig[] = [
  { layer: "channel-dropout" },
  { layer: "conv2d", channels: 3, kernel: 3, padding: 1, bias: false },
  { layer: "batch-norm" },
  { layer: "tanh" },
  {
    layer: "residual",
    layers: [
      { layer: "channel-dropout", name: "middle" },
      { layer: "conv2d", channels: 3, kernel: 1 },
      { layer: "batch-norm" },
    ],
  },
  { layer: "average-pool", kernel: 2 },
  { layer: "flatten" },
  { layer: "linear" },
];

test("a minibatch is normalised by its own statistics, and moves the running ones by a tenth", () => {
  const { layer, carried = [], apply } = stepOf({ layer: "batch-norm" }, [2, 1, 2]);
  const x = [1, 2, 10, 14, 3, 4, 30, 8, 5, 9, 11, -1]; // 3 rows of 2 channels with 2 places
  const params = device(initLayers(randomKey(0, ""), layer ? [layer] : []));
  const { carry, left } = keptCarry(carried, device(initCarried(carried)));
  const y = host(
    apply(
      array(new HostArray(Float64Array.from(x), [3, 2, 1, 2])),
      { ...plainLayers(params), carry },
      (_, z) => z,
    ),
  );
  const channels = [0, 1].map((c) =>
    [0, 1, 2].flatMap((row) => x.slice(4 * row + 2 * c, 4 * row + 2 * c + 2)),
  );
  const means = channels.map((of) => of.reduce((a, b) => a + b) / 6);
  const squares = channels.map((of, c) => of.reduce((sum, z) => sum + (z - (means[c] as number)) ** 2, 0));
  const expected = x.map((z, i) => {
    const c = Math.floor(i / 2) % 2;
    return (z - (means[c] as number)) / Math.sqrt((squares[c] as number) / 6 + 1e-5);
  });
  demandSame(y, new HostArray(Float64Array.from(expected), [3, 2, 1, 2]), "y", 1e-12);
  const after = left() as unknown as Record<string, Record<string, np.Array>>;
  const running = after.norm1 as Record<string, np.Array>;
  const vector = (values: number[]) => new HostArray(Float64Array.from(values), [2]);
  demandSame(host(running.mean as np.Array), vector(means.map((m) => 0.1 * m)), "the mean", 1e-12);
  const variances = squares.map((sum) => 0.9 + 0.1 * (sum / 5));
  demandSame(host(running.variance as np.Array), vector(variances), "the variance", 1e-12);
});

const task = (scale: number) =>
  imageTask(images, layers, {
    "dropout.input": rate(0.45, scale, "minibatch"),
    "dropout.middle": rate(0.45, scale, "minibatch"),
    l2: real(0.1, { low: 0.01, high: 1, log: true, scale, perturb: "minibatch" }),
  });

test.each([
  ["centered-stn, however wide the perturbations", centeredStn(), 2],
  ["delta-stn, however wide", deltaStn(), 2],
  ["delta-stn, whose response learns in every second step", deltaStn({ responseEvery: 2 }), 2],
  ["stn, where they are zero", stn(), 1e-12],
] as const)("weights and running statistics are those of plain training in %s", async (_, tuner, scale) => {
  const [own, plain] = [
    await settle(task(scale), tuner, { steps: 5 }),
    await settle(task(scale), fixed(), { steps: 5 }),
  ] as [Record<string, HostTree>, Record<string, HostTree>];
  demandSame(own.params as HostTree, plain.params as HostTree, "the weights", 1e-10);
  demandSame(own.carried as HostTree, plain.carried as HostTree, "the running statistics", 1e-10);
});

test("both engines train alike", async () => {
  const [own, other] = (await Promise.all(
    [await onnxEngine(), await jaxEngine()].map((engine) =>
      tuneFully(task(1), deltaStn(soon), { steps: 2, engine }),
    ),
  )) as [Record<string, HostTree>, Record<string, HostTree>];
  for (const part of ["params", "response", "carried", "hypers"])
    demandSame(own[part] as HostTree, other[part] as HostTree, part, 1e-6);
});

test("evaluation is by running statistics, which the exported weights hold", async () => {
  const { problem, data } = task(1);
  await inSession({ problem, data }, deltaStn(), {}, async ({ prepared, session, host: at }) => {
    for (let step = 0; step < 3; step++) await prepared.advance({ ...at, stepsPerEpoch: Infinity }, step);
    const [x, y] = [data.valid.fields.x, data.valid.fields.y] as [HostArray, HostArray];
    const one = (array: HostArray) =>
      new HostArray(array.data.slice(0, array.data.length / 6), [1, ...array.shape.slice(1)]);
    const inputs = { batch: { x: one(x), y: one(y) }, weight: new HostArray(Float64Array.of(1), [1]) };
    const alone = scalarOf((await session.run("evaluate", inputs)).loss as HostArray);
    const { params } = await session.run("weights", {});
    const model = plainLayers(device(params as HostTree));
    const batch = device({ x: one(x), y: one(y) }) as { x: np.Array; y: np.Array };
    const outputs = problem.predict(model, { x: batch.x }, {}, {}, "eval");
    const loss = host(problem.loss(outputs, { y: batch.y.astype(np.int32) }, {})).data[0];
    expect(loss).toBeCloseTo(alone, 9);
    const state = await session.read(["carried"]);
    demandSame(
      mapTree(state.carried as HostTree, (leaf) => leaf),
      { norm1: statisticsOf(params as HostTree, "norm1"), norm2: statisticsOf(params as HostTree, "norm2") },
      "the statistics",
      1e-12,
    );
  });
});

const statisticsOf = (params: HostTree, layer: string): HostTree => {
  const { mean, variance } = (params as Record<string, Record<string, HostTree>>)[layer] as Record<
    string,
    HostTree
  >;
  return { mean: mean as HostTree, variance: variance as HostTree };
};

describe("the linearised prediction is the derivative by central differences, through batch normalisation", () => {
  const { carried = [], ...network } = sequential({ input: images, outputs: 3, layers });
  const like = (name: string, tree: HostTree) =>
    mapTree(tree, ({ shape }, path) => normal(`${name} ${path}`, shape, 0.5));
  const params = like("params", network.init(randomKey(3, "params")));
  const theta = like("theta", factored.init(network.layers, params, 2, randomKey(3, "theta")));
  const statistics = mapTree(initCarried(carried as readonly CarriedLeaf[]), ({ data, shape }) => {
    return new HostArray(
      Float64Array.from(data, (value, i) => value + 0.1 * (i + 1)),
      shape,
    );
  });

  test.each(["train", "eval"] as const)("in the mode %s", (mode) => {
    const [x, direction] = [array(normal("x", [5, ...images])), array(normal("h", [5, 2]))];
    const predict = (h: np.Array): np.Array => {
      const at = device(statistics);
      const carry = mode === "train" ? droppedCarry(at) : { ...droppedCarry(at), training: false };
      const responding = { ...factored.layers(device(params), device(theta), h), carry };
      return network.apply(responding, x.ref, (_, value) => value);
    };
    const zero = np.zerosLike(direction.ref);
    const tangent = (linearization(predict, zero.ref, direction.ref) as np.Array).sub(predict(zero));
    const [up, down] = [predict(direction.ref.mul(1e-5)), predict(direction.mul(-1e-5))];
    const [found, expected] = [host(tangent), host(up.sub(down).div(2e-5))];
    demandSame(found, expected, "the derivative", 1e-6);
    expect(Math.min(...expected.data.map(Math.abs))).toBeGreaterThan(1e-3);
  });
});

test("a method that hands nothing on says so", async () => {
  const engine = await jaxEngine();
  expect(() => createRun(task(1), unrolled(), engine, { epochs: 100 }, { clock: { now: () => 0 } })).toThrow(
    /^unrolled must find a problem whose training carries nothing .* carries a state of "norm1", "norm2"; take layers without one/,
  );
});
