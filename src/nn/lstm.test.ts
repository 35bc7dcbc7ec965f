import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { factored } from "../response/factored.ts";
import { leavesOf, sizeOf } from "../util/host-array.ts";
import { randomKey } from "../util/random.ts";
import { activations } from "./activation.ts";
import { parametersOf, plainLayers } from "./layer.ts";
import { lstm, lstmLayers } from "./lstm.ts";
import { placeKey, placesOf } from "./network.ts";
import { lstmLanguageModel } from "./networks/lstm.ts";
import { sequential } from "./sequential.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

/** sin(1.3 k + phase) / 2 for k = 0, 1, …: numbers that another program makes as well. */
const waves = (shape: number[], phase: number): np.Array =>
  np.array(
    Array.from({ length: sizeOf(shape) }, (_, k) => Math.sin(1.3 * k + phase) / 2),
    { shape, dtype: np.float64 },
  );

const params = (inputs: number, units: number) => ({
  "lstm1-input": { weight: waves([inputs, 4 * units], 0.2), bias: waves([4 * units], 0.3) },
  lstm1: { weight: waves([units, 4 * units], 0.4), bias: waves([4 * units], 0.5) },
});

test("an LSTM computes what PyTorch's does", () => {
  const own = lstmLayers({ name: "lstm1", inputs: 2, units: 3 });
  const { outputs, state } = lstm(plainLayers(params(2, 3)), own, waves([2, 4, 2], 0.1));
  // torch.nn.LSTM (1.13) in float64, with its gates in the order i, f, g, o
  const expected = [
    ...[-0.1111998464, 0.1698480564, 0.086629069, -0.2641957249, 0.2792975388, 0.1332851053, -0.140546013],
    ...[0.2275050865, 0.1883378443, -0.2502244664, 0.2834796304, 0.1645858892, -0.1670547449, 0.1969142423],
    ...[0.0971895066, -0.1617252401, 0.2296222531, 0.148537213, -0.2623346817, 0.28588653, 0.1608956653],
    ...[-0.1383379675, 0.2306209627, 0.2063408533],
  ];
  const cells = [-0.3521732172, 0.6610397832, 0.7628290302, -0.2301802765, 0.5348258205, 0.620729432];
  [...outputs.dataSync()].forEach((y, i) => expect(y).toBeCloseTo(expected[i] as number, 9));
  [...state.cells.dataSync()].forEach((c, i) => expect(c).toBeCloseTo(cells[i] as number, 9));
  state.hidden.dispose();
});

test("an LSTM of one step is a linear layer and gates", () => {
  const own = lstmLayers({ name: "lstm1", inputs: 2, units: 3 });
  const layers = plainLayers(params(2, 3));
  const { outputs, state } = lstm(layers, own, waves([2, 1, 2], 0.1));
  const linear = layers.apply(own.input, waves([2, 2], 0.1)).add(waves([12], 0.5));
  const [i, , o, g] = np.split(linear, 4, 1) as [np.Array, np.Array, np.Array, np.Array];
  const cells = activations.sigmoid(i).mul(np.tanh(g));
  const expected = [...activations.sigmoid(o).mul(np.tanh(cells)).dataSync()];
  [...outputs.dataSync()].forEach((y, k) => expect(y).toBeCloseTo(expected[k] as number, 12));
  state.hidden.dispose();
  state.cells.dispose();
});

test("a sequence cut in two goes on from the state of its first half", () => {
  const own = lstmLayers({ name: "lstm1", inputs: 2, units: 3 });
  const layers = plainLayers(params(2, 3));
  const [first, second] = np.split(waves([2, 6, 2], 0.1), [2], 1) as [np.Array, np.Array];
  const whole = lstm(layers, own, waves([2, 6, 2], 0.1));
  const one = lstm(layers, own, first);
  const two = lstm(layers, own, second, one.state);
  const joined = [...np.concatenate([one.outputs, two.outputs], 1).dataSync()];
  [...whole.outputs.dataSync()].forEach((y, k) => expect(joined[k]).toBeCloseTo(y, 12));
});

test("the language model has the parameters of the paper's, and as many in its response", () => {
  const model = lstmLanguageModel({ steps: 70, words: 10_000, hidden: [650, 650] });
  expect(model.layers.reduce((sum, layer) => sum + parametersOf(layer), 0)).toBe(13_280_400);
  expect(placesOf(model, "dropout").map(({ name, shape }) => [name, shape])).toEqual(
    ["embedding", "lstm1", "lstm2"].map((name) => [name, [1, 650]]),
  );
  expect(model.places.map(placeKey).filter((key) => key.includes("."))).toEqual([
    ...["dropout-embedding.embedding", "dropconnect.lstm1", "dropconnect.lstm2"],
    ...["activation-slowness.lstm2", "activation-l2.lstm2"],
  ]);
  const small = lstmLanguageModel({ steps: 3, words: 100, hidden: [5, 6] });
  const theta = factored.init(small.layers, small.init(randomKey(0, "w")), 7, randomKey(0, "theta"));
  const response = leavesOf(theta).reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
  const lstmOf = (inputs: number, units: number) => 4 * units * (inputs + units + 2);
  expect(response).toBe(600 + 6 * 7 + lstmOf(6, 5) + 16 * 5 * 7 + lstmOf(5, 6) + 16 * 6 * 7); // 13,420,550 in the paper's
  expect(Object.keys(theta)).not.toContain("decoder");
});

test("the decoder is the embedding transposed, without its response", () => {
  const network = sequential({
    input: [2],
    outputs: 5,
    perStep: true,
    layers: [{ layer: "embedding", outputs: 3 }, { layer: "tied-linear" }],
  });
  const weight = waves([5, 3], 0.7);
  const bias = waves([5], 0.2);
  const base = { embedding1: { weight: weight.ref }, decoder1: { weight: bias.ref } };
  const theta = factored.init(network.layers, network.init(randomKey(0, "w")), 1, randomKey(0, "theta"));
  expect(Object.keys(theta)).toEqual(["embedding1"]);
  const response = {
    embedding1: {
      weightGain: np.array([[[0.5, -1, 2]]], { dtype: np.float64 }),
      weightDirection: waves([5, 3], 1.1),
    },
  };
  const h = np.array([[1], [-2]], { dtype: np.float64 });
  const tokens = np.array([[4, 0], [2, 2]], { dtype: np.int32 }); // prettier-ignore
  const y = network.apply(factored.layers(base, response, h), tokens, (_, x) => x);
  const vectors = [
    [4, 0],
    [2, 2],
  ].map((row, r) =>
    row.map((word) =>
      [0.5, -1, 2].map((gain, j) => {
        const k = 3 * word + j;
        return Math.sin(1.3 * k + 0.7) / 2 + ([1, -2][r] as number) * gain * (Math.sin(1.3 * k + 1.1) / 2);
      }),
    ),
  );
  const expected = vectors.flat().flatMap((vector) =>
    Array.from({ length: 5 }, (_, word) => {
      const dot = vector.reduce((sum, v, j) => sum + v * (Math.sin(1.3 * (3 * word + j) + 0.7) / 2), 0);
      return dot + Math.sin(1.3 * word + 0.2) / 2;
    }),
  );
  expect(y.shape).toEqual([2, 2, 5]);
  [...y.dataSync()].forEach((value, k) => expect(value).toBeCloseTo(expected[k] as number, 12));
});

test("a decoder needs an embedding of its width", () => {
  const layers = [
    { layer: "embedding", outputs: 3 },
    { layer: "lstm", units: 2 },
    { layer: "tied-linear" },
  ] as const;
  expect(() => sequential({ input: [4], outputs: 5, perStep: true, layers })).toThrow(
    'layer 3 (tied-linear "decoder1") must get as many numbers as the embedding has, 3, but gets [4, 2] from layer 2 (lstm "lstm1"); change one of the two',
  );
  expect(() => sequential({ input: [4], outputs: 5, layers: [{ layer: "lstm", units: 2 }] })).toThrow(
    'layer 1 (lstm "lstm1") must get sequences [steps, numbers], which embedding makes of words, but gets [4] from the data',
  );
  expect(() => sequential({ input: [4], outputs: 5, perStep: true, layers: layers.slice(0, 2) })).toThrow(
    'the last layer must give the 5 outputs that the data ask for, at each of 4 steps, but layer 2 (lstm "lstm1") gives [4, 2]',
  );
});
