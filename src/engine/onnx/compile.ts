import { createEmitter, type Target } from "./emitter.ts";
import type { Graph } from "./graph.ts";
import type { Constant, DType, Value } from "./value.ts";
import { inBlocks } from "./lowerings/in-blocks.ts";
import type { Lowering } from "./lowerings/lowering.ts";
import { lowerings } from "./lowerings/table.ts";
import type { OnnxModel, TensorInfo } from "./model.ts";
import { broadcasts } from "./passes/broadcasts.ts";
import { commonFactors } from "./passes/common-factors.ts";
import { contract } from "./passes/contract.ts";
import { factors } from "./passes/factors.ts";
import { filterGradients } from "./passes/filter-gradients.ts";
import { flattenWindows } from "./passes/flatten-windows.ts";
import { fuse } from "./passes/fuse.ts";
import { masks } from "./passes/masks.ts";
import { prune } from "./passes/prune.ts";
import { scatterOnto } from "./passes/scatter-onto.ts";
import { share } from "./passes/share.ts";
import { stack } from "./passes/stack.ts";
import { simplify } from "./passes/simplify.ts";
import { transposeConvolutions } from "./passes/transpose-convolutions.ts";
import { largestProduct } from "./work.ts";
import { trace, type Argument, type Traceable } from "./trace.ts";

/** A function as an ONNX model, and where its arguments and results are to be found. */
export interface Compiled {
  readonly model: OnnxModel;
  /** For each argument the name of its input; none where the function does not use it. */
  readonly inputs: readonly (string | undefined)[];
  readonly outputs: readonly Source[];
  /** Floating-point operations of its largest product. */
  readonly largestProduct: number;
}

/** A result, and where it comes from. Only what is computed is an output of the model: to copy an array costs as much as to add two. */
export interface Source {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly from:
    | {
        readonly kind: "computed";
        readonly name: string;
        /** The shape that it has in the model. */
        readonly shape: readonly number[];
      }
    | { readonly kind: "argument"; readonly index: number }
    | { readonly kind: "constant"; readonly constant: Constant };
}

/**
 * Compiles a function of jax-js arrays for arguments of fixed shapes.
 *
 * @param target default: any runtime of ONNX
 * @see Compiled
 */
export const compile = (f: Traceable, args: readonly Argument[], target: Target = {}): Compiled =>
  lower(optimize(trace(f, args)), target);

/** All passes in order. */
export const optimize = (graph: Graph): Graph =>
  [
    ...[transposeConvolutions, filterGradients, share, simplify, prune, share, flattenWindows, masks],
    ...[contract, prune, share, commonFactors, broadcasts, factors, stack, scatterOnto, fuse],
  ].reduce((g, pass) => pass(g), graph);

/** A graph as a model. */
export function lower(graph: Graph, target: Target = {}): Compiled {
  const used = new Set(graph.operations.flatMap(({ inputs }) => inputs));
  const named = new Map<Value, string>();
  graph.inputs.forEach((input, i) => used.has(input) && named.set(input, `in${i}`));
  const computed = new Set(graph.operations.flatMap(({ outputs }) => outputs));
  const results = [...new Set(graph.outputs)].filter((output) => computed.has(output));
  results.forEach((output, i) => named.set(output, `out${i}`));

  const isNumber = (input: Value) => used.has(input) && input.dtype === "float32" && input.shape.length === 0;
  const number = target.channelBlock === undefined ? undefined : graph.inputs.find(isNumber); // other runtimes may do better with shapes that they know
  const [emitter, { nodes, constants, shapes }] = createEmitter(named, target, "", number);
  for (const operation of graph.operations) {
    const lowering: Lowering = lowerings[operation.primitive];
    if (!inBlocks(operation, emitter)) lowering(operation, emitter);
  }
  const argumentAt = new Map(graph.inputs.map((input, i) => [input, i] as const));
  const shapeOf = (value: Value) => shapes.get(value) ?? value.shape;
  const info = (value: Value): TensorInfo => ({
    ...value,
    shape: shapeOf(value),
    name: named.get(value) as string,
  });
  return {
    model: {
      inputs: graph.inputs.filter((input) => used.has(input)).map(info),
      outputs: results.map(info),
      nodes,
      constants,
    },
    inputs: graph.inputs.map((input) => named.get(input)),
    largestProduct: largestProduct(graph),
    outputs: graph.outputs.map((output) => {
      const { shape, dtype, constant } = output;
      const index = argumentAt.get(output);
      if (constant) return { shape, dtype, from: { kind: "constant", constant } };
      if (index !== undefined) return { shape, dtype, from: { kind: "argument", index } };
      const name = named.get(output) as string;
      return { shape, dtype, from: { kind: "computed", name, shape: shapeOf(output) } };
    }),
  };
}
