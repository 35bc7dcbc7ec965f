import { numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../../engine/engine.ts";
import { linear } from "../../nn/kinds/linear.ts";
import { initLayer, paramsOf, type LayerParams } from "../../nn/layer.ts";
import { squaredError } from "../../nn/loss.ts";
import type { Problem, Task } from "../../problem/problem.ts";
import { factoredHypernet, mlpHypernet } from "../../response/hypernet.ts";
import { normalHypers } from "../../space/distribution.ts";
import { real } from "../../space/real.ts";
import { createSpace } from "../../space/space.ts";
import { globalHyperTraining, hyperTraining } from "../../tuners/hyper-training.ts";
import type { Tuner } from "../../tuners/tuner.ts";
import { HostArray } from "../../util/host-array.ts";
import { randomBits, randomKey, randomUniform } from "../../util/random.ts";
import type { Operations } from "./operations.ts";
import type { BenchWork } from "./bench-work.ts";

/**
 * What is measured of hyper-training: `global` is one hyperparameter and the hypernetwork 1-50-7850 with 10 samples on 10 images,
 * `each` is one hyperparameter for each of 7,850 weights, the hypernetwork 7850-10-7850 and 2 samples on 100 images.
 */
export const hypernetKinds = ["global", "each"] as const;

/** One of {@link hypernetKinds}. */
export type HypernetKind = (typeof hypernetKinds)[number];

/** The steps of hyper-training on the paper's linear model of 784 pixels and ten one-hot targets, on random data. */
export function hypernetWork(kind: HypernetKind): BenchWork {
  const { hidden, samples, images, size, problem, tuner } = kinds[kind];
  const operations = operationsOf([size, hidden, WEIGHTS], samples, images);
  return {
    method: `hyper-training, ${kind}`,
    sizes: [size, hidden, WEIGHTS],
    batch: images,
    operations: kind === "global" ? { train: operations.train } : operations,
    task: taskOf(problem, images),
    tuner,
    peer: {
      ...{ script: "hyper_training.py", args: ["--work", kind] },
      threadFlags: ["--torch-threads", "--blas-threads"],
    },
  };
}

const PIXELS = 784;
const CLASSES = 10;
const WEIGHTS = PIXELS * CLASSES + CLASSES;
const LEARNING_RATE = 1e-4;

interface Kind {
  readonly hidden: number;
  readonly samples: number;
  readonly images: number;
  readonly size: number;
  readonly problem: Pick<Problem, "space" | "penalty">;
  tuner(warmupEpochs: number): Tuner;
}

const kinds: Readonly<Record<HypernetKind, Kind>> = {
  global: {
    hidden: 50,
    samples: 10,
    images: 10,
    size: 1,
    problem: {
      space: createSpace({ l2: real(Math.E, { log: true }) }),
      penalty: (layers, { l2 }) => np.sqrt(squares(layers.params())).mul((l2 as np.Array).reshape([])),
    },
    tuner: () =>
      globalHyperTraining({
        origin: "zero",
        hypernet: mlpHypernet({ initialBias: "random" }),
        distribution: normalHypers({ mean: 1, sd: 3, high: 4 }),
        hypernetEpochs: Infinity,
        samples: 10,
        learningRate: LEARNING_RATE,
      }),
  },
  each: {
    hidden: 10,
    samples: 2,
    images: 100,
    size: WEIGHTS,
    problem: {
      space: createSpace({ l2: real(Math.exp(-4), { log: true, shape: [WEIGHTS] }) }),
      penalty(layers, { l2 }) {
        const { weight, bias } = weightsIn(layers.params());
        const flat = np.concatenate([weight.reshape([-1]), bias]);
        return np
          .square(flat)
          .mul((l2 as np.Array).reshape([-1]))
          .sum()
          .mul(0.5);
      },
    },
    tuner: (warmupEpochs) =>
      hyperTraining({
        origin: "zero",
        hypernet: factoredHypernet({ initialBias: "random", scaleInputs: false }),
        scale: Math.sqrt(1e-5),
        learningRate: LEARNING_RATE,
        hyperLearningRate: LEARNING_RATE,
        warmupEpochs,
      }),
  },
};

const fc1 = linear({ name: "fc1", inputs: PIXELS, outputs: CLASSES });

const weightsIn = (params: ArrayTree): Required<LayerParams> => paramsOf(params, fc1);

/** The sum of all squared weights and biases. Consumes them. */
function squares(params: ArrayTree): np.Array {
  const { weight, bias } = weightsIn(params);
  return np.square(weight).sum().add(np.square(bias).sum());
}

function taskOf(own: Kind["problem"], rows: number): Task {
  const problem: Problem = {
    name: "linear regression of one-hot targets",
    noise: {},
    layers: [fc1],
    init: (key) => ({ fc1: initLayer(key, fc1) }),
    predict: (layers, { x }) => layers.apply(fc1, x as np.Array),
    loss: (outputs, { y }) => squaredError(outputs as np.Array, y as np.Array).mul(50),
    ...own,
  };
  const part = (name: string, count: number) => {
    const y = new Float32Array(count * CLASSES);
    randomBits(randomKey(0, `${name} labels`), 0, count).forEach(
      (bits, row) => (y[row * CLASSES + (bits % CLASSES)] = 1),
    );
    const x = randomUniform(randomKey(0, `${name} images`), 0, count * PIXELS);
    return {
      rows: count,
      fields: { x: new HostArray(x, [count, PIXELS]), y: new HostArray(y, [count, CLASSES]) },
    };
  };
  return { problem, data: { train: part("train", 100 * rows), valid: part("valid", 10 * rows) } };
}

/**
 * The floating-point operations of a step's matrix products. The hypernetwork size-hidden-weights does
 * `F = 2 samples (size hidden + hidden weights)` forward; the gradients by its weights cost as much, and those by its hidden layer
 * `2 samples hidden weights`. The linear model does `P = 2 samples images pixels classes` forward, and as much for the gradient by its
 * weights. A hyperparameter step has one sample, and the gradient by λ in the place of those by the hypernetwork's weights.
 */
function operationsOf(
  [size, hidden, weights]: readonly [number, number, number],
  samples: number,
  images: number,
): Required<Operations> {
  const inner = 2 * size * hidden;
  const outer = 2 * hidden * weights;
  const model = 2 * images * PIXELS * CLASSES;
  return {
    train: samples * (2 * (inner + outer) + outer + 2 * model),
    tune: inner + outer + outer + inner + 2 * model,
  };
}
