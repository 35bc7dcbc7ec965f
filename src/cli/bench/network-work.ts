import { makeJaxpr, numpy as np, tree } from "@jax-js/jax";

import type { SupervisedData } from "../../data/supervised-data.ts";
import type { ArrayTree } from "../../engine/engine.ts";
import { droppedCarry, initCarried } from "../../nn/carried.ts";
import { outputsOf, plainLayers } from "../../nn/layer.ts";
import type { Network } from "../../nn/network.ts";
import { alexnet } from "../../nn/networks/alexnet.ts";
import { resnet18 } from "../../nn/networks/resnet18.ts";
import { simpleCnn } from "../../nn/networks/simple-cnn.ts";
import { vgg16 } from "../../nn/networks/vgg16.ts";
import { HostArray, sizeOf, type HostTree } from "../../util/host-array.ts";
import { stepOperations } from "./operations.ts";
import type { BenchWork } from "./bench-work.ts";
import { benchTask, benchTuner, responseShare, type BenchTuning } from "./bench-tuning.ts";
import { randomExamples } from "./workload.ts";

const colours = { input: [3, 32, 32], outputs: 10 } as const;

/** Networks whose steps are measured: those of the papers, and ResNet18 with a quarter of its channels. */
const networks = {
  "simple-cnn": () => simpleCnn({ input: [1, 28, 28], outputs: 10 }),
  alexnet: () => alexnet(colours),
  vgg16: () => vgg16(colours),
  resnet18: () => resnet18({ ...colours, width: 0.25 }),
} satisfies Readonly<Record<string, () => Network>>;

/** The names of these networks. */
export const benchNetworks = Object.keys(networks) as (keyof typeof networks)[];

const BATCH = 128;
const TRAIN_ROWS = 4096;

/** The steps of a method on a convolutional network, on random images. */
export function networkWork(tuning: BenchTuning, name: keyof typeof networks): BenchWork {
  const { method } = tuning;
  const network = networks[name]();
  const input = name === "simple-cnn" ? [1, 28, 28] : colours.input;
  const data: SupervisedData = {
    name: "random images",
    splits: {
      train: randomExamples("train", TRAIN_ROWS, sizeOf(input), 10),
      valid: randomExamples("valid", BATCH, sizeOf(input), 10),
    },
    task: "classification",
    inputShape: [sizeOf(input)],
    images: { shape: input, scale: { mean: 0.5, sd: 12 ** -0.5 } }, // pixels are uniform between 0 and 1
    outputs: 10,
    warnings: [],
  };
  return {
    ...{ method, network: name, sizes: [], batch: BATCH },
    operations: stepOperations(method, productsOf(network, input, BATCH), responseShare(tuning)),
    task: benchTask(tuning, { data, network }),
    tuner: (warmupEpochs) => benchTuner(tuning, warmupEpochs),
    peer: {
      script: "convolution.py",
      args: [name, method === "plain" ? "plain" : "delta", "--serve", "--batch", String(BATCH)],
      threadFlags: ["--threads"],
    },
  };
}

/** The operations of one product of a minibatch with each layer's weights, layer after layer; of normalisations none. */
function productsOf(network: Network, input: readonly number[], batch: number): number[] {
  const products: number[] = [];
  const params = Object.fromEntries(
    network.layers.map((layer) => [
      layer.name,
      {
        weight: np.zeros([...layer.weight.shape]),
        ...(layer.bias && { bias: np.zeros([outputsOf(layer)]) }),
      },
    ]),
  ) satisfies ArrayTree;
  const carry = droppedCarry(placeholders(initCarried(network.carried ?? [])));
  const { apply, ...others } = plainLayers(params);
  const counting: typeof apply = (layer, x) => {
    const y = apply(layer, x);
    const positions = sizeOf(y.shape.slice(1)) / (layer.weight.shape[layer.weight.outputAxis] as number);
    if (!layer.scales) products.push(2 * batch * sizeOf(layer.weight.shape) * positions);
    return y;
  };
  const { jaxpr } = makeJaxpr((x: np.Array) =>
    network.apply({ ...others, apply: counting, carry }, x, (_, value) => value),
  )(np.zeros([1, ...input]));
  jaxpr.dispose();
  tree.dispose(params);
  return products;
}

const placeholders = (host: HostTree): ArrayTree =>
  host instanceof HostArray
    ? np.zeros([...host.shape])
    : Object.fromEntries(Object.entries(host).map(([name, child]) => [name, placeholders(child)]));
