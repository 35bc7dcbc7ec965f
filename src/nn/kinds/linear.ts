import { numpy as np } from "@jax-js/jax";

import type { Layer } from "../layer.ts";

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
