import type { numpy as np } from "@jax-js/jax";

import { HostArray, leavesOf, sizeOf, type HostData, type HostTree } from "../../util/host-array.ts";
import type { ArrayTree, Precision, Program, ProgramState } from "../engine.ts";
import { compile, type Source } from "./compile.ts";
import type { DType } from "./graph.ts";
import { serialize } from "./model.ts";
import type { Connected, Leaf, Numbers, Place, Result } from "./protocol.ts";

/** A tree of host arrays as a list of leaves in an engine's precision. */
export interface FlatTree {
  readonly paths: readonly string[];
  readonly leaves: readonly Leaf[];
  /** The tree that it was, for its structure. */
  readonly tree: HostTree;
}

/** Flattens a tree; floating-point leaves are converted to the precision, integers stay. */
export function flatten(tree: HostTree, precision: Precision): FlatTree {
  const leaves = leavesOf(tree);
  return {
    paths: leaves.map(([path]) => path),
    leaves: leaves.map(([, { data, shape }]) => leafOf(data, shape, precision)),
    tree,
  };
}

function leafOf(data: HostData, shape: readonly number[], precision: Precision): Leaf {
  if (data instanceof Int32Array) return { dtype: "int32", shape, data };
  if (data instanceof Uint32Array) return { dtype: "uint32", shape, data };
  if (precision === "float32")
    return { dtype: precision, shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
  return { dtype: precision, shape, data: data instanceof Float64Array ? data : Float64Array.from(data) };
}

/** A program as a model that is connected to a state, and the tree that its outputs make. */
export interface BoundProgram {
  readonly model: Connected;
  /** Puts what the model returned into the program's tree of outputs. */
  outputs(returned: readonly Numbers[]): Record<string, HostTree>;
}

/** Compiles a program for a state and for inputs of these shapes. */
export function bind(program: Program, state: FlatTree, inputs: FlatTree): BoundProgram {
  const args = [...state.leaves, ...inputs.leaves];
  let changed: readonly string[] = [];
  let structure: Structure = {};
  const compiled = compile((...arrays) => {
    const next = arrays.values();
    const [parts, results] = program(
      arrayTree(state.tree, next) as ProgramState,
      arrayTree(inputs.tree, next) as ProgramState,
    );
    const moved = arraysOf(parts);
    changed = moved.map(([path]) => path);
    structure = structureOf(results);
    return [...moved, ...arraysOf(results)].map(([, array]) => array);
  }, args);

  const placeOf = (argument: number): Place =>
    argument < state.leaves.length
      ? { kind: "state", index: argument }
      : { kind: "call", index: argument - state.leaves.length };
  const destination = (result: number): Place =>
    result < changed.length
      ? { kind: "state", index: indexOfLeaf(state, changed[result] as string) }
      : { kind: "call", index: result - changed.length };
  return {
    model: {
      bytes: serialize(compiled.model),
      feeds: compiled.inputs.flatMap((name, argument) => {
        const { dtype, shape } = args[argument] as Leaf;
        return name === undefined ? [] : [{ name, from: placeOf(argument), dtype, shape }];
      }),
      results: compiled.outputs.map((source, i): Result => ({
        to: destination(i),
        from: origin(source, placeOf),
        dtype: source.dtype,
        shape: source.shape,
      })),
    },
    outputs: (returned) =>
      filled(structure, (index) => {
        const { dtype, shape } = compiled.outputs[changed.length + index] as Source;
        const numbers = returned[index] as Numbers;
        const Data = arrayTypes[dtype];
        return new HostArray(numbers instanceof Data ? numbers : Data.from(numbers), shape);
      }) as Record<string, HostTree>,
  };
}

function indexOfLeaf({ paths }: FlatTree, path: string): number {
  const index = paths.indexOf(path);
  if (index < 0) throw new Error(`internal: a program changed "${path}", which its state lacks`);
  return index;
}

function origin({ from, shape, dtype }: Source, placeOf: (argument: number) => Place): Result["from"] {
  if (from.kind === "computed") return from;
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

/** A tree of the structure of another, with arrays in the place of its leaves. */
function arrayTree(tree: HostTree, next: Iterator<np.Array>): ArrayTree {
  if (tree instanceof HostArray) return next.next().value as np.Array;
  return Object.fromEntries(Object.entries(tree).map(([name, child]) => [name, arrayTree(child, next)]));
}

/** The arrays of a tree with their paths, in order. */
const arraysOf = (arrays: ArrayTree, path = ""): [path: string, array: np.Array][] =>
  isRecord(arrays)
    ? Object.entries(arrays).flatMap(([name, child]) =>
        arraysOf(child, path === "" ? name : `${path}.${name}`),
      )
    : [[path, arrays]];

/** A tree without its arrays: the numbers 0, 1, … in their place, in order. */
type Structure = number | { readonly [name: string]: Structure };

function structureOf(arrays: ArrayTree, next = { leaf: 0 }): Structure {
  if (!isRecord(arrays)) return next.leaf++;
  return Object.fromEntries(Object.entries(arrays).map(([name, child]) => [name, structureOf(child, next)]));
}

const filled = (structure: Structure, leaf: (index: number) => HostArray): HostTree =>
  typeof structure === "number"
    ? leaf(structure)
    : Object.fromEntries(Object.entries(structure).map(([name, child]) => [name, filled(child, leaf)]));

/** Whether a tree is a record of trees; arrays that are being traced are of a class that jax-js does not export. */
const isRecord = (arrays: ArrayTree): arrays is { [name: string]: ArrayTree } =>
  Object.getPrototypeOf(arrays) === Object.prototype;
