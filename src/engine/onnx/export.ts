import type { numpy as np } from "@jax-js/jax";

import type { HostArray } from "../../util/host-array.ts";
import type { Precision } from "../engine.ts";
import { flatten } from "./flat-tree.ts";
import { compile } from "./compile.ts";
import type { OnnxConstant, OnnxModel, TensorInfo } from "./model.ts";
import { openRows } from "./open-rows.ts";
import type { Leaf } from "./protocol.ts";
import { relabel } from "./relabel.ts";
import type { Argument } from "./trace.ts";
import { wholeModel } from "./whole-model.ts";
import { demandGiven, ownOptions } from "../../util/given.ts";
import { functionOf, named, needed, oneOf, type Rules } from "../../util/rule.ts";

/** Arrays by name, as a function that is exported takes and returns them. */
export type NamedArrays = Record<string, np.Array>;

/** A function of weights and inputs, which it may consume or leave. */
export type ExportedFunction = (weights: NamedArrays, inputs: NamedArrays) => NamedArrays;

/** What a function is exported with. */
export interface ExportOptions {
  /** What becomes part of the model: its initializers, under these names. */
  readonly weights: Readonly<Record<string, HostArray>>;
  /** One row of every input, for its shape and type: [1, ...]. */
  readonly inputs: Readonly<Record<string, HostArray>>;
  /** The floating-point type of weights, inputs and outputs. */
  readonly precision: Precision;
}

/** What {@link exportModel} makes. */
export interface ExportedModel {
  readonly model: OnnxModel;
  /** How many rows the model takes at once: any number, or one alone. */
  readonly rows: "any" | 1;
}

const exportRules: Rules<ExportOptions> = {
  ...{ weights: needed(named("arrays")), inputs: needed(named("arrays")) },
  precision: needed(oneOf("float32", "float64")),
};

/**
 * A function of jax-js arrays as an ONNX model that needs nothing but its inputs.
 *
 * The first axis of inputs and outputs is open, and named `rows`, where the function's graphs for several numbers of rows differ
 * only in sizes (`openRows`); else the model takes one row at a time. Weights and inputs that the function does not use are
 * left out. Nothing is run: onnxruntime need not be installed, but jax-js must be initialised.
 *
 * @throws {HypertrainError} for what has no ONNX operator, or an option that is none of these.
 */
export function exportModel(f: ExportedFunction, options: ExportOptions): ExportedModel {
  demandGiven("exportModel", { f }, { f: functionOf("of weights and inputs") });
  ownOptions("exportModel", options, exportRules);
  const open = tryOpenRows(f, options);
  const { model, labels } = open ?? traced(f, options, 1);
  const { leaves } = flatten(options.weights, options.precision);
  return { model: relabel(holding(leaves, model), labels), rows: open ? "any" : 1 };
}

/** A function's model in which the weights are inputs before all others, and what its inputs and outputs are to be called. */
interface Traced {
  readonly model: OnnxModel;
  readonly labels: ReadonlyMap<string, string>;
}

/** The model for any number of rows; nothing where the function has none, since it refuses a number of rows or its graphs differ by more than sizes. */
function tryOpenRows(f: ExportedFunction, options: ExportOptions): Traced | undefined {
  let refusal: unknown;
  const watched: ExportedFunction = (...given) => {
    try {
      return f(...given);
    } catch (error) {
      refusal = error; // what is wrong with any number of rows shows for one as well
      throw error;
    }
  };
  try {
    const each = ROWS_TRIED.map((rows) => ({ rows, ...traced(watched, options, rows) }));
    const model = openRows(each);
    return model && { model, labels: (each[0] as Traced).labels };
  } catch (error) {
    if (error === refusal) return undefined;
    throw error;
  }
}

/** Primes, which are hardly ever sizes themselves: what is one of them in a graph is the number of rows. */
const ROWS_TRIED = [101, 103, 107];

/** The model for a fixed number of rows. */
function traced(f: ExportedFunction, { weights, inputs, precision }: ExportOptions, rows: number): Traced {
  const held = flatten(weights, precision);
  const fed = flatten(inputs, precision);
  const open = fed.leaves.map(({ dtype, shape }): Argument => ({ dtype, shape: [rows, ...shape.slice(1)] }));
  const args: Argument[] = [...held.leaves.map(({ dtype, shape }) => ({ dtype, shape })), ...open];
  let results: readonly string[] = [];
  const compiled = compile((...arrays) => {
    const outputs = f(zipped(held.paths, arrays), zipped(fed.paths, arrays.slice(held.paths.length)));
    results = Object.keys(outputs);
    return Object.values(outputs);
  }, args);
  const model = wholeModel(compiled, args);
  const wanted = [...held.paths, ...fed.paths, ...results];
  const own = [...model.inputs, ...model.outputs].map(({ name }) => name);
  return { model, labels: new Map(own.map((name, i) => [name, wanted[i] as string])) };
}

const zipped = (names: readonly string[], arrays: readonly np.Array[]): NamedArrays =>
  Object.fromEntries(names.map((name, i) => [name, arrays[i] as np.Array]));

/** A model whose first inputs are constants, without the inputs and constants among them that no node takes. */
function holding(weights: readonly Leaf[], { inputs, constants, ...model }: OnnxModel): OnnxModel {
  const used = new Set(model.nodes.flatMap((node) => node.inputs));
  const isUsed = ({ name }: TensorInfo) => used.has(name);
  const held = weights.map((leaf, i): OnnxConstant => ({ ...leaf, name: (inputs[i] as TensorInfo).name }));
  return {
    ...model,
    inputs: inputs.slice(weights.length).filter(isUsed),
    constants: [...held.filter(isUsed), ...constants],
  };
}
