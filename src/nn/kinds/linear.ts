import { numpy as np } from "@jax-js/jax";

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

/** A linear layer, `y = x W + b` for x: [rows, inputs] and W: [inputs, outputs]. */
export const linear = ({ name, inputs, outputs, bias = true }: LinearOptions): Layer => ({
  name,
  kind: "linear",
  weight: { shape: [inputs, outputs], outputAxis: 1, fanIn: inputs },
  bias,
  map: (weight, x) => np.matmul(x, weight.ref), // [rows, outputs]
});

/** The step `linear`. */
export const linearKind = kind({
  about: "a linear layer; without `outputs` as many as the data ask for",
  options: { outputs: optional(count()), bias: flag(true) },
  prefix: "fc",
  misfit: ({ length }) => (length === 1 ? undefined : "a vector, which flatten makes"),
  step([inputs = 0], { outputs, bias }, place) {
    const layer = linear({ name: place.name, inputs, outputs: outputs ?? place.outputs, bias });
    return { shape: [outputs ?? place.outputs], layer, apply: (x, layers) => layers.apply(layer, x) };
  },
});
