/**
 * Training steps of convolutional networks as programs of the native engine, taken on demand: the line `step COUNT` on the standard input is answered
 * by `{"ms": [...], "processorMs": …, "peakResidentMiB": …}`.
 *
 *     node bench/network-steps.ts NETWORK plain|delta [THREADS]
 */
import { createInterface } from "node:readline";

import { lax, nn, numpy as np } from "@jax-js/jax";

import type { ArrayTree, Program } from "../src/engine/engine.ts";
import { onnxEngine } from "../src/engine/onnx/index.ts";
import { gradients, linearization, mapArrays, stopped } from "../src/engine/transform.ts";
import { HostArray, sizeOf, type HostTree } from "../src/util/host-array.ts";

/** What a network is made of: with a response, or without. */
interface Layers {
  conv(name: string, x: np.Array, stride?: number, padding?: number): np.Array;
  linear(name: string, x: np.Array): np.Array;
  /** Batch normalisation. */
  norm(name: string, x: np.Array): np.Array;
}

interface Network {
  /** [channels, height, width] */
  readonly image: readonly number[];
  /** Weights by name: convolutions [out, in, k, k], linear layers [in, out], normalisations [channels]. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
  readonly predict: (layers: Layers, images: np.Array) => np.Array;
}

const pool = (x: np.Array, size = 2): np.Array =>
  (lax.reduceWindow as unknown as Pool)(x, (window) => np.max(window), [size, size], [size, size]);
type Pool = (x: np.Array, f: (window: np.Array) => np.Array, size: number[], strides: number[]) => np.Array;

const flat = (x: np.Array): np.Array => x.reshape([x.shape[0] as number, -1]);

const networks: Readonly<Record<string, Network>> = {
  cnn: {
    image: [1, 28, 28],
    weights: { c1: [32, 1, 5, 5], c2: [64, 32, 5, 5], f1: [1024, 512], f2: [512, 10] },
    predict(net, x) {
      x = nn.relu(pool(net.conv("c1", x)));
      x = nn.relu(pool(net.conv("c2", x)));
      return net.linear("f2", nn.relu(net.linear("f1", flat(x))));
    },
  },
  "simple-cnn": {
    image: [1, 28, 28],
    weights: { c1: [16, 1, 5, 5], c2: [32, 16, 5, 5], f1: [1568, 1568], f2: [1568, 10] },
    predict(net, x) {
      x = pool(nn.relu(net.conv("c1", x, 1, 2)));
      x = pool(nn.relu(net.conv("c2", x, 1, 2)));
      return net.linear("f2", nn.relu(net.linear("f1", flat(x))));
    },
  },
  alexnet: {
    image: [3, 32, 32],
    weights: {
      c1: [64, 3, 3, 3],
      c2: [192, 64, 3, 3],
      c3: [384, 192, 3, 3],
      c4: [256, 384, 3, 3],
      c5: [256, 256, 3, 3],
      f1: [1024, 4096],
      f2: [4096, 4096],
      f3: [4096, 10],
    },
    predict(net, x) {
      x = pool(nn.relu(net.conv("c1", x, 2, 1)));
      x = pool(nn.relu(net.conv("c2", x, 1, 1)));
      x = nn.relu(net.conv("c3", x, 1, 1));
      x = nn.relu(net.conv("c4", x, 1, 1));
      x = pool(nn.relu(net.conv("c5", x, 1, 1)));
      x = nn.relu(net.linear("f1", flat(x)));
      return net.linear("f3", nn.relu(net.linear("f2", x)));
    },
  },
  resnet18: residual(16),
};

/** ResNet-18 for images of 32 x 32, of which the first stage has so many channels. */
function residual(width: number): Network {
  const weights: Record<string, readonly number[]> = { c0: [width, 3, 3, 3], n0: [width] };
  const blocks = [0, 1, 2, 3].flatMap((stage) =>
    [0, 1].map((block) => {
      const channels = width * 2 ** stage;
      const before = block === 0 && stage > 0 ? channels / 2 : channels;
      const name = `${stage}.${block}`;
      weights[`a${name}`] = [channels, before, 3, 3];
      weights[`b${name}`] = [channels, channels, 3, 3];
      weights[`m${name}`] = weights[`n${name}`] = [channels];
      if (before !== channels) {
        weights[`s${name}`] = [channels, before, 1, 1];
        weights[`o${name}`] = [channels];
      }
      return { name, stride: before === channels ? 1 : 2 };
    }),
  );
  weights.f = [8 * width, 10];
  return {
    image: [3, 32, 32],
    weights,
    predict(net, x) {
      x = nn.relu(net.norm("n0", net.conv("c0", x, 1, 1)));
      for (const { name, stride } of blocks) {
        const around = stride === 1 ? x.ref : net.norm(`o${name}`, net.conv(`s${name}`, x.ref, stride, 0));
        const y = nn.relu(net.norm(`m${name}`, net.conv(`a${name}`, x, stride, 1)));
        x = nn.relu(net.norm(`n${name}`, net.conv(`b${name}`, y, 1, 1)).add(around));
      }
      return net.linear("f", np.mean(x, [2, 3]));
    },
  };
}

type Params = Record<string, { weight: np.Array; bias: np.Array }>;

const convolve = (x: np.Array, w: np.Array, stride: number, padding: number): np.Array =>
  lax.convGeneralDilated(
    x,
    w,
    [stride, stride],
    [
      [padding, padding],
      [padding, padding],
    ],
  );

/** [..., n] to [..., n, 1, 1] */
const onChannels = (x: np.Array): np.Array => x.reshape([...x.shape, 1, 1]);

const normalized = (x: np.Array, gain: np.Array, bias: np.Array): np.Array => {
  const mean = np.mean(x.ref, [0, 2, 3], { keepdims: true });
  const centred = x.sub(mean);
  const variance = np.mean(np.square(centred.ref), [0, 2, 3], { keepdims: true });
  const scale = np.reciprocal(np.sqrt(variance.add(1e-5)));
  return centred.mul(scale).mul(onChannels(gain)).add(onChannels(bias));
};

/** Weights as they are. */
const plainLayers = (params: Params): Layers => {
  const at = (name: string) => params[name] as Params[string];
  return {
    conv: (name, x, stride = 1, padding = 0) =>
      convolve(x, at(name).weight.ref, stride, padding).add(onChannels(at(name).bias.ref)),
    linear: (name, x) => np.matmul(x, at(name).weight.ref).add(at(name).bias.ref),
    norm: (name, x) => normalized(x, at(name).weight.ref.add(1), at(name).bias.ref),
  };
};

/** The factored response: to what weights compute comes, for each example and output, a gain times what second weights compute. */
const responsiveLayers = (params: Params, second: Params, gains: Params, h: np.Array): Layers => {
  const plain = plainLayers(params);
  const at = (name: string) => second[name] as Params[string];
  const gain = (name: string, part: "weight" | "bias") =>
    np.matmul(h.ref, (gains[name] as Params[string])[part].ref); // [batch, out]
  return {
    conv: (name, x, stride = 1, padding = 0) =>
      plain
        .conv(name, x.ref, stride, padding)
        .add(convolve(x, at(name).weight.ref, stride, padding).mul(onChannels(gain(name, "weight"))))
        .add(onChannels(gain(name, "bias").mul(at(name).bias.ref))),
    linear: (name, x) =>
      plain
        .linear(name, x.ref)
        .add(np.matmul(x, at(name).weight.ref).mul(gain(name, "weight")))
        .add(gain(name, "bias").mul(at(name).bias.ref)),
    norm: plain.norm,
  };
};

const crossEntropy = (logits: np.Array, labels: np.Array): np.Array =>
  np.mean(np.sum(nn.logSoftmax(logits, -1).mul(labels), -1)).neg();

const HYPERS = 15;

const programs: Readonly<Record<"plain" | "delta", (network: Network) => Program>> = {
  plain:
    ({ predict }) =>
    ({ params, momenta }, { x, y }) => {
      const loss = (at: ArrayTree): [np.Array, ArrayTree] => {
        const value = crossEntropy(predict(plainLayers(at as Params), x as np.Array), y as np.Array);
        return [value.ref, value];
      };
      const { grads, reported } = gradients(loss, params as ArrayTree);
      const [moved, velocity] = momentumStep(
        params as ArrayTree,
        momenta as ArrayTree,
        grads[0] as ArrayTree,
      );
      return [{ params: moved, momenta: velocity }, { loss: reported }];
    },
  delta:
    ({ predict }) =>
    ({ params, second, gains, momenta, secondMomenta, gainMomenta }, { x, y, h }) => {
      const loss = (p: ArrayTree, v: ArrayTree, g: ArrayTree): [np.Array, ArrayTree] => {
        const images = x as np.Array;
        const labels = y as np.Array;
        const general = crossEntropy(predict(plainLayers(p as Params), images.ref), labels.ref);
        const still = stopped(p) as Params;
        const network = (at: np.Array) =>
          predict(responsiveLayers(still, v as Params, g as Params, at), images.ref);
        const zero = np.zerosLike((h as np.Array).ref);
        const linearised = linearization(network, zero, h as np.Array) as np.Array;
        const value = crossEntropy(linearised, labels);
        return [general.ref.add(value), general];
      };
      const { grads, reported } = gradients(
        loss,
        params as ArrayTree,
        second as ArrayTree,
        gains as ArrayTree,
      );
      const [p, pm] = momentumStep(params as ArrayTree, momenta as ArrayTree, grads[0]);
      const [v, vm] = momentumStep(second as ArrayTree, secondMomenta as ArrayTree, grads[1]);
      const [g, gm] = momentumStep(gains as ArrayTree, gainMomenta as ArrayTree, grads[2]);
      const state = { params: p, second: v, gains: g, momenta: pm, secondMomenta: vm, gainMomenta: gm };
      return [state, { loss: reported }];
    },
};

function momentumStep(params: ArrayTree, momenta: ArrayTree, grads: ArrayTree): [ArrayTree, ArrayTree] {
  const velocity = mapArrays((m, g) => m.mul(0.9).add(g as np.Array), momenta, grads);
  return [mapArrays((p, m) => p.sub((m as np.Array).ref.mul(0.01)), params, velocity), velocity];
}

/** Numbers in (-1, 1) that look random. */
const noise = (shape: readonly number[], scale = 1, shift = 0): HostArray =>
  new HostArray(
    Float32Array.from(
      { length: sizeOf(shape) },
      (_, i) => scale * (((i * 2654435761 + shift) % 65537) / 32768.5 - 1),
    ),
    shape,
  );

const zerosOf = (tree: HostTree): HostTree =>
  tree instanceof HostArray
    ? new HostArray(new Float32Array(tree.data.length), tree.shape)
    : Object.fromEntries(Object.entries(tree).map(([name, part]) => [name, zerosOf(part)]));

function initialParams({ weights }: Network, shift = 0): HostTree {
  return Object.fromEntries(
    Object.entries(weights).map(([name, shape]) => {
      const [outputs, fan] =
        shape.length === 4
          ? [shape[0] as number, sizeOf(shape.slice(1))]
          : [shape.at(-1) as number, shape[0] as number];
      const scale = shape.length === 1 ? 0 : fan ** -0.5;
      return [name, { weight: noise(shape, scale, shift), bias: noise([outputs], 0) }];
    }),
  );
}

function initialGains({ weights }: Network): HostTree {
  return Object.fromEntries(
    Object.entries(weights).map(([name, shape]) => {
      const outputs = (shape.length === 2 ? shape[1] : shape[0]) as number;
      return [name, { weight: noise([HYPERS, outputs], 0.01, 5), bias: noise([HYPERS, outputs], 0.01, 6) }];
    }),
  );
}

const [name = "cnn", method = "plain", threads = "2"] = process.argv.slice(2);
const network = networks[name] as Network;
const size = 128;
const params = initialParams(network);
const state: Record<string, HostTree> =
  method === "plain"
    ? { params, momenta: zerosOf(params) }
    : {
        params,
        second: initialParams(network, 7),
        gains: initialGains(network),
        momenta: zerosOf(params),
        secondMomenta: zerosOf(params),
        gainMomenta: zerosOf(initialGains(network)),
      };
const inputs: Record<string, HostTree> = {
  x: noise([size, ...network.image]),
  y: new HostArray(
    Float32Array.from({ length: size * 10 }, (_, i) => Number(i % 10 === Math.floor(i / 10) % 10)),
    [size, 10],
  ),
  ...(method === "delta" && { h: noise([size, HYPERS], 0.1, 3) }),
};

const engine = await onnxEngine({ threads: Number(threads) });
const session = engine.open({ step: programs[method as "plain"](network) }, state, "float32");
const begun = performance.now();
const first = await session.run("step", inputs);
const peakResidentMiB = () => Math.round(process.resourceUsage().maxRSS / 1024);
console.log(
  JSON.stringify({
    firstMs: performance.now() - begun,
    loss: (first.loss as HostArray).data[0],
    peakResidentMiB: peakResidentMiB(),
  }),
);

for await (const line of createInterface(process.stdin)) {
  const count = Number(line.split(" ")[1]);
  const ms: number[] = [];
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await session.run("step", inputs);
    ms.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(before);
  const processorMs = (user + system) / 1000 / count;
  console.log(JSON.stringify({ ms, processorMs, peakResidentMiB: peakResidentMiB() }));
}
session.dispose();
