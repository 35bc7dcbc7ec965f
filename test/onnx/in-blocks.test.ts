import { lax, nn, numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";

import type { ArrayTree } from "../../src/engine/engine.ts";
import { channelBlock } from "../../src/engine/onnx/blocked-probe.ts";
import { compile } from "../../src/engine/onnx/compile.ts";
import type { Traceable } from "../../src/engine/onnx/trace.ts";
import { droppedCarry } from "../../src/nn/carried.ts";
import type { StepPlace } from "../../src/nn/kind.ts";
import { batchNormKind } from "../../src/nn/kinds/batch-norm.ts";
import { plainLayers } from "../../src/nn/layer.ts";
import { sizeOf } from "../../src/util/host-array.ts";
import { expectClose } from "./close.ts";
import { derivative, gradientsOf, type Numeric } from "./derivatives.ts";
import { evaluate, runOnnx, type Sample } from "./run.ts";

const sampled = (shape: readonly number[], k: number): Sample => ({
  dtype: "float32",
  shape,
  data: Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(Math.sin(3 * i + 5 * k + 1) / 2)),
});

const pooled = lax.reduceWindow as unknown as (
  x: np.Array,
  reduction: (window: np.Array) => np.Array,
  window: readonly number[],
  strides: readonly number[],
) => np.Array;

/** Two convolutions, each pooled in another way, with what networks put between them: biases, gains, masks, normalisation, activations. */
const network: Numeric = (x, v, w, bias, mask) => {
  const first = lax.conv(x, v, [1, 1], "SAME").add(bias.reshape([16, 1, 1]));
  const peaks = nn.relu(pooled(first, (window) => np.max(window), [2, 2], [2, 2]));
  const kept = peaks.mul(mask.reshape([3, 16, 1, 1]));
  const second = lax.conv(kept, w, [1, 1], "SAME");
  const centred = second.ref.sub(np.mean(second, [0, 2, 3], { keepdims: true }));
  const scale = np.sqrt(np.mean(np.square(centred.ref), [0, 2, 3], { keepdims: true }).add(0.1));
  const means = pooled(np.tanh(centred.div(scale)), (window) => np.mean(window), [2, 2], [2, 2]);
  return means.reshape([3, -1]); // [3, 32 * 2 * 3]
};

const args = [[3, 2, 8, 12], [16, 2, 3, 3], [32, 16, 3, 3], [16], [3, 16]].map(sampled);

/** The network, its derivative forwards, gradients by everything, and images that are results. */
const derivatives: Traceable = (...at) => {
  const directions = at.map((a) => np.cos(a.ref));
  const [value, forwards] = derivative(
    network,
    at.map((a) => a.ref),
    directions,
  );
  const energy: Numeric = (...all) => np.square(network(...all)).sum();
  const images = lax.conv((at[0] as np.Array).ref, (at[1] as np.Array).ref, [1, 1], "SAME");
  const nearest = [images.ref.less(0.1), np.sum(images.ref, [0, 2, 3]), images.mul(2)];
  return [value, forwards, ...nearest, ...gradientsOf(energy, 0, 1, 2, 3, 4)(...at)];
};

const block = await channelBlock(evaluate);

const reorders = (f: Traceable): string[] =>
  compile(f, args, { channelBlock: block })
    .model.nodes.map(({ operator }) => operator)
    .filter((operator) => operator.includes("Reorder"));

describe.skipIf(block === undefined)("work between convolutions of blocks", () => {
  test("computes what it computes in the order of channels", async () => {
    const blocked = compile(derivatives, args, { channelBlock: block });
    expect(blocked.model.nodes.some(({ operator }) => operator === "com.microsoft.nchwc.MaxPool")).toBe(true);
    const [own, plain] = [await runOnnx(blocked, args), await runOnnx(compile(derivatives, args), args)];
    expectClose(own, plain, 2000, "blocked");
  });

  test("stays in blocks through a batch normalisation", () => {
    const place = { name: "norm" } as StepPlace; // all that it asks for
    const { apply } = batchNormKind.step([16, 8, 12], {}, place);
    const normalized: Traceable = (x, v, w, bias, mask) => {
      const norm = { weight: bias, bias: mask.reshape([3, 16]).sum(0) };
      const layers = { ...plainLayers({ norm } as ArrayTree), carry: droppedCarry({}) };
      const images = apply(lax.conv(x, v, [1, 1], "SAME"), layers, (_, value) => value);
      return [lax.conv(images, w, [1, 1], "SAME").reshape([3, -1])];
    };
    expect(reorders(normalized)).toEqual(["com.microsoft.nchwc.ReorderOutput"]);
  });

  test("stays in blocks until images become vectors", () => {
    const forwards: Traceable = (...at) => [network(...at)];
    expect(reorders(forwards)).toEqual(["com.microsoft.nchwc.ReorderOutput"]);
  });
});
