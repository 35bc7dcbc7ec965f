import { defaultDevice, type numpy as np } from "@jax-js/jax";

import { HostArray, sizeOf, type HostTree } from "../../util/host-array.ts";
import type { Program, ProgramState } from "../engine.ts";
import { lower, optimize, type Source } from "./compile.ts";
import { structureOf, treeOf, withPaths, type Layout, type Structure } from "./flat-tree.ts";
import type { Target } from "./emitter.ts";
import type { DType, Value } from "./value.ts";
import { serialize } from "./model.ts";
import {
  SENTINEL,
  sharedNumbers,
  type Connected,
  type Numbers,
  type Place,
  type Result,
} from "./protocol.ts";
import type { Stage } from "./compilation.ts";
import { overwriting, type Replacement } from "./overwriting.ts";
import { awaitReaders } from "./passes/await-readers.ts";
import { trace } from "./trace.ts";

/** A program as a model that is connected to a state, and the tree that its outputs make. */
export interface BoundProgram {
  readonly model: Connected;
  /** Nodes of the model. */
  readonly nodes: number;
  /** Floating-point operations of its largest product. */
  readonly largestProduct: number;
  /** Puts what the model returned into the program's tree of outputs. */
  outputs(returned: readonly Numbers[]): Record<string, HostTree>;
}

/** Where jax-js holds a program's constants while it is traced: plain arrays, which WebAssembly's memory would keep for good. */
export const tracingDevice = "cpu";

function onTracingDevice<T>(work: () => T): T {
  const device = defaultDevice();
  defaultDevice(tracingDevice);
  try {
    return work();
  } finally {
    defaultDevice(device);
  }
}

/**
 * Compiles a program for a state and for inputs of these shapes.
 *
 * @param target asked where the program has convolutions, for which there is something beyond ONNX
 * @param stage does the work of each stage, and may time it
 */
export async function bind(
  program: Program,
  state: Layout,
  inputs: Layout,
  target: () => Promise<Target>,
  stage: Stage = (_, work) => work(),
): Promise<BoundProgram> {
  const args = [...state.leaves, ...inputs.leaves];
  const { graph, changed, structure } = stage("trace", () => recorded(program, state, inputs));
  const passed = stage("passes", () => optimize(graph));
  const leaves = leavesAt(changed, state);
  const replaced = leaves.map((leaf, i): Replacement => [
    passed.outputs[i] as Value,
    passed.inputs[leaf] as Value,
  ]);
  const optimized = awaitReaders(passed, replaced);
  const convolves = optimized.operations.some(({ primitive }) => primitive === "conv");
  const own = convolves ? await target() : {};
  const { compiled, bytes, inPlace } = stage("lower", () => {
    const compiled = lower(optimized, own);
    const bytes = serialize(compiled.model, { sentinel: SENTINEL });
    return { compiled, bytes, inPlace: overwriting(optimized, replaced) };
  });

  const placeOf = (argument: number): Place =>
    argument < state.leaves.length
      ? { kind: "state", index: argument }
      : { kind: "call", index: argument - state.leaves.length };
  const destination = (result: number): Place => {
    const leaf = leaves[result];
    return leaf === undefined
      ? { kind: "call", index: result - leaves.length }
      : { kind: "state", index: leaf };
  };
  return {
    model: {
      bytes,
      feeds: compiled.inputs.flatMap((name, argument) => {
        const { dtype, shape } = args[argument] as Layout["leaves"][number];
        return name === undefined ? [] : [{ name, from: placeOf(argument), dtype, shape }];
      }),
      inputs: sharedNumbers(inputs.leaves),
      results: compiled.outputs.map((source, i): Result => ({
        to: destination(i),
        from: origin(source, inPlace[i] ?? false, placeOf),
        dtype: source.dtype,
        shape: source.shape,
      })),
    },
    nodes: compiled.model.nodes.length,
    largestProduct: compiled.largestProduct,
    outputs: (returned) =>
      treeOf(structure, (index) => {
        const { dtype, shape } = compiled.outputs[leaves.length + index] as Source;
        const numbers = returned[index] as Numbers;
        const Data = arrayTypes[dtype];
        return new HostArray(numbers instanceof Data ? numbers : Data.from(numbers), shape);
      }) as Record<string, HostTree>,
  };
}

/** What a program does, which leaves of the state it changes, by their paths, and the tree of its outputs. */
function recorded(program: Program, state: Layout, inputs: Layout) {
  let changed: readonly string[] = [];
  let structure: Structure = {};
  const leavesOfResults = (...arrays: np.Array[]) => {
    const [parts, results] = program(
      treeOf(state.structure, (i) => arrays[i] as np.Array) as ProgramState,
      treeOf(inputs.structure, (i) => arrays[state.leaves.length + i] as np.Array) as ProgramState,
    );
    const moved = withPaths<np.Array>(parts as ProgramState); // what is not changed is not there
    changed = moved.map(([path]) => path);
    structure = structureOf<np.Array>(results);
    return [...moved, ...withPaths<np.Array>(results)].map(([, array]) => array);
  };
  const graph = onTracingDevice(() => trace(leavesOfResults, [...state.leaves, ...inputs.leaves]));
  return { graph, changed, structure };
}

/** The leaves that a program changed, by their index. */
function leavesAt(changed: readonly string[], { paths }: Layout): number[] {
  const at = new Map(paths.map((path, i) => [path, i] as const));
  return changed.map((path) => {
    const leaf = at.get(path);
    if (leaf === undefined) throw new Error(`internal: a program changed "${path}", which its state lacks`);
    return leaf;
  });
}

/** @param inPlace whether it is written over what it replaces */
function origin(
  { from, shape, dtype }: Source,
  inPlace: boolean,
  placeOf: (argument: number) => Place,
): Result["from"] {
  if (from.kind === "computed") return { ...from, inPlace };
  if (from.kind === "argument") return { kind: "place", place: placeOf(from.index) };
  const { constant } = from;
  const data = constant.kind === "data" ? constant.data : Array<number>(sizeOf(shape)).fill(constant.value);
  return { kind: "constant", data: arrayTypes[dtype].from(data) };
}

/** Booleans and half-precision numbers come back in the next larger type of a host array. */
const arrayTypes = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Int32Array,
} satisfies Record<DType, unknown>;
