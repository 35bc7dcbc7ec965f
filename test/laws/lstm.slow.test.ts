import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { afterEach, beforeAll, describe, expect, test } from "vitest";

import { textData } from "../../src/data/text.ts";
import type { ArrayTree, Engine } from "../../src/engine/engine.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { linearization } from "../../src/engine/transform.ts";
import { lstmLanguageModel } from "../../src/nn/networks/lstm.ts";
import type { Task } from "../../src/problem/problem.ts";
import { supervised } from "../../src/problem/supervised.ts";
import { dense } from "../../src/response/dense.ts";
import { factored } from "../../src/response/factored.ts";
import { gate } from "../../src/response/gate.ts";
import { real } from "../../src/space/real.ts";
import { demandSame } from "../../src/testing/contract.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { stn } from "../../src/tuners/stn.ts";
import { HostArray, mapTree, sizeOf, type HostTree } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";
import { leaf, settle, tuneFully } from "../oracles/settle.ts";

/*
 * Laws of self-tuning networks over a language model, in which whole training and hyperparameter steps are compared, with perturbations of
 * each example and float64.
 */

const centredStn: typeof stn = (options) => stn({ ...options, input: "centred" }); // tied weights allow no other
const methods = { stn: centredStn, centeredStn, deltaStn };

beforeAll(async () => {
  await init("wasm");
  defaultDevice("wasm");
});

afterEach(() => defaultDevice("wasm"));

const text =
  "the cat sat on the mat and the dog sat on the cat while a bird saw the mat and the dog saw a bird ";

function languageTask(scale: number, perturb: "example" | "minibatch" = "example"): Task {
  const data = textData({ train: text, valid: text }, { name: "toy", steps: 3, tokens: "word" });
  const network = lstmLanguageModel({ steps: 3, words: data.outputs, hidden: [3, 2] });
  const rate = real(0.45, { low: 0, high: 0.9, scale, perturb });
  return supervised({
    data,
    network,
    hypers: {
      ...{ "dropout.embedding": rate, "dropout.lstm1": rate, "dropout.lstm2": rate },
      "dropout-embedding": rate,
      "activation-l2": real(Math.LN2, { low: 0, scale, perturb }),
      "activation-slowness": real(Math.LN2, { low: 0, scale, perturb }),
      l2: real(0.1, { low: 0.001, high: 10, log: true, scale, perturb }),
    },
  });
}

describe("both engines train and tune a language model alike", () => {
  test.each(Object.keys(methods))("in %s", async (method) => {
    const tuner = methods[method as keyof typeof methods]({ warmupEpochs: 0, trainSteps: 1 });
    const states = [];
    for (const open of [jaxEngine, onnxEngine] as (() => Promise<Engine>)[]) {
      states.push(await tuneFully(languageTask(1), tuner, { steps: 2, engine: await open() }));
    }
    const [jax, onnx] = states as [Record<string, HostTree>, Record<string, HostTree>];
    demandSame(onnx, jax, "the state", 1e-5);
    for (const part of ["lstm1", "lstm2-input", "embedding"]) {
      expect(Math.max(...leaf(onnx, `response.${part}.weightGain`).map(Math.abs)), part).toBeGreaterThan(
        1e-5,
      );
    }
  });
});

describe("a language model's base weights train as without perturbations", () => {
  test.each([
    ["centered-stn, however wide", centeredStn(), 2],
    ["delta-stn, however wide", deltaStn(), 2],
    ["delta-stn, whose response learns in every second step", deltaStn({ responseEvery: 2 }), 2],
    ["stn, where these are zero", centredStn(), 1e-12],
  ] as const)("in %s", async (_, tuner, scale) => {
    const task = languageTask(scale, "minibatch");
    const own = await settle(task, tuner, { steps: 3 });
    const plain = await settle(task, fixed(), { steps: 3 });
    demandSame(own.params as HostTree, plain.params as HostTree, "the base weights", 1e-9);
  });
});

test.each([factored, gate, dense])(
  "the linearised prediction is the derivative by central differences, with the response $name",
  async (response) => {
    await init("cpu");
    defaultDevice("cpu"); // whose tanh is good to more than the eight digits of "wasm"
    const { layers, ...network } = lstmLanguageModel({ steps: 4, words: 6, hidden: [3, 2] });
    const like = (name: string, tree: HostTree) =>
      mapTree(tree, ({ shape }, path) => normal(`${name} ${path}`, shape, 0.5));
    const params = like("params", network.init(randomKey(3, "params")));
    const theta = like("theta", response.init(layers, params, 2, randomKey(3, "theta")));
    const direction = array(normal("h", [3, 2]));
    const tokens = Int32Array.from({ length: 12 }, (_, i) => (i * i) % 6);
    const predict = (h: np.Array): np.Array =>
      network.apply(
        response.layers(device(params), device(theta), h),
        np.array(tokens, { shape: [3, 4], dtype: np.int32 }),
        (_, value) => value,
      );
    const [up, down] = [predict(direction.ref.mul(1e-5)), predict(direction.ref.mul(-1e-5))];
    const origin = predict(np.zerosLike(direction.ref));
    const linear = linearization(predict, np.zerosLike(direction.ref), direction.ref) as np.Array;
    const [found, expected] = [host(linear.sub(origin)), host(up.sub(down).div(2e-5))];
    demandSame(found, expected, "the derivative", 1e-7);
    expect(Math.max(...expected.data.map(Math.abs))).toBeGreaterThan(1e-2);
  },
);

const normal = (name: string, shape: readonly number[], scale = 1): HostArray =>
  new HostArray(
    randomNormal(randomKey(5, name), 0, sizeOf(shape)).map((z) => z * scale),
    shape,
  );

const array = ({ data, shape }: HostArray): np.Array =>
  np.array(Float64Array.from(data), { shape: [...shape], dtype: np.float64 });

const device = (tree: HostTree): ArrayTree =>
  tree instanceof HostArray
    ? array(tree)
    : Object.fromEntries(Object.entries(tree).map(([name, child]) => [name, device(child)]));

const host = (value: np.Array): HostArray => {
  const { shape } = value;
  return new HostArray(Float64Array.from(value.dataSync()), [...shape]);
};
