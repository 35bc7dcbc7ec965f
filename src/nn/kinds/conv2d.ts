import { lax, type numpy as np } from "@jax-js/jax";

import { ownOptions } from "../../util/given.ts";
import * as rule from "../../util/rule.ts";
import { imageMisfit, sidesBehind, type ImageWindow } from "../image.ts";
import { kind } from "../kind.ts";
import type { Layer } from "../layer.ts";
import { count, flag, oneOf, sides } from "../option.ts";

/** The size of a convolution; sides are `[height, width]`. */
export interface Conv2dOptions {
  readonly name: string;
  /** Channels of its input. */
  readonly inputs: number;
  /** Channels of its output. */
  readonly outputs: number;
  readonly kernel: readonly [number, number];
  /** Default 1. */
  readonly stride?: readonly [number, number];
  /** Rows and columns of zeros on either side; default none. */
  readonly padding?: readonly [number, number];
  /** Distance between the pixels that a kernel sees; default 1. */
  readonly dilation?: readonly [number, number];
  /** Blocks of channels that do not see each other; default 1. */
  readonly groups?: number;
  /** Default true. */
  readonly bias?: boolean;
  /** How its weights are drawn; default `uniform`. */
  readonly init?: ConvolutionInit;
}

const inits = ["uniform", "he"] as const;

/**
 * How a convolution's weights are drawn: `uniform` as PyTorch's; `he` normal with the variance 2 / (kernel's size × outputs), and biases of 0, which keeps the size of
 * signals through many layers with ReLU and no normalisation.
 *
 * @see He, Zhang, Ren, Sun, "Delving deep into rectifiers", 2015, https://arxiv.org/abs/1502.01852
 */
export type ConvolutionInit = (typeof inits)[number];

const bothSides = (least: number) => rule.pairOf(rule.integer(least), "[height, width]");

const conv2dRules: rule.Rules<Conv2dOptions> = {
  ...{ name: rule.needed(rule.text), bias: rule.flag, init: rule.oneOf(...inits) },
  ...{ inputs: rule.needed(rule.count), outputs: rule.needed(rule.count), groups: rule.count },
  ...{
    kernel: rule.needed(bothSides(1)),
    stride: bothSides(1),
    padding: bothSides(0),
    dilation: bothSides(1),
  },
};

/**
 * A convolution, x: [rows, inputs, height, width] with W: [outputs, inputs / groups, kernel height, kernel width].
 *
 * @throws {HypertrainError} for a size that is no positive integer, or an option that is none of these.
 */
export function conv2d(options: Conv2dOptions): Layer {
  ownOptions("conv2d", options, conv2dRules);
  const { name, inputs, outputs, kernel, groups = 1, bias = true, init = "uniform" } = options;
  const { stride = [1, 1], padding = [0, 0], dilation = [1, 1] } = options;
  const shape = [outputs, inputs / groups, ...kernel];
  const area = kernel[0] * kernel[1];
  return {
    name,
    kind: "conv2d",
    weight: {
      ...{ shape, outputAxis: 0, fanIn: (inputs / groups) * area },
      ...(init === "he" && { deviation: Math.sqrt(2 / (area * outputs)) }),
    },
    bias,
    map: (weight: np.Array, x: np.Array) =>
      lax.convGeneralDilated(
        x,
        weight.ref,
        [...stride],
        padding.map((side): [number, number] => [side, side]),
        { rhsDilation: [...dilation], featureGroupCount: groups },
      ), // [rows, outputs, ...]
  };
}

/** Windows that lie in the padding alone would see nothing but zeros. */
function paddingMisfit({
  kernel,
  padding,
  dilation,
}: Omit<Required<ImageWindow>, "stride">): string | undefined {
  const extents = kernel.map((side, i) => (dilation[i] as number) * (side - 1) + 1);
  if (extents.every((extent, i) => (padding[i] as number) < extent)) return undefined;
  return `a padding below the ${extents.join(" x ")} pixels that its kernel reaches over, not ${padding.join(" x ")}`;
}

/** The step `conv2d`. */
export const conv2dKind = kind({
  about:
    "a convolution to `channels` channels; `padding` adds zeros on either side, `groups` are blocks of channels that do not see each other; `init` draws the weights `uniform`, or `he` for deep networks without normalisation",
  options: {
    channels: count(),
    kernel: sides(),
    stride: sides(1),
    padding: sides(0, 0),
    dilation: sides(1),
    groups: count(1),
    bias: flag(true),
    init: oneOf(inits, "uniform"),
  },
  prefix: "conv",
  misfit(shape, { channels, groups, ...window }) {
    const misfit = imageMisfit(shape, window) ?? paddingMisfit(window);
    if (misfit) return misfit;
    if ((shape[0] as number) % groups === 0 && channels % groups === 0) return undefined;
    return `channels that ${groups} groups divide, as must its own ${channels}`;
  },
  step([inputs = 0, ...from], { channels, ...window }, { name }) {
    const layer = conv2d({ ...window, name, inputs, outputs: channels });
    return {
      shape: [channels, ...sidesBehind(from, window)],
      layer,
      apply: (x, layers) => layers.apply(layer, x),
    };
  },
});
