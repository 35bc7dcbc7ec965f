/**
 * A supernetwork: one network with the largest layers of a family, in which every architecture of the family is a block of units
 * and weights, so that all of them share one compiled program.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | m, n | the largest number of units of a hidden layer, and the number that an architecture has | |
 * | u    | mask of the units, 1 for the first n, then 0 | [rows, m] or [1, m] |
 * | a    | index of the activation among those that the layer may have | [rows] or [1] |
 * | s    | 1 where there is a residual connection, else 0 | [rows] or [1] |
 * | y, y' | a hidden layer's input and output | [rows, m before], [rows, m] |
 *
 *     y' = u (f_a(y W + b) + s y),     y cut off or filled up with zeros at m units.
 *
 * Outside the mask y' is 0, and so is every derivative by the weights into such a unit and out of it: they never move. An
 * architecture starts at the weights of its plain network, which are drawn on ±1/sqrt(n) for a layer behind n units (not m), and
 * at 0 outside them, where they stay; so the norms of penalties and of clipped gradients are the plain network's as well.
 */
import { numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { HostArray, sizeOf, type HostTree } from "../util/host-array.ts";
import type { RandomKey } from "../util/random.ts";
import { activations, type ActivationName } from "./activation.ts";
import type { Layers, LayerSpec } from "./layer.ts";
import type { LinearParams } from "./linear.ts";
import type { Dropout, Network } from "./network.ts";
import { fitted } from "./residual.ts";

/** A hidden layer of a plain network. */
export interface HiddenLayer {
  readonly name: string;
  readonly units: number;
  readonly activation: ActivationName;
  readonly skip: boolean;
}

/** What is open of one hidden layer; what is absent is as in the network that was opened. */
export interface OpenLayer {
  /** The largest number of units. */
  readonly width?: number;
  /** What its activation may be. */
  readonly activation?: readonly ActivationName[];
  /** Whether it may have a residual connection. */
  readonly skip?: boolean;
}

/** What an architecture has for one hidden layer, where that is open. */
export interface LayerChoice {
  readonly width?: number;
  readonly activation?: ActivationName;
  readonly skip?: boolean;
}

/** The same inside programs, [rows] or [1] each: the units n, the index a, the switch s. */
export interface LayerChoiceArrays {
  readonly width?: np.Array;
  readonly activation?: np.Array;
  readonly skip?: np.Array;
}

/** Something for each hidden layer, by its name; layers that are not open may be left out. */
export type ByLayer<T> = Readonly<Record<string, T>>;

/** A network whose architecture is an argument. */
export interface Supernetwork {
  /** The largest of its networks, whose layers and dropout places are its own. */
  readonly largest: Network;
  /** The outputs [rows, outputs] of an architecture. Consumes x, borrows the choices. */
  apply(layers: Layers, x: np.Array, dropout: Dropout, choices: ByLayer<LayerChoiceArrays>): np.Array;
  /** The parameters, with 0 where an architecture ([1] each) has none. Consumes them, borrows the choices. */
  masked(params: ArrayTree, choices: ByLayer<LayerChoiceArrays>): ArrayTree;
  /** The network of an architecture alone. */
  plain(choices: ByLayer<LayerChoice>): Network;
  /** The initial parameters of the plain network, with 0 elsewhere. */
  init(key: RandomKey, choices: ByLayer<LayerChoice>): HostTree;
  /** Those of the parameters that the plain network has. */
  cropped(params: HostTree, choices: ByLayer<LayerChoice>): HostTree;
}

/**
 * The supernetwork of a chain of hidden layers and a last linear layer; `mlp(…).opened(parts)` makes one.
 *
 * @param make makes the plain network of hidden layers
 */
export function supernetwork(
  hidden: readonly HiddenLayer[],
  parts: ByLayer<OpenLayer>,
  make: (hidden: readonly HiddenLayer[]) => Network,
): Supernetwork {
  const plain = (choices: ByLayer<LayerChoice>) =>
    make(hidden.map((layer) => ({ ...layer, ...choiceOf(layer, choices[layer.name]) })));
  const widest = mapValues(parts, ({ width }) => ({ ...(width !== undefined && { width }) }));
  const largest = plain(widest);
  const inputs = (largest.layers[0] as LayerSpec).inputs;
  return {
    largest,
    plain,
    apply(layers, x, dropout, choices) {
      let y = dropout("input", x.reshape([x.shape[0] as number, inputs]));
      hidden.forEach(({ name, activation, skip }, i) => {
        const { outputs } = largest.layers[i] as LayerSpec;
        const { width, activation: index, skip: on } = choices[name] ?? {};
        const around = on || skip ? fitted(y.ref, outputs) : undefined;
        y = activated(layers.linear(name, y), parts[name]?.activation ?? [activation], index);
        y = dropout(name, y);
        if (around) y = y.add(on ? around.mul(column(on)) : around);
        if (width) y = y.mul(maskOf(width, outputs).astype(y.dtype));
      });
      return layers.linear((largest.layers.at(-1) as LayerSpec).name, y); // [rows, outputs]
    },
    masked(params, choices) {
      const tree = params as ByLayer<LinearParams>;
      return Object.fromEntries(
        largest.layers.map((spec, i) => {
          const before = choices[largest.layers[i - 1]?.name ?? ""]?.width;
          return [
            spec.name,
            maskedLayer(tree[spec.name] as LinearParams, spec, before, choices[spec.name]?.width),
          ];
        }),
      );
    },
    init: (key, choices) => resized(plain(choices).init(key), largest.layers),
    cropped: (params, choices) => resized(params, plain(choices).layers),
  };
}

function choiceOf(layer: HiddenLayer, choice: LayerChoice = {}): Omit<HiddenLayer, "name"> {
  const { width: units = layer.units, activation = layer.activation, skip = layer.skip } = choice;
  return { units, activation, skip };
}

/** f_a(z), each of the activations being computed. Consumes z. */
function activated(z: np.Array, names: readonly ActivationName[], index: np.Array | undefined): np.Array {
  const [first, ...rest] = names.map((name) => activations[name](z.ref)) as [np.Array, ...np.Array[]];
  z.dispose();
  return rest.reduce(
    (y, other, i) => np.where(np.equal(column(index as np.Array), i + 1), other, y), // more than one: it is open
    first,
  );
}

/** [rows] as [rows, 1]. Borrows. */
const column = (values: np.Array): np.Array => values.ref.reshape([-1, 1]);

/** Which of m units there are: [rows, m]. Borrows the width. */
const maskOf = (width: np.Array, m: number): np.Array =>
  np.less(np.arange(0, m, 1, { dtype: width.dtype }), column(width));

function maskedLayer(
  { weight, bias }: LinearParams,
  { inputs, outputs }: LayerSpec,
  before: np.Array | undefined,
  after: np.Array | undefined,
): LinearParams {
  const into = before && maskOf(before, inputs).astype(weight.dtype).reshape([inputs, 1]);
  const outOf = after && maskOf(after, outputs).astype(weight.dtype);
  const columns = outOf ? weight.mul(outOf.ref) : weight;
  return {
    weight: into ? columns.mul(into) : columns,
    bias: outOf ? bias.mul(outOf.reshape([outputs])) : bias,
  };
}

/** Parameters for layers of other sizes, with the same elements where both have one, 0 elsewhere. */
function resized(params: HostTree, layers: readonly LayerSpec[]): HostTree {
  const before = params as ByLayer<{ weight: HostArray; bias: HostArray }>;
  return Object.fromEntries(
    layers.map(({ name, inputs, outputs }) => {
      const { weight, bias } = before[name] as { weight: HostArray; bias: HostArray };
      return [name, { weight: corner(weight, [inputs, outputs]), bias: corner(bias, [outputs]) }];
    }),
  );
}

/** An array of another shape with the same elements where both have one, 0 elsewhere; vectors and matrices. */
function corner({ data, shape: from }: HostArray, shape: readonly number[]): HostArray {
  const [rowsFrom, columnsFrom] = from.length === 1 ? [1, from[0] as number] : (from as [number, number]);
  const [rows, columns] = shape.length === 1 ? [1, shape[0] as number] : (shape as [number, number]);
  const values =
    data instanceof Float64Array ? new Float64Array(sizeOf(shape)) : new Float32Array(sizeOf(shape));
  const shared = Math.min(columns, columnsFrom);
  for (let row = 0; row < Math.min(rows, rowsFrom); row++) {
    values.set(data.subarray(row * columnsFrom, row * columnsFrom + shared), row * columns);
  }
  return new HostArray(values, shape);
}

const mapValues = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
