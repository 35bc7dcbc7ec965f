import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import type { ArrayTree } from "../engine/engine.ts";
import { factored } from "../response/factored.ts";
import { HostArray, type HostTree } from "../util/host-array.ts";
import { randomKey, randomNormal } from "../util/random.ts";
import type { StepConfig } from "./kinds.ts";
import { initLayer, initLayers, parametersOf, plainLayers, type Layer } from "./layer.ts";
import { alexnet } from "./networks/alexnet.ts";
import { resnet18 } from "./networks/resnet18.ts";
import { simpleCnn } from "./networks/simple-cnn.ts";
import { vgg16 } from "./networks/vgg16.ts";
import { sequential, stepOf } from "./sequential.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

const parameters = ({ layers }: ReturnType<typeof sequential>) =>
  layers.reduce((sum, layer) => sum + parametersOf(layer), 0);

test("simple-cnn has the parameters of the paper's, and its places of dropout", () => {
  const network = simpleCnn({ input: [1, 28, 28], outputs: 10 });
  expect(parameters(network)).toBe(2_489_130);
  expect(network.places).toEqual([
    { name: "input", shape: [1, 1, 1] },
    { name: "conv1", shape: [16, 1, 1] },
    { name: "conv2", shape: [32, 1, 1] },
    { name: "fc1", shape: [1568] },
  ]);
});

test("alexnet has the parameters of the paper's, and its places of dropout", () => {
  const network = alexnet({ input: [3, 32, 32], outputs: 10 });
  expect(parameters(network)).toBe(23_272_266);
  const places = ["input", "conv1", "conv2", "conv3", "conv4", "conv5", "fc1", "fc2"];
  expect(network.places.map(({ name }) => name)).toEqual(places);
});

test.each([
  ["vgg16", vgg16({ input: [3, 32, 32], outputs: 10 }), 15_245_130, 16],
  ["resnet18", resnet18({ input: [3, 32, 32], outputs: 10 }), 11_173_962, 18],
  ["resnet18 with group norm", resnet18({ input: [3, 32, 32], outputs: 10, norm: "group" }), 11_173_962, 18],
  ["half of alexnet", alexnet({ input: [3, 32, 32], outputs: 10, width: 0.5 }), 5_831_082, 8],
])("%s has the parameters of its sizes, and its places of dropout", (_, network, count, places) => {
  expect(parameters(network)).toBe(count);
  expect(new Set(network.places.map(({ name }) => name)).size).toBe(places);
});

test("a residual step adds its two paths, whose layers have names of their own", () => {
  const conv = { layer: "conv2d", channels: 2, kernel: 1, bias: false } as const;
  const network = sequential({
    input: [2, 1, 1],
    outputs: 2,
    layers: [
      conv,
      { layer: "residual", layers: [conv, { layer: "relu" }, { ...conv, name: "last" }], shortcut: [conv] },
      { layer: "residual", layers: [conv] },
      { layer: "flatten" },
    ],
  });
  expect(network.layers.map(({ name }) => name)).toEqual(["conv1", "conv2", "last", "conv3", "conv4"]);
  const weights: Readonly<Record<string, number[]>> = {
    conv1: [1, 2, 3, 4],
    conv2: [1, 0, 0, -1],
    last: [0, 1, 2, 0],
    conv3: [1, 1, 0, 1],
    conv4: [0, 0, 1, 0],
  };
  const params = Object.fromEntries(
    Object.entries(weights).map(([name, w]) => [name, { weight: np.array(w).reshape([2, 2, 1, 1]) }]),
  );
  const y = network.apply(plainLayers(params), np.array([[1, -2]]), (_, z) => z);
  // conv1: [-3, -5]; relu of conv2 of it: [0, 5]; last: [5, 0]; conv3: [-8, -5]; sum [-3, -5]; conv4 adds [0, -3]
  expect(y.js()).toEqual([[-3, -8]]);
});

test("attention in a network with outputs at every step must be causal, wherever it stands", () => {
  const text = (causal: boolean) => () =>
    sequential({
      ...{ input: [4], outputs: 5, perStep: true },
      layers: [
        { layer: "embedding", outputs: 6 },
        { layer: "residual", layers: [{ layer: "attention", heads: 2, causal }] },
        { layer: "linear" },
      ],
    });
  expect(text(true)).not.toThrow();
  expect(text(false)).toThrow(
    /layer 2 \(residual\), layer 1 \(attention "attention1"\) must have "causal": true/,
  );
});

test.each(["each", "constructor", "hasOwnProperty", "valueOf"])("no layer is called %s", (name) => {
  expect(() => stepOf({ layer: "linear", name }, [2])).toThrow(
    /the name of layer 1 \(linear\) must not be "each"/,
  );
});

test("a padding is below what the kernel reaches over", () => {
  const padded = (padding: number) => () =>
    stepOf({ layer: "conv2d", channels: 2, kernel: 3, dilation: 2, padding }, [1, 8, 8]);
  expect(padded(4)).not.toThrow();
  expect(padded(5)).toThrow(
    /must get a padding below the 5 x 5 pixels that its kernel reaches over, not 5 x 5/,
  );
});

test.each([
  ["he", 1 / 4, 4],
  ["uniform", 0, 1e-6], // a sixth in every layer
] as const)("signals through twelve convolutions with ReLU that start %s", (init, least, most) => {
  const [channels, rows] = [64, 16];
  const layers = Array.from({ length: 12 }, () => [
    { layer: "conv2d", channels, kernel: 1, init, bias: init === "he" } as const,
    { layer: "relu" } as const,
  ]).flat();
  const network = sequential({
    ...{ input: [channels, 1, 1], outputs: channels },
    layers: [...layers, { layer: "flatten" }],
  });
  const params = onDevice(network.init(randomKey(3, "weights")));
  const x = randomNormal(randomKey(4, "x"), 0, rows * channels);
  const given = np.array(Float32Array.from(x), { shape: [rows, channels, 1, 1] });
  const y = network.apply(plainLayers(params), given, (_, z) => z).dataSync();
  const powerOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, v) => sum + v * v, 0);
  const power = powerOf(y) / (powerOf(x) / 2); // a ReLU halves it
  expect(power).toBeGreaterThan(least);
  expect(power).toBeLessThan(most);
});

const onDevice = (tree: HostTree): ArrayTree =>
  tree instanceof HostArray
    ? np.array(Float32Array.from(tree.data), { shape: [...tree.shape] })
    : Object.fromEntries(Object.entries(tree).map(([name, leaf]) => [name, onDevice(leaf)]));

test("biases that start at 0 can respond", () => {
  const { layer } = stepOf({ layer: "conv2d", channels: 3, kernel: 1, init: "he" }, [2, 1, 1]);
  const layers = [layer as Layer];
  const response = factored.init(layers, initLayers(randomKey(0, ""), layers), 1, randomKey(1, ""));
  const { conv1 } = response as Record<string, Record<string, HostArray>>;
  expect([...(conv1?.biasGain?.data ?? [])]).toEqual([0, 0, 0]);
  expect(conv1?.biasDirection?.data.every((v) => v !== 0)).toBe(true); // else neither of them ever moved
});

test("a normalisation has the mean and the variance of every group from its definition", () => {
  const [channels, size, groups] = [4, 6, 2];
  const x = randomNormal(randomKey(2, "x"), 0, 2 * channels * size).map((z) => 3 * z + 5);
  const { layer } = stepOf({ layer: "group-norm", groups }, [channels, 2, 3]);
  const params = initLayer(randomKey(0, ""), layer as Layer);
  expect([...params.weight.data, ...(params.bias as HostArray).data]).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
  const gains = [1, -2, 0.5, 3];
  const f64 = (values: ArrayLike<number>, shape: number[]) =>
    np.array(Float64Array.from(values), { shape, dtype: np.float64 });
  const y = (layer as Layer).map(f64(gains, [channels]), f64(x, [2, channels, 2, 3])).dataSync();
  const width = (channels / groups) * size;
  for (let at = 0; at < x.length; at += width) {
    const group = Array.from(x.subarray(at, at + width));
    const mean = group.reduce((sum, v) => sum + v, 0) / width;
    const variance = group.reduce((sum, v) => sum + (v - mean) ** 2, 0) / width;
    group.forEach((v, i) => {
      const gain = gains[Math.floor((at + i) / size) % channels] as number;
      expect(y[at + i]).toBeCloseTo((gain * (v - mean)) / Math.sqrt(variance + 1e-5), 10);
    });
  }
});

/** Every number of a convolution from its definition, one after the other. */
test.each([
  { groups: 1, stride: [1, 1], padding: [0, 0], dilation: [1, 1] },
  { groups: 2, stride: [2, 1], padding: [1, 2], dilation: [1, 2] },
  { groups: 4, stride: [1, 3], padding: [3, 0], dilation: [2, 1] },
] as const)("a convolution is the sum that defines it: %o", ({ groups, stride, padding, dilation }) => {
  const [channels, height, width, outputs, kernel] = [4, 6, 5, 8, [3, 2]] as const;
  const { layer, shape } = stepOf(
    { layer: "conv2d", channels: outputs, kernel, groups, stride, padding, dilation, bias: false },
    [channels, height, width],
  );
  const own = channels / groups;
  const draw = (name: string, size: number) => randomNormal(randomKey(1, name), 0, size);
  const [x, w] = [draw("x", channels * height * width), draw("w", outputs * own * kernel[0] * kernel[1])];
  const pixel = (c: number, i: number, j: number) =>
    i < 0 || j < 0 || i >= height || j >= width ? 0 : (x[(c * height + i) * width + j] as number);
  const expected: number[] = [];
  const [, rows = 0, columns = 0] = shape;
  for (let o = 0; o < outputs; o++) {
    const first = Math.floor(o / (outputs / groups)) * own;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let c = 0; c < own; c++) {
          for (let a = 0; a < kernel[0]; a++) {
            for (let b = 0; b < kernel[1]; b++) {
              const at = pixel(
                first + c,
                i * stride[0] + a * dilation[0] - padding[0],
                j * stride[1] + b * dilation[1] - padding[1],
              );
              sum += at * (w[((o * own + c) * kernel[0] + a) * kernel[1] + b] as number);
            }
          }
        }
        expected.push(sum);
      }
    }
  }
  const f64 = (values: Float64Array<ArrayBuffer>, as: number[]) =>
    np.array(values, { shape: as, dtype: np.float64 });
  const y = (layer as NonNullable<typeof layer>).map(
    f64(w, [outputs, own, ...kernel]),
    f64(x, [1, channels, height, width]),
  );
  expect(y.shape).toEqual([1, ...shape]);
  expect(expected).toHaveLength(y.size);
  [...y.dataSync()].forEach((v, i) => expect(v).toBeCloseTo(expected[i] as number, 12));
});

test("pooling leaves out what does not fill a window", () => {
  const image = np.array(
    Float64Array.from({ length: 15 }, (_, i) => i),
    { shape: [1, 1, 3, 5], dtype: np.float64 },
  );
  const pooled = (config: StepConfig) => {
    const y = stepOf(config, [1, 3, 5]).apply(image.ref, plainLayers({}), (_, x) => x);
    return y.js();
  };
  expect(pooled({ layer: "max-pool", kernel: 2 })).toEqual([[[[6, 8]]]]);
  expect(pooled({ layer: "average-pool", kernel: 2 })).toEqual([[[[3, 5]]]]);
  expect(pooled({ layer: "max-pool", kernel: [3, 1], stride: [1, 2] })).toEqual([[[[10, 12, 14]]]]);
  expect(pooled({ layer: "global-average-pool" })).toEqual([[7]]);
  image.dispose();
});

test("rows may hold an image's numbers in a row", () => {
  const network = sequential({
    input: [1, 2, 2],
    outputs: 1,
    layers: [{ layer: "max-pool", kernel: 2 }, { layer: "flatten" }],
  });
  const y = network.apply(plainLayers({}), np.array([[1, 4, 2, 3]]), (_, x) => x);
  expect(y.js()).toEqual([[4]]);
});

test("names layers by their kind and number, unless a name is taken or given", () => {
  const conv = { layer: "conv2d", channels: 2, kernel: 1 } as const;
  const { layers } = sequential({
    input: [1, 2, 2],
    outputs: 3,
    layers: [conv, { ...conv, name: "conv3" }, conv, conv, { layer: "flatten" }, { layer: "linear" }],
  });
  expect(layers.map(({ name }) => name)).toEqual(["conv1", "conv3", "conv2", "conv4", "fc1"]);
});

test("draws weights within one over the square root of the fan-in", () => {
  const network = sequential({
    input: [3, 8, 8],
    outputs: 10,
    layers: [{ layer: "conv2d", channels: 10, kernel: 8 }, { layer: "flatten" }],
  });
  const params = network.init(randomKey(0, "params")) as Record<string, Record<string, HostArray>>;
  const { weight, bias } = params.conv1 as Record<string, HostArray>;
  const bound = 1 / Math.sqrt(3 * 8 * 8);
  const greatest = Math.max(...(weight as HostArray).data.map(Math.abs));
  expect(greatest).toBeLessThanOrEqual(bound);
  expect(greatest).toBeGreaterThan(0.99 * bound);
  expect(bias?.shape).toEqual([10]);
});

describe("refuses in one sentence", () => {
  const image = [1, 8, 8];
  const conv = (options: object) => ({ layer: "conv2d", channels: 2, kernel: 3, ...options });
  test.each([
    ["no list", "layers" as never, /must have a list of layers, but got "layers"/],
    ["an empty list", [], /must have a list of layers, but got \[\]/],
    [
      "more steps than compile",
      Array.from({ length: 20_000 }, () => ({ layer: "relu" as const })),
      /^a network must have at most 250 layers, but got 20000; leave some out/,
    ],
    [
      "an unknown kind",
      [{ layer: "conv3d" }],
      /^layer 1 must be .*, but got "conv3d"; did you mean "conv2d"\?$/,
    ],
    ["what is no step", [conv({}), 7], /^layer 2 must be .*, but got 7$/],
    ["a kind of every object", [{ layer: "toString" }], /but got "toString"/],
    [
      "an unknown option",
      [conv({ filters: 3 })],
      /^layer 1 \(conv2d\) must have no options but channels, .*, but got "filters"; leave it out$/,
    ],
    [
      "an option that is missing",
      [{ layer: "conv2d", kernel: 3 }],
      /^channels of layer 1 \(conv2d\) must be a whole number from 1 on, but it is missing/,
    ],
    [
      "a value of another type",
      [conv({ kernel: "3" })],
      /^kernel of layer 1 \(conv2d\) must be .*, but got "3"/,
    ],
    ["a stride of 0", [conv({ stride: [1, 0] })], /^stride of layer 1 .* but got \[1,0\]/],
    [
      "a name with a point",
      [conv({ name: "a.b" })],
      /^the name of layer 1 \(conv2d\) must be letters, .* but got "a.b"/,
    ],
    [
      "a kernel larger than its input",
      [conv({}), { layer: "max-pool", kernel: 4 }, conv({})],
      /^layer 3 \(conv2d "conv2"\) must get images of at least 3 x 3 for its kernel of 3 x 3, but gets \[2, 1, 1\] from layer 2 \(max-pool\); change one of the two$/,
    ],
    [
      "a window larger than its input",
      [{ layer: "average-pool", kernel: [9, 1] }],
      /^layer 1 \(average-pool\) must get images of at least 9 x 1 .* but gets \[1, 8, 8\] from the data/,
    ],
    [
      "groups that do not divide",
      [conv({ groups: 2 })],
      /must get channels that 2 groups divide, as must its own 2, but gets \[1, 8, 8\]/,
    ],
    [
      "a linear layer on an image",
      [{ layer: "linear" }],
      /^layer 1 \(linear "fc1"\) must get a vector, which flatten makes, or a sequence of them, but gets \[1, 8, 8\] from the data/,
    ],
    [
      "a convolution on a vector",
      [{ layer: "flatten" }, conv({})],
      /must get images \[channels, height, width\], but gets \[64\] from layer 1 \(flatten\)/,
    ],
    [
      "a layer normalisation of an image",
      [{ layer: "layer-norm" }],
      /must get a vector or a sequence; for images there is group-norm, but gets/,
    ],
    [
      "groups that do not divide channels",
      [conv({}), { layer: "group-norm", groups: 4 }],
      /^layer 2 \(group-norm "norm1"\) must get channels that 4 groups divide, but gets \[2, 6, 6\]/,
    ],
    [
      "groups of single numbers",
      [{ layer: "flatten" }, { layer: "linear", outputs: 4 }, { layer: "group-norm", groups: 4 }],
      /must get more than one number in each group, to normalise these, but gets \[4\] from layer 2/,
    ],
    [
      "a layer normalisation of one feature",
      [{ layer: "image-to-sequence" }, { layer: "layer-norm" }],
      /must get more than one feature, to normalise these, but gets \[64, 1\] from layer 1/,
    ],
    [
      "attention to an image",
      [{ layer: "attention" }],
      /must get a sequence \[steps, features\], but gets \[1, 8, 8\] from the data/,
    ],
    [
      "heads that do not divide",
      [conv({}), { layer: "image-to-sequence" }, { layer: "attention", heads: 3 }],
      /must get a sequence whose features 3 heads divide, but gets \[36, 2\] from layer 2/,
    ],
    [
      "batch normalisation of a sequence",
      [{ layer: "image-to-sequence" }, { layer: "batch-norm" }],
      /for sequences there is layer-norm, but gets \[64, 1\]/,
    ],
    [
      "an unknown kind in a residual",
      [conv({}), { layer: "residual", layers: [{ layer: "conv3d" }] }],
      /^layer 2 \(residual\), layer 1 must be .*, but got "conv3d"; did you mean "conv2d"\?$/,
    ],
    [
      "a step in a residual that does not fit",
      [conv({}), { layer: "residual", layers: [conv({ kernel: 7 })] }],
      /^layer 2 \(residual\), layer 1 \(conv2d "conv2"\) must get images of at least 7 x 7 .*, but gets \[2, 6, 6\] from layer 1 \(conv2d "conv1"\)/,
    ],
    [
      "two paths of different shapes",
      [{ layer: "residual", layers: [conv({}), { layer: "relu" }] }],
      /^layer 1 \(residual\) must add what has one shape, but its layers give \[2, 6, 6\] and its shortcut \[1, 8, 8\]/,
    ],
    [
      "no list in a residual",
      [{ layer: "residual", layers: 3 }],
      /^layers of layer 1 \(residual\) must be a list of layers, but got 3/,
    ],
    [
      "two layers of a name in two paths",
      [
        {
          layer: "residual",
          layers: [conv({ name: "a", kernel: 1 })],
          shortcut: [conv({ name: "a", kernel: 1 })],
        },
      ],
      /^layer 1 \(residual\), layer 1 .* but another layer is called "a" too/,
    ],
    [
      "two layers of a name",
      [conv({ name: "a" }), conv({ name: "a" })],
      /^layer 2 .* but another layer is called "a" too/,
    ],
    [
      "two places of a name",
      [{ layer: "dropout" }, { layer: "channel-dropout" }],
      /^layer 2 .* but another dropout is called "input" too/,
    ],
    [
      "another number of outputs",
      [{ layer: "flatten" }, { layer: "linear", outputs: 5 }],
      /^the last layer must give the 10 outputs that the data ask for, but layer 2 \(linear "fc1"\) gives \[5\]/,
    ],
  ] as const)("%s", (_, layers, sentence) => {
    expect(() =>
      sequential({ input: image, outputs: 10, layers: layers as unknown as StepConfig[] }),
    ).toThrow(sentence);
  });
});
