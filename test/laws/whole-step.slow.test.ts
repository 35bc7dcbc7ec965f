import { numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import { jaxEngine } from "../../src/engine/jax.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import type { ArrayTree, Engine, Program } from "../../src/engine/engine.ts";
import { initCarried } from "../../src/nn/carried.ts";
import { crossEntropy } from "../../src/nn/loss.ts";
import type { Network } from "../../src/nn/network.ts";
import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import { sequential, type SequentialOptions } from "../../src/nn/sequential.ts";
import { seenOf } from "../../src/problem/objective.ts";
import type { Problem, Task } from "../../src/problem/problem.ts";
import { factored } from "../../src/response/factored.ts";
import { real } from "../../src/space/real.ts";
import { createSpace } from "../../src/space/space.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { stn } from "../../src/tuners/stn.ts";
import { endlessRun } from "../../src/tuners/tuner.ts";
import { HostArray, leavesOf, sizeOf, type HostTree } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";
import { inSession } from "../oracles/settle.ts";

/*
 * The gradient of the response in a whole training step, against finite differences of nothing but the network's outputs f(h) at weights w0 + Θ h:
 *
 *     STN          mean_i L_i(f(λ + ε)),
 *     centred STN  mean_i L_i(f(ε)),
 *     Delta-STN    mean_i L_i(f(0) + J_h f ε),   J_h f ε by differences of f in h.
 *
 * | symbol | meaning |
 * |---|---|
 * | L_i | a_i crossEntropy(y_i) + b_i |y_i|², where (a, b) = exp(λ + ε) of the example |
 */

const [ROWS, CLASSES, LAMBDA] = [6, 3, [0.2, -1.1]] as const;
const STEP = 1e-4;
const draws = (name: string, count: number) => [...randomNormal(randomKey(8, name), 0, count)];
const labels = Array.from({ length: ROWS }, (_, i) => i % CLASSES);
const epsilon = draws("perturbation", 2 * ROWS).map((z) => 0.4 * z);

const tanh = { layer: "tanh" } as const;
const conv = { layer: "conv2d", channels: 4, kernel: 3, padding: 1 } as const;
const networks: Readonly<Record<string, Pick<SequentialOptions, "input" | "layers">>> = {
  "convolutions, both poolings, group and batch normalisation, a residual block": {
    input: [2, 8, 8],
    layers: [
      ...([conv, { layer: "group-norm", groups: 2 }, tanh, { layer: "max-pool", kernel: 2 }] as const),
      { layer: "residual", layers: [conv, { layer: "batch-norm" }, tanh] },
      ...([{ layer: "average-pool", kernel: 2 }, { layer: "flatten" }, { layer: "linear" }] as const),
    ],
  },
  "attention over patches, layer normalisation": {
    input: [1, 6, 6],
    layers: [
      ...([
        { ...conv, kernel: 2, stride: 2, padding: 0 },
        { layer: "image-to-sequence" },
        { layer: "positions" },
      ] as const),
      { layer: "residual", layers: [{ layer: "layer-norm" }, { layer: "attention", heads: 2 }] },
      ...([
        { layer: "linear", outputs: 5 },
        { layer: "gelu" },
        { layer: "sequence-mean" },
        { layer: "linear" },
      ] as const),
    ],
  },
  "an LSTM": {
    input: [4, 2],
    layers: [{ layer: "lstm", units: 3 }, { layer: "last-step" }, { layer: "linear" }],
  },
};

const methods = { stn, "centered-stn": centeredStn, "delta-stn": deltaStn };

function taskOf(network: Network, input: readonly number[]): Task {
  const held = { log: true, scale: 0.4, tuneScale: false } as const;
  const [a, b] = LAMBDA.map(Math.exp) as [number, number];
  const problem: Problem = {
    name: network.name,
    space: createSpace({ a: real(a, held), b: real(b, held) }),
    noise: {},
    layers: network.layers,
    ...(network.carried && { carried: network.carried }),
    init: (key) => network.init(key),
    predict: (layers, { x }) => network.apply(layers, x as np.Array, (_, y) => y),
    loss(outputs, { y }, { a, b }) {
      const out = outputs as np.Array;
      const size = np
        .square(out.ref)
        .sum(1)
        .mul(b as np.Array);
      return crossEntropy(out, y as np.Array)
        .mul(a as np.Array)
        .add(size);
    },
  };
  const x = new HostArray(Float64Array.from(draws("x", ROWS * sizeOf(input))), [ROWS, ...input]);
  const part = { rows: ROWS, fields: { x, y: new HostArray(Int32Array.from(labels), [ROWS]) } };
  return { problem, data: { train: part, valid: part } };
}

let engines: Readonly<Record<"onnx" | "jax", Engine>>;
beforeAll(async () => void (engines = { onnx: await onnxEngine({ threads: 1 }), jax: await jaxEngine() }));

describe.each(Object.entries(networks))("%s", (_, options) => {
  const network = sequential({ ...options, outputs: CLASSES });
  const task = taskOf(network, options.input);

  test.each(["onnx", "jax"] as const)(
    "the response's gradient is that of finite differences: %s",
    async (name) => {
      const outputsAt = outputsOf(network, task, engines.onnx); // jax-js has no exp of float64 in full
      for (const [method, make] of Object.entries(methods)) {
        const tuner = make({
          ...{ response: factored, optimizer: gradientDescent() },
          learningRate: 1,
          warmupEpochs: Infinity,
        });
        const { state } = tuner.prepare(task, 0, endlessRun);
        const response = moved(state.response as HostTree, "start", 0.5);
        const start = { ...state, response };
        const z = new HostArray(
          Float64Array.from(epsilon, (e) => e / 0.4),
          [ROWS, 2],
        );
        const behind = await inSession(
          task,
          tuner,
          { start, engine: engines[name], perturbation: () => z },
          async ({ prepared, session, host }) => {
            await prepared.advance(host, 0);
            return (await session.read(["response"])).response as HostTree;
          },
        );
        const direction = zipped(response, (shape, path) => draws(`direction ${path}`, sizeOf(shape)));
        const slope = inner(response, behind, direction);

        const objective = async (way: number) => {
          const theta = moved(response, direction, way);
          const at = (h: readonly number[]) => outputsAt(state.params as HostTree, theta, h);
          if (method === "stn") return lossOf(await at(epsilon.map((e, i) => e + (LAMBDA[i % 2] as number))));
          if (method === "centered-stn") return lossOf(await at(epsilon));
          const base = await at(epsilon.map(() => 0));
          const [up, down] = [
            await at(epsilon.map((e) => STEP * e)),
            await at(epsilon.map((e) => -STEP * e)),
          ];
          return lossOf(base.map((y, i) => y + ((up[i] as number) - (down[i] as number)) / (2 * STEP)));
        };
        const expected = ((await objective(STEP)) - (await objective(-STEP))) / (2 * STEP);
        expect(Math.abs(expected), method).toBeGreaterThan(1e-3);
        expect(slope / expected, method).toBeCloseTo(1, 4);
      }
    },
  );
});

/** f(h) at w0 + Θ h, in training mode. */
function outputsOf(network: Network, { data }: Task, engine: Engine) {
  const answer: Program = (_, { params, theta, h, x, carried }) => {
    const layers = factored.layers(params as ArrayTree, theta as ArrayTree, h as np.Array);
    const seeing = { ...layers, ...(network.carried && seenOf({ carried: carried as ArrayTree })) };
    return [{}, { y: network.apply(seeing, x as np.Array, (_, y) => y) }];
  };
  const session = engine.open({ answer }, { nothing: new HostArray(new Float64Array(1), [1]) }, "float64");
  return async (params: HostTree, theta: HostTree, h: readonly number[]): Promise<number[]> => {
    const { y } = await session.run("answer", {
      ...{
        params,
        theta,
        x: data.train.fields.x as HostArray,
        h: new HostArray(Float64Array.from(h), [ROWS, 2]),
      },
      ...(network.carried && { carried: initCarried(network.carried) }),
    });
    return [...(y as HostArray).data];
  };
}

/** mean_i L_i of outputs [rows, classes]. */
function lossOf(outputs: readonly number[]): number {
  const losses = labels.map((label, i) => {
    const y = outputs.slice(CLASSES * i, CLASSES * (i + 1));
    const [a, b] = LAMBDA.map((lambda, k) => Math.exp(lambda + (epsilon[2 * i + k] as number))) as [
      number,
      number,
    ];
    const entropy = Math.log(y.reduce((sum, v) => sum + Math.exp(v), 0)) - (y[label] as number);
    return a * entropy + b * y.reduce((sum, v) => sum + v * v, 0);
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / ROWS;
}

type Direction = ReadonlyMap<string, readonly number[]>;

const zipped = (
  tree: HostTree,
  make: (shape: readonly number[], path: string) => readonly number[],
): Direction => new Map(leavesOf(tree).map(([path, { shape }]) => [path, make(shape, path)]));

/** The tree a way along a direction, or along random numbers by a name. */
function moved(tree: HostTree, along: Direction | string, way: number, path = ""): HostTree {
  if (tree instanceof HostArray) {
    const by = typeof along === "string" ? draws(`${along} ${path}`, tree.data.length) : along.get(path);
    return new HostArray(
      Float64Array.from(tree.data, (v, i) => v + way * (by?.[i] as number)),
      tree.shape,
    );
  }
  return Object.fromEntries(
    Object.entries(tree).map(([key, leaf]) => [
      key,
      moved(leaf, along, way, path === "" ? key : `${path}.${key}`),
    ]),
  );
}

/** The inner product of what a step of size 1 took away with a direction. */
function inner(before: HostTree, behind: HostTree, direction: Direction): number {
  const after = new Map(leavesOf(behind));
  return leavesOf(before).reduce((sum, [path, { data }]) => {
    const left = Array.from(data, (v, i) => v - (after.get(path)?.data[i] as number));
    return left.reduce((more, v, i) => more + v * (direction.get(path)?.[i] as number), sum);
  }, 0);
}
