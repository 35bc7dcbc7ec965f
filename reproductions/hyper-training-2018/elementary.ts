import { numpy as np } from "@jax-js/jax";

import type { Dataset } from "../../src/data/dataset.ts";
import { readImageSet } from "../../src/data/node/mnist.ts";
import { linear } from "../../src/nn/kinds/linear.ts";
import { initLayer, paramsOf, type LayerParams, type Layers } from "../../src/nn/layer.ts";
import { gaussianNll } from "../../src/nn/loss.ts";
import type { Problem } from "../../src/problem/problem.ts";
import { real } from "../../src/space/real.ts";
import { createSpace } from "../../src/space/space.ts";
import { HostArray } from "../../src/util/host-array.ts";

/*
 * What the figures share: the paper's elementary model, linear regression from 784 pixels / 255 to ten one-hot targets with the
 * loss 50 MSE - 1.3836466 (a Gaussian of standard deviation 0.1), and one hyperparameter for the size of its 7,850 weights.
 */

export const PIXELS = 784;
export const CLASSES = 10;
export const WEIGHTS = PIXELS * CLASSES + CLASSES;

/**
 * How the weights are regularised, as the paper's words or as the authors' code have it: e^λ |w|², or e^λ |w| with the norm not
 * squared; biases included.
 */
export type Preset = "paper" | "authors-code";

/** The first 50,000 and the last 10,000 training images of MNIST and the 10,000 test images, with one-hot targets. */
export async function readDigits(
  dataDir: string,
): Promise<{ train: Dataset; valid: Dataset; test: Dataset }> {
  const scale = { mean: 0, sd: 1 };
  const { splits } = await readImageSet("mnist", dataDir, { valid: { rows: 10_000 }, scale });
  return {
    train: oneHot(splits.train),
    valid: oneHot(splits.valid),
    test: oneHot(splits.test as Dataset), // MNIST has one
  };
}

/** Some rows of a dataset. */
export function rowsOf(dataset: Dataset, from: number, rows: number): Dataset {
  const x = dataset.coded?.x;
  const y = dataset.fields.y as HostArray;
  if (!x) throw new Error("internal: images are coded");
  return {
    rows,
    fields: { y: new HostArray(y.data.slice(from * CLASSES, (from + rows) * CLASSES), [rows, CLASSES]) },
    coded: {
      x: { ...x, codes: x.codes.subarray(from * PIXELS, (from + rows) * PIXELS), shape: [rows, PIXELS] },
    },
  };
}

/** Its only layer. */
const fc1 = linear({ name: "fc1", inputs: PIXELS, outputs: CLASSES });

/** The weights and biases of the elementary model. */
export const weightsIn = (layers: Pick<Layers, "params">): Required<LayerParams> =>
  paramsOf(layers.params(), fc1);

/** The elementary model with one hyperparameter, λ, unbounded on a log scale, starting at `start`. */
export function elementary(preset: Preset, start: number): Problem {
  return {
    name: "elementary",
    space: createSpace({ l2: real(Math.exp(start), { log: true, perturb: "minibatch" }) }),
    noise: {},
    layers: [fc1],
    init: (key) => ({ fc1: initLayer(key, fc1) }),
    predict: (layers, { x }) => layers.apply(fc1, x as np.Array),
    loss: (outputs, { y }) => gaussianNll(outputs as np.Array, y as np.Array, 0.1 ** 2),
    penalty(layers, { l2 }) {
      const { weight, bias } = weightsIn(layers);
      const squares = np.square(weight).sum().add(np.square(bias).sum());
      return (preset === "paper" ? squares : np.sqrt(squares)).mul((l2 as np.Array).reshape([]));
    },
  };
}

function oneHot(dataset: Dataset): Dataset {
  const labels = (dataset.fields.y as HostArray).data;
  const y = new Float32Array(labels.length * CLASSES);
  labels.forEach((label, row) => (y[row * CLASSES + label] = 1));
  return { ...dataset, fields: { y: new HostArray(y, [labels.length, CLASSES]) } };
}
