import type { numpy as np } from "@jax-js/jax";

import { inputError } from "../util/error.ts";
import { ownOptions } from "../util/given.ts";
import { optionText } from "../util/option-text.ts";
import { count, either, flag, listOf, needed, oneOf, type Rules } from "../util/rule.ts";
import { activationNames, activations, type ActivationName } from "./activation.ts";
import { linear } from "./kinds/linear.ts";
import { initLayers, outputsOf, type Layer } from "./layer.ts";
import type { Network } from "./network.ts";
import { fitted } from "./residual.ts";
import { supernetwork, type HiddenLayer } from "./supernetwork.ts";

/** The architecture of a multilayer perceptron. */
export interface MlpOptions {
  /** Features of an example. */
  readonly inputs: number;
  /** Units of each hidden layer; `[]` makes a linear model. */
  readonly hidden: readonly number[];
  /** Classes, or numbers to predict. */
  readonly outputs: number;
  /** The activation of all hidden layers, or of each; default `relu`. */
  readonly activation?: ActivationName | readonly ActivationName[];
  /**
   * Whether there is a residual connection around each hidden layer, which adds the layer's input to its output; the first has
   * none. Where the widths differ, it carries the units that both sides have. Default none.
   */
  readonly skip?: readonly boolean[];
}

const activation = oneOf(...activationNames);

/** What options of {@link mlp} must be. */
export const mlpRules = {
  ...{ inputs: needed(count), hidden: needed(listOf(count)), outputs: needed(count) },
  ...{ activation: either(activation, listOf(activation)), skip: listOf(flag) },
} satisfies Rules<MlpOptions>;

/**
 * A multilayer perceptron: layers `fc1`, `fc2`, …, dropout places `input`, `fc1`, `fc2`, … (after each hidden layer's
 * activation, before its residual connection comes in).
 *
 * ```ts
 * mlp({ inputs: 64, hidden: [128, 128], outputs: 10 });
 * ```
 *
 * @throws {HypertrainError} for a size that is no positive integer, an activation that is none, or an option that is none of these.
 */
export function mlp(options: MlpOptions): Network {
  const { inputs, hidden, outputs } = ownOptions("mlp", options, mlpRules);
  const sizes = [inputs, ...hidden, outputs];
  const hiddenLayers = hiddenOf(options);
  const layers = sizes
    .slice(1)
    .map((size, i) => linear({ name: `fc${i + 1}`, inputs: sizes[i] as number, outputs: size }));
  const resized = (others: readonly HiddenLayer[]): Network =>
    mlp({
      ...{ inputs, outputs, hidden: others.map(({ units }) => units) },
      activation: others.map(({ activation }) => activation),
      skip: others.map(({ skip }) => skip),
    });
  return {
    name: hidden.length === 0 ? "linear" : "mlp",
    layers,
    places: [
      { name: "input", shape: [inputs] },
      ...layers.slice(0, -1).map((layer) => ({ name: layer.name, shape: [outputsOf(layer)] })),
    ],
    init: (key) => initLayers(key, layers),
    apply(weights, x, act) {
      let y = act("input", flattened(x, inputs)); // [rows, inputs]
      hiddenLayers.forEach(({ name, units, activation, skip }, i) => {
        const around = skip ? fitted(y.ref, units) : undefined;
        y = act(name, activations[activation](weights.apply(layers[i] as Layer, y)));
        if (around) y = y.add(around);
      });
      return weights.apply(layers.at(-1) as Layer, y); // [rows, outputs]
    },
    opened: (parts) => supernetwork(hiddenLayers, parts, resized),
  };
}

/** Each example as a vector. */
function flattened(x: np.Array, inputs: number): np.Array {
  const [rows = 0, ...example] = x.shape;
  const numbers = example.reduce((product, length) => product * length, 1);
  if (numbers !== inputs) {
    throw inputError(
      `mlp must have as many inputs as an example has numbers, ${numbers}, but has ${inputs}; make it with ${optionText("inputs", numbers)}`,
    );
  }
  return x.reshape([rows, inputs]);
}

function hiddenOf({ hidden, activation = "relu", skip = [] }: MlpOptions): HiddenLayer[] {
  if (typeof activation === "object" && activation.length !== hidden.length) {
    throw inputError(
      `a network must have one activation for all hidden layers or one for each of ${hidden.length}, but got ${activation.length}`,
    );
  }
  if (skip.length > hidden.length || skip[0]) {
    throw inputError(
      `a residual connection must go around a hidden layer behind the first, but got skip=[${skip.join(", ")}] for ${hidden.length} hidden layers`,
    );
  }
  return hidden.map((units, i) => ({
    name: `fc${i + 1}`,
    units,
    activation: typeof activation === "object" ? (activation[i] as ActivationName) : activation,
    skip: skip[i] ?? false,
  }));
}
