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

import { HostArray, sizeOf, type HostTree } from "../util/host-array.ts";
import { mapValues } from "../util/record.ts";
import { activations, type ActivationName } from "./activation.ts";
import { outputsOf, paramsOf, type Layer, type LayerParams } from "./layer.ts";
import type { ByLayer, LayerChoice, Network, OpenLayer, Supernetwork } from "./network.ts";
import { fitted } from "./residual.ts";

/** A hidden layer of a plain network. */
export interface HiddenLayer {
  readonly name: string;
  readonly units: number;
  readonly activation: ActivationName;
  readonly skip: boolean;
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
  const inputs = (largest.layers[0] as Layer).weight.fanIn;
  return {
    largest,
    plain,
    apply(layers, x, act, choices) {
      let y = act("input", x.reshape([x.shape[0] as number, inputs]));
      hidden.forEach(({ name, activation, skip }, i) => {
        const layer = largest.layers[i] as Layer;
        const outputs = outputsOf(layer);
        const { width, activation: index, skip: on } = choices[name] ?? {};
        const around = on || skip ? fitted(y.ref, outputs) : undefined;
        y = activated(layers.apply(layer, y), parts[name]?.activation ?? [activation], index);
        y = act(name, y);
        if (around) y = y.add(on ? around.mul(column(on)) : around);
        if (width) y = y.mul(maskOf(width, outputs).astype(y.dtype));
      });
      return layers.apply(largest.layers.at(-1) as Layer, y); // [rows, outputs]
    },
    masked(params, choices) {
      return Object.fromEntries(
        largest.layers.map((layer, i) => {
          const before = choices[largest.layers[i - 1]?.name ?? ""]?.width;
          return [layer.name, maskedLayer(paramsOf(params, layer), before, choices[layer.name]?.width)];
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
  before: np.Array | undefined,
  after: np.Array | undefined,
): LinearParams {
  const [inputs, outputs] = weight.shape as [number, number];
  const into = before && maskOf(before, inputs).astype(weight.dtype).reshape([inputs, 1]);
  const outOf = after && maskOf(after, outputs).astype(weight.dtype);
  const columns = outOf ? weight.mul(outOf.ref) : weight;
  return {
    weight: into ? columns.mul(into) : columns,
    bias: outOf ? bias.mul(outOf.reshape([outputs])) : bias,
  };
}

/** The layers of a chain are linear and have biases. */
type LinearParams = Required<LayerParams>;

/** Parameters for layers of other sizes, with the same elements where both have one, 0 elsewhere. */
function resized(params: HostTree, layers: readonly Layer[]): HostTree {
  const before = params as ByLayer<Required<LayerParams<HostArray>>>;
  return Object.fromEntries(
    layers.map((layer) => {
      const { weight, bias } = before[layer.name] as Required<LayerParams<HostArray>>;
      return [
        layer.name,
        { weight: corner(weight, layer.weight.shape), bias: corner(bias, [outputsOf(layer)]) },
      ];
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
