import { numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { HypertrainError, inputError } from "../util/error.ts";
import { HostArray, sizeOf, type HostTree } from "../util/host-array.ts";
import { aKey, partKey, normalsAt, uniformsAt, type RandomKey } from "../util/random.ts";
import { heldCarry, type Carry } from "./carried.ts";
import type { Rows } from "./row-states.ts";
import { demandGiven } from "../util/given.ts";
import { listOf, objectWith } from "../util/rule.ts";

/**
 * One layer with parameters: a map that is linear in its weight, and perhaps a bias for each output,
 *
 *     y = map(W, x) + b.
 *
 * Each kind of layer is a function that makes one (`nn/kinds/`). Everything that is done with weights, such as drawing, penalising and
 * letting them respond to the hyperparameters, is done with this record alone.
 */
export interface Layer {
  readonly name: string;
  readonly kind: string;
  readonly weight: WeightSpec;
  /** Whether each output has a bias. */
  readonly bias: boolean;
  /** Whether the weight scales outputs that are normalised: it starts at 1 and the bias at 0, and `l2` and `l1` leave it out. Default false. */
  readonly scales?: boolean;
  /** Whether the outputs are on the last axis of y instead of axis 1, behind positions that an example may have. Default false. */
  readonly outputsLast?: boolean;
  /** Whether it moves with the hyperparameters; one that does not is left out by `l2` and `l1`. Default true. */
  readonly responds?: boolean;
  /**
   * map(W, x), linear in W, with the outputs on axis 1 or last. Borrows the weight, consumes x.
   *
   * The weight's axis of outputs may also hold k numbers for each output, one output's after the other's; then y holds k for each.
   */
  map(weight: np.Array, x: np.Array): np.Array;
}

/** The weight of a layer. */
export interface WeightSpec {
  readonly shape: readonly number[];
  /** The axis of the shape along which the outputs lie. */
  readonly outputAxis: number;
  /** The weights that each output is a sum over. */
  readonly fanIn: number;
  /** The initial weights are uniform on ±bound; default 1/sqrt(fan-in). */
  readonly bound?: number;
  /** Their standard deviation where they are normal instead, with biases that start at 0. */
  readonly deviation?: number;
}

/** The parameters of a layer; weight as its spec says, bias: [outputs]. */
export type LayerParams<Leaf = np.Array> = { readonly weight: Leaf; readonly bias?: Leaf };

/** The number of outputs of a layer; of a convolution, its channels. */
export const outputsOf = ({ weight: { shape, outputAxis } }: Pick<Layer, "weight">): number =>
  shape[outputAxis] as number;

/** The number of a layer's weights and biases. */
export const parametersOf = (layer: Layer): number =>
  sizeOf(layer.weight.shape) + (layer.bias ? outputsOf(layer) : 0);

/**
 * The layers that a network is written over.
 *
 * A network never touches its weights itself: it asks for `layers.apply(fc1, x)`. So the same network runs on plain weights
 * ({@link plainLayers}) and on weights that respond to the hyperparameters (`response/`), one response per example. The arrays behind
 * the layers are borrowed: calls leave them alive. Arguments are consumed.
 */
export interface Layers<Params extends ArrayTree = ArrayTree> {
  /** `y = map(W, x) + b` of a layer; x: [rows, ...], y: [rows, outputs, ...] or, with the outputs last, [rows, ..., outputs]. */
  apply(layer: Layer, x: np.Array): np.Array;
  /** A layer's weight as it is without a response, for another layer that shares it. */
  base(layer: Pick<Layer, "name">): np.Array;
  /** The sum of a layer's squared weights without its bias: [] for plain weights, [rows] with one response per example. */
  squaredNorm(layer: Layer): np.Array;
  /**
   * All parameters as one tree, for losses and penalties that need the numbers themselves.
   *
   * @throws {HypertrainError} where every example has its own weights: perturb the hyperparameters per minibatch there.
   */
  params(): Params;
  /** What training carries from step to step, for networks that have such; parameters of a trained model hold it themselves. */
  readonly carry?: Carry;
  /** What each row takes over from the row before it; absent where every row starts anew. */
  readonly rows?: Rows;
}

/** Layers whose weights are the given ones; a layer that is applied to a shape which its weight does not fit throws, by its name. */
export function plainLayers(params: ArrayTree): Layers {
  return {
    apply(layer, x) {
      const { weight, bias } = paramsOf(params, layer);
      const y = mapped(layer, weight, x);
      return bias ? y.add(onOutputs(layer, bias.ref, y)) : y;
    },
    base: (layer) => paramsOf(params, layer).weight.ref,
    squaredNorm: (layer) => squaredSum(paramsOf(params, layer).weight),
    params: () => tree.ref(params),
    carry: heldCarry(params),
  };
}

/** map(W, x). @throws {HypertrainError} naming the layer where its weight and x do not go together. */
function mapped(layer: Layer, weight: np.Array, x: np.Array): np.Array {
  const { shape } = x;
  try {
    return layer.map(weight, x);
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof HypertrainError || cause instanceof RangeError)
      throw cause;
    const [reason] = cause.message.split("\n");
    throw inputError(
      `the layer "${layer.name}" must be applied to what its weight fits, but it is of the kind ${layer.kind} with a weight of shape [${weight.shape.join(", ")}], and was applied to the shape [${shape.join(", ")}] (${reason}); mend the sizes that it is made with, or what it is applied to`,
      { cause },
    );
  }
}

/**
 * What a tree holds for a layer, by its name.
 *
 * @throws {HypertrainError} if it holds nothing.
 */
export function paramsOf<Params = LayerParams>(params: ArrayTree, { name }: Pick<Layer, "name">): Params {
  const found = (params as Record<string, ArrayTree>)[name];
  if (found !== undefined) return found as Params;
  throw inputError(
    `the parameters must hold every layer that a network applies, but "${name}" is not among ${Object.keys(params).join(", ")}; return it from init`,
  );
}

/** The sum of an array's squared elements: []. Borrows. */
export const squaredSum = (array: np.Array): np.Array => np.square(array.ref).sum();

/** [outputs] or [rows, outputs] in a shape that goes with a layer's y. Consumes the values, looks at y. */
export function onOutputs({ outputsLast }: Layer, values: np.Array, y: np.Array): np.Array {
  if (y.ndim === 2) return values;
  const places = y.shape.slice(2).map(() => 1);
  if (!outputsLast) return values.reshape([...values.shape, ...places]);
  return values.ndim === 1 ? values : values.reshape([values.shape[0] as number, ...places, -1]);
}

/** What a layer must be. */
export const aLayer = objectWith<Layer>("a layer, such as linear({ … })", {
  name: "string",
  weight: "object",
});

/**
 * A layer's initial parameters: drawn, or of one that scales, 1 for the weight and 0 for the bias.
 *
 * @throws {HypertrainError} for what is no layer.
 */
export function initLayer(key: RandomKey, layer: Layer): LayerParams<HostArray> {
  demandGiven("initLayer", { key, layer }, { key: aKey, layer: aLayer });
  return layer.scales
    ? { weight: filled(1, layer.weight.shape), ...(layer.bias && { bias: filled(0, [outputsOf(layer)]) }) }
    : drawLayer(key, layer);
}

const filled = (value: number, shape: readonly number[]): HostArray =>
  new HostArray(new Float32Array(sizeOf(shape)).fill(value), shape);

/**
 * Random parameters as PyTorch draws those of its linear and convolutional layers: Kaiming-uniform with a = sqrt 5, which is uniform on
 * ±1/sqrt(fan-in) for the weight and for the bias. A layer with a deviation of its own has a normal weight instead, and a bias of 0.
 */
export function drawLayer(key: RandomKey, layer: Layer): LayerParams<HostArray> {
  const { shape, fanIn, bound = 1 / Math.sqrt(fanIn), deviation } = layer.weight;
  if (deviation !== undefined) {
    const normal = normalsAt(key, 0, sizeOf(shape)).map((z) => z * deviation);
    const weight = new HostArray(Float32Array.from(normal), shape);
    return { weight, ...(layer.bias && { bias: filled(0, [outputsOf(layer)]) }) };
  }
  const uniform = (stream: number, of: readonly number[]) => {
    const values = uniformsAt(key, stream, sizeOf(of));
    values.forEach((u, i) => (values[i] = (2 * u - 1) * bound)); // in place: of large layers a copy would count
    return new HostArray(values, of);
  };
  const weight = uniform(0, shape);
  return layer.bias ? { weight, bias: uniform(1, [outputsOf(layer)]) } : { weight };
}

/** The initial parameters of layers, one record for each, by its name. @throws {HypertrainError} for what is no layer. */
export function initLayers(key: RandomKey, layers: readonly Layer[]): HostTree {
  demandGiven("initLayers", { key, layers }, { key: aKey, layers: listOf(aLayer) });
  return Object.fromEntries(layers.map((layer) => [layer.name, initLayer(partKey(key, layer.name), layer)]));
}
