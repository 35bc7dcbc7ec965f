import type { KindName, StepConfig } from "../../src/nn/kinds.ts";
import { stepOf } from "../../src/nn/sequential.ts";
import type { LayerExample } from "../../src/testing/response-contract.ts";

interface StepExample {
  readonly config: StepConfig;
  readonly input: readonly number[];
}

const image = [4, 6, 5] as const;

/** Examples of steps of every kind, with the shape of their input. */
export const stepExamples: Readonly<Record<KindName, readonly StepExample[]>> = {
  linear: [
    { config: { layer: "linear", outputs: 3 }, input: [4] },
    { config: { layer: "linear", outputs: 1, bias: false }, input: [3] },
    { config: { layer: "linear", outputs: 3 }, input: [2, 4] },
  ],
  conv2d: [
    { config: { layer: "conv2d", channels: 3, kernel: 3, padding: 1 }, input: image },
    {
      config: {
        ...{
          layer: "conv2d",
          channels: 6,
          kernel: [3, 2],
          stride: [2, 1],
          padding: [2, 1],
          dilation: [1, 2],
        },
        ...{ groups: 2, bias: false },
      },
      input: image,
    },
    { config: { layer: "conv2d", channels: 1, kernel: 1 }, input: [1, 2, 2] },
  ],
  "batch-norm": [
    { config: { layer: "batch-norm" }, input: image },
    { config: { layer: "batch-norm" }, input: [5] },
  ],
  embedding: [{ config: { layer: "embedding", words: 7, outputs: 3 }, input: [5] }],
  lstm: [
    { config: { layer: "lstm", units: 3 }, input: [4, 2] },
    { config: { layer: "lstm", units: 1 }, input: [1, 1] },
  ],
  "tied-linear": [], // it needs an embedding before it: src/nn/lstm.test.ts
  "group-norm": [
    { config: { layer: "group-norm", groups: 2 }, input: image },
    { config: { layer: "group-norm", groups: 3 }, input: [6] },
  ],
  "layer-norm": [
    { config: { layer: "layer-norm" }, input: [5] },
    { config: { layer: "layer-norm" }, input: [3, 4] },
  ],
  "max-pool": [
    { config: { layer: "max-pool", kernel: 2 }, input: image },
    { config: { layer: "max-pool", kernel: 3, stride: [1, 2] }, input: image },
  ],
  "average-pool": [{ config: { layer: "average-pool", kernel: [3, 2], stride: 2 }, input: image }],
  "global-average-pool": [{ config: { layer: "global-average-pool" }, input: image }],
  attention: [
    { config: { layer: "attention", heads: 2 }, input: [3, 4] },
    { config: { layer: "attention", causal: true }, input: [4, 2] },
  ],
  positions: [{ config: { layer: "positions" }, input: [3, 2] }],
  "feature-tokens": [{ config: { layer: "feature-tokens", units: 3 }, input: [4] }],
  "image-to-sequence": [{ config: { layer: "image-to-sequence" }, input: image }],
  "sequence-mean": [{ config: { layer: "sequence-mean" }, input: [4, 3] }],
  residual: [
    {
      config: {
        layer: "residual",
        layers: [
          { layer: "conv2d", channels: 2, kernel: 3, stride: 2, padding: 1, bias: false },
          { layer: "batch-norm" },
          { layer: "tanh" },
        ],
        shortcut: [{ layer: "conv2d", channels: 2, kernel: 1, stride: 2 }],
      },
      input: image,
    },
    { config: { layer: "residual", layers: [{ layer: "linear", outputs: 4 }] }, input: [4] },
  ],
  flatten: [{ config: { layer: "flatten" }, input: image }],
  dropout: [{ config: { layer: "dropout" }, input: [4] }],
  "sequence-dropout": [{ config: { layer: "sequence-dropout" }, input: [4, 3] }],
  "activation-l2": [{ config: { layer: "activation-l2" }, input: [4, 3] }],
  "activation-slowness": [{ config: { layer: "activation-slowness" }, input: [4, 3] }],
  "last-step": [{ config: { layer: "last-step" }, input: [4, 3] }],
  "channel-dropout": [{ config: { layer: "channel-dropout" }, input: image }],
  relu: [{ config: { layer: "relu" }, input: image }],
  tanh: [{ config: { layer: "tanh" }, input: image }],
  gelu: [{ config: { layer: "gelu" }, input: image }],
  sigmoid: [{ config: { layer: "sigmoid" }, input: image }],
  silu: [{ config: { layer: "silu" }, input: image }],
  identity: [{ config: { layer: "identity" }, input: image }],
};

/** Layers of every kind that has weights, with names of their own. */
export const layerExamples = Object.values(stepExamples)
  .flat()
  .flatMap(({ config, input }, i): LayerExample[] => {
    const { layer } = stepOf({ ...config, name: `layer${i}` }, input);
    return layer ? [{ layer, input }] : [];
  }) as unknown as readonly [LayerExample, ...LayerExample[]]; // `linear` has some
