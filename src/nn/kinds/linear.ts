import { numpy as np } from "@jax-js/jax";

import { ownOptions } from "../../util/given.ts";
import * as rule from "../../util/rule.ts";
import { kind } from "../kind.ts";
import type { Layer } from "../layer.ts";
import { count, flag, optional } from "../option.ts";

/** The size of a linear layer. */
export interface LinearOptions {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Default true. */
  readonly bias?: boolean;
}

/**
 * A linear layer, `y = x W + b` for x: [rows, inputs] and W: [inputs, outputs]; of x: [rows, ..., inputs] at every position alone.
 *
 * @throws {HypertrainError} for a size that is no positive integer, or an option that is none of these.
 */
export function linear(options: LinearOptions): Layer {
  const {
    name,
    inputs,
    outputs,
    bias = true,
  } = ownOptions("linear", options, {
    ...{ name: rule.needed(rule.text), bias: rule.flag },
    ...{ inputs: rule.needed(rule.count), outputs: rule.needed(rule.count) },
  });
  return {
    name,
    kind: "linear",
    weight: { shape: [inputs, outputs], outputAxis: 1, fanIn: inputs },
    bias,
    outputsLast: true,
    map: (weight, x) => np.matmul(x, weight.ref), // [rows, ..., outputs]
  };
}

/** The step `linear`. */
export const linearKind = kind({
  about: "a linear layer, of a sequence at every step; without `outputs` as many as the data ask for",
  options: { outputs: optional(count()), bias: flag(true) },
  prefix: "fc",
  misfit: ({ length }) => (length <= 2 ? undefined : "a vector, which flatten makes, or a sequence of them"),
  step(shape, { outputs, bias }, place) {
    const inputs = shape.at(-1) as number;
    const layer = linear({ name: place.name, inputs, outputs: outputs ?? place.outputs, bias });
    return {
      shape: [...shape.slice(0, -1), outputs ?? place.outputs],
      layer,
      apply: (x, layers) => layers.apply(layer, x),
    };
  },
});
