import { leavesOf, type HostArray, type HostData, type HostTree } from "../../util/host-array.ts";
import type { Precision } from "../engine.ts";
import { type DType, sameShape } from "./value.ts";
import type { Leaf } from "./protocol.ts";

/** A tree of host arrays as a list of leaves in an engine's precision. */
export interface FlatTree {
  readonly paths: readonly string[];
  readonly leaves: readonly Leaf[];
  readonly tree: HostTree;
}

/** What a model is compiled for: a tree without its numbers. */
export interface Layout {
  readonly paths: readonly string[];
  readonly leaves: readonly { readonly dtype: DType; readonly shape: readonly number[] }[];
  readonly structure: Structure;
}

/** The shape of a tree: the numbers 0, 1, … in the place of its leaves, in order. */
export type Structure = number | { readonly [name: string]: Structure };

/** Flattens a tree; floating-point leaves are converted to the precision, integers stay. */
export function flatten(tree: HostTree, precision: Precision): FlatTree {
  const leaves = leavesOf(tree);
  return {
    paths: leaves.map(([path]) => path),
    leaves: leaves.map(([, array]) => leafOf(array, precision)),
    tree,
  };
}

function leafOf({ data, shape }: HostArray, precision: Precision): Leaf {
  if (data instanceof Int32Array) return { dtype: "int32", shape, data };
  if (data instanceof Uint32Array) return { dtype: "uint32", shape, data };
  return { dtype: precision, shape, data: inPrecision(data, precision) };
}

function inPrecision(data: HostData, precision: Precision): Float32Array | Float64Array {
  if (precision === "float32") return data instanceof Float32Array ? data : Float32Array.from(data);
  return data instanceof Float64Array ? data : Float64Array.from(data);
}

/** A tree without its numbers. */
export const layoutOf = ({ paths, leaves, tree }: FlatTree): Layout => ({
  paths,
  leaves: leaves.map(({ dtype, shape }) => ({ dtype, shape })),
  structure: structureOf(tree),
});

/** Whether a tree has the leaves that a model was compiled for. */
export const fits = (layout: Layout, { paths, leaves }: FlatTree): boolean =>
  layout.leaves.length === leaves.length &&
  layout.leaves.every(({ dtype, shape }, i) => {
    const leaf = leaves[i] as Leaf;
    return layout.paths[i] === paths[i] && dtype === leaf.dtype && sameShape(shape, leaf.shape);
  });

/** The shape of a tree of arrays of any kind: a record is a node, all else a leaf. */
export function structureOf<Array extends object>(tree: Tree<Array>): Structure {
  let leaves = 0;
  const visit = (node: Tree<Array>): Structure =>
    isBranch(node)
      ? Object.fromEntries(Object.entries(node).map(([name, child]) => [name, visit(child)]))
      : leaves++;
  return visit(tree);
}

/** A tree of a given shape. */
export const treeOf = <Array extends object>(
  structure: Structure,
  leaf: (index: number) => Array,
): Tree<Array> =>
  typeof structure === "number"
    ? leaf(structure)
    : Object.fromEntries(Object.entries(structure).map(([name, child]) => [name, treeOf(child, leaf)]));

/** The leaves of a tree with their paths, joined by dots, in order. */
export const withPaths = <Array extends object>(
  tree: Tree<Array>,
  path = "",
): [path: string, array: Array][] =>
  isBranch(tree)
    ? Object.entries(tree).flatMap(([name, child]) =>
        withPaths(child, path === "" ? name : `${path}.${name}`),
      )
    : [[path, tree]];

/** A tree of arrays: a leaf, or a record of named trees. */
export type Tree<Array> = Array | { readonly [name: string]: Tree<Array> };

/** Arrays that are being traced are of a class that jax-js does not export; but they are no plain records. */
const isBranch = <Array extends object>(
  tree: Tree<Array>,
): tree is { readonly [name: string]: Tree<Array> } => Object.getPrototypeOf(tree) === Object.prototype;
