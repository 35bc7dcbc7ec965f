import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { textData } from "../../data/text.ts";
import type { ArrayTree } from "../../engine/engine.ts";
import { trace } from "../../engine/onnx/trace.ts";
import { gradients } from "../../engine/transform.ts";
import type { StepConfig } from "../../nn/kinds.ts";
import { plainLayers, type Layers } from "../../nn/layer.ts";
import { lstm, lstmLayers } from "../../nn/lstm.ts";
import { sequential } from "../../nn/sequential.ts";
import { factored } from "../../response/factored.ts";
import { real } from "../../space/real.ts";
import { HostArray, mapTree, sizeOf, type HostTree } from "../../util/host-array.ts";
import { randomKey, randomNormal, randomUniform } from "../../util/random.ts";
import { supervised } from "../supervised.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

const [rows, steps] = [2, 5];
const data = textData(
  { train: "a b c d e f g h a c e g b d f h a a b c d e f g h", valid: "a b c d e f g h" },
  { name: "letters", steps, tokens: "word" },
);
const network = (...behind: StepConfig[]) =>
  sequential({
    input: [steps],
    outputs: data.outputs,
    perStep: true,
    layers: [
      { layer: "embedding", name: "words", outputs: 3 },
      { layer: "lstm", units: 2 },
      ...behind,
      { layer: "linear" },
    ],
  });
const problemOf = (hypers: Record<string, number>, ...behind: StepConfig[]) =>
  supervised({
    data,
    network: network(...behind),
    hypers: Object.fromEntries(
      Object.entries(hypers).map(([name, start]) => [name, real(start, { low: 0, high: 0.9 })]),
    ),
  }).problem;

const normal = (name: string, shape: readonly number[]) =>
  new HostArray(randomNormal(randomKey(3, name), 0, sizeOf(shape)), shape);
const array = ({ data, shape }: HostArray): np.Array =>
  np.array(Float64Array.from(data), { shape: [...shape], dtype: np.float64 });
const device = (tree: HostTree): ArrayTree =>
  tree instanceof HostArray
    ? array(tree)
    : Object.fromEntries(Object.entries(tree).map(([name, child]) => [name, device(child)]));

const { layers } = network();
const like = (name: string, tree: HostTree) =>
  mapTree(tree, ({ shape }, path) => normal(`${name} ${path}`, shape));
const params = like("params", network().init(randomKey(0, "w")));
const theta = like("theta", factored.init(layers, params, 1, randomKey(0, "theta")));
const h = () => np.array([[0.3], [-0.8]], { dtype: np.float64 });
const tokens = Int32Array.from([1, 4, 1, 0, 3, 2, 1, 5, 6, 4]);
const batch = () => ({
  x: np.array(tokens, { shape: [rows, steps], dtype: np.int32 }),
  y: np.array(tokens, { shape: [rows, steps], dtype: np.int32 }),
});
const value = (v: number) => np.array([v], { dtype: np.float64 });

/** A leaf of a tree times a factor for each of its elements. */
const times = (tree: HostTree, at: string, factor: (i: number) => number): HostTree =>
  mapTree(tree, ({ data, shape }, path) =>
    path === at
      ? new HostArray(
          Float64Array.from(data, (v, i) => v * factor(i)),
          shape,
        )
      : new HostArray(data, shape),
  );

test("dropped words and dropped weights are 0 in the weights and in the direction of their response, the others are scaled", () => {
  const [p, q] = [0.4, 0.3];
  const problem = problemOf({ "dropout-embedding": p, "dropconnect.lstm1": q });
  const uniforms = (name: string, shape: readonly number[]) =>
    new HostArray(Float64Array.from(randomUniform(randomKey(4, name), 0, sizeOf(shape))), shape);
  const [ofWords, ofWeights] = [uniforms("words", [1, data.outputs]), uniforms("weights", [1, 2, 8])];
  expect(Object.entries(problem.noise).map(([name, { shape, per }]) => [name, shape, per])).toEqual([
    ["dropout-embedding.words", [data.outputs], "minibatch"],
    ["dropconnect.lstm1", [2, 8], "minibatch"],
  ]);
  const found = problem.predict(
    factored.layers(device(params), device(theta), h()),
    batch(),
    { "dropout-embedding": value(p), "dropconnect.lstm1": value(q) },
    { "dropout-embedding.words": array(ofWords), "dropconnect.lstm1": array(ofWeights) },
    "train",
  ) as np.Array;

  const word = (i: number) => ((ofWords.data[Math.floor(i / 3)] as number) >= p ? 1 / (1 - p) : 0);
  const weight = (i: number) => ((ofWeights.data[i] as number) >= q ? 1 / (1 - q) : 0);
  const masked = (tree: HostTree, leaf: string) =>
    times(times(tree, `words.${leaf}`, word), `lstm1.${leaf}`, weight);
  const responding = factored.layers(
    device(masked(params, "weight")),
    device(masked(theta, "weightDirection")),
    h(),
  );
  const expected = problemOf({}).predict(responding, batch(), {}, {}, "train") as np.Array;
  expect([word(0), word(3), word(6), word(9), word(12)]).toContain(0);
  const values = [...expected.dataSync()];
  [...found.dataSync()].forEach((y, i) => expect(y).toBeCloseTo(values[i] as number, 12));
});

test("weights are dropped once for all steps of a sequence, and their gradient is hidden once", () => {
  const problem = problemOf({ "dropconnect.lstm1": 0.3 });
  const gradient = (weight: np.Array, uniforms: np.Array): np.Array[] => {
    const sum = (at: np.Array): [np.Array, np.Array] => {
      const { lstm1, ...others } = device(params) as Record<string, ArrayTree>;
      const layers = plainLayers({ ...others, lstm1: { ...(lstm1 as object), weight: at } });
      const [values, noise] = [{ "dropconnect.lstm1": value(0.3) }, { "dropconnect.lstm1": uniforms }];
      const y = problem.predict(layers, batch(), values, noise, "train") as np.Array;
      return [y.sum(), np.zeros([])];
    };
    return [...gradients(sum, weight).grads];
  };
  const shapes = [
    [2, 8],
    [1, 2, 8],
  ];
  const { operations } = trace(
    gradient as (...arrays: np.Array[]) => np.Array[], // of just these two
    shapes.map((shape) => ({ dtype: "float64", shape })),
  );
  const ofWeights = operations.filter(
    ({ primitive, outputs: [result] }) => primitive === "mul" && result?.shape.join() === "2,8,1",
  );
  expect(ofWeights.length).toBe(2);
});

test("activations and their changes are penalised in training alone", () => {
  const [alpha, beta] = [0.7, 0.2];
  const problem = problemOf(
    { "activation-l2": alpha, "activation-slowness": beta },
    { layer: "activation-l2" },
    { layer: "activation-slowness" },
  );
  const at = (): Layers => plainLayers(device(params));
  const values = () => ({ "activation-l2": value(alpha), "activation-slowness": value(beta) });
  const lossesIn = (mode: "train" | "eval") => [
    ...problem.loss(problem.predict(at(), batch(), values(), {}, mode), batch(), values()).dataSync(),
  ];
  const [training, evaluation] = [lossesIn("train"), lossesIn("eval")];

  const own = lstmLayers({ name: "lstm1", inputs: 3, units: 2 });
  const vectors = at().apply(layers[0] as (typeof layers)[number], batch().x);
  const hidden = [...lstm(at(), own, vectors).outputs.dataSync()]; // [rows, steps, 2]
  for (let row = 0; row < rows; row++) {
    const of = hidden.slice(row * steps * 2, (row + 1) * steps * 2);
    const size = of.reduce((sum, v) => sum + v * v, 0) / of.length;
    const changes = of.slice(2).map((v, i) => (v - (of[i] as number)) ** 2);
    const change = changes.reduce((sum, v) => sum + v, 0) / changes.length;
    expect((training[row] as number) - (evaluation[row] as number)).toBeCloseTo(
      alpha * size + beta * change,
      12,
    );
    expect(Math.min(size, change)).toBeGreaterThan(1e-3);
  }
});
