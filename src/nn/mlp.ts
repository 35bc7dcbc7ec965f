import { nn } from "@jax-js/jax";

import { inputError } from "../util/error.ts";
import { partKey } from "../util/random.ts";
import { initLinear } from "./linear.ts";
import type { Network } from "./network.ts";

/** The sizes of a multilayer perceptron. */
export interface MlpOptions {
  /** Features of an example. */
  readonly inputs: number;
  /** Units of each hidden layer; `[]` makes a linear model. */
  readonly hidden: readonly number[];
  /** Classes, or numbers to predict. */
  readonly outputs: number;
}

/**
 * A multilayer perceptron with ReLU units: layers `fc1`, `fc2`, …, dropout places `input`, `fc1`, `fc2`, … (after each hidden
 * layer's ReLU).
 *
 * ```ts
 * mlp({ inputs: 64, hidden: [128, 128], outputs: 10 });
 * ```
 */
export function mlp({ inputs, hidden, outputs }: MlpOptions): Network {
  const sizes = [inputs, ...hidden, outputs];
  if (sizes.some((n) => !Number.isInteger(n) || n < 1)) {
    throw inputError(`every layer size of a network must be a positive integer, but got ${sizes.join(", ")}`);
  }
  const layers = sizes.slice(1).map((size, i) => ({
    name: `fc${i + 1}`,
    kind: "linear" as const,
    inputs: sizes[i] as number,
    outputs: size,
  }));
  const last = layers.length - 1;
  return {
    name: hidden.length === 0 ? "linear" : "mlp",
    layers,
    dropouts: [
      { name: "input", shape: [inputs] },
      ...layers.slice(0, last).map(({ name, outputs }) => ({ name, shape: [outputs] })),
    ],
    init: (key) =>
      Object.fromEntries(layers.map((l) => [l.name, initLinear(partKey(key, l.name), l.inputs, l.outputs)])),
    apply(weights, x, dropout) {
      let y = dropout("input", x.reshape([x.shape[0] as number, inputs]));
      layers.forEach(({ name }, i) => {
        y = weights.linear(name, y);
        if (i < last) y = dropout(name, nn.relu(y));
      });
      return y; // [rows, outputs]
    },
  };
}
