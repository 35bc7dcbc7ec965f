import { inputError } from "./error.ts";
import { joined } from "./statistics.ts";
import { inWords } from "./words.ts";

/** The element types of a host array; floating-point data is converted to the engine's precision when it is loaded. */
export type HostData = Float32Array | Float64Array | Int32Array | Uint32Array;

/**
 * An array in the host's memory: what goes into an engine (batches, noise, learning rates, initial weights) and what comes
 * out of it (losses, checkpoints).
 *
 * A class, so that it is a leaf of a tree where a plain object is a node.
 */
export class HostArray {
  readonly data: HostData;
  /** Row-major; `[]` for a scalar. */
  readonly shape: readonly number[];

  /** @throws {HypertrainError} for numbers or a shape of another type, and for more or fewer numbers than the shape has. */
  constructor(data: HostData, shape: readonly number[]) {
    demandArray(data, shape);
    if (data.length !== sizeOf(shape)) {
      throw inputError(
        `an array of shape [${shape.join(", ")}] must hold ${sizeOf(shape)} numbers, but got ${data.length}`,
      );
    }
    this.data = data;
    this.shape = shape;
  }
}

function demandArray(data: unknown, shape: unknown): void {
  if (!hostTypes.some((type) => data instanceof type)) {
    const names = inWords(
      hostTypes.map(({ name }) => name),
      "or",
    );
    throw inputError(
      `the numbers of a HostArray must be a ${names}, but got ${receivedText(data)}; convert them, as Float32Array.from(numbers) does`,
    );
  }
  if (Array.isArray(shape) && shape.every((length) => Number.isSafeInteger(length) && length >= 0)) return;
  throw inputError(
    `the shape of a HostArray must be a list of whole numbers, such as [rows, 1], but got ${JSON.stringify(shape)}; correct it`,
  );
}

const hostTypes = [Float32Array, Float64Array, Int32Array, Uint32Array] as const;

function receivedText(data: unknown): string {
  if (Array.isArray(data)) return "a plain array";
  return ArrayBuffer.isView(data) ? `a ${data.constructor.name}` : `something of type ${typeof data}`;
}

/** A tree of host arrays: a leaf, or a record of named trees. */
export type HostTree = HostArray | { readonly [name: string]: HostTree };

/** Host arrays by name: the fields of a minibatch, a step's noise, an optimizer's settings. */
export type HostArrays = Readonly<Record<string, HostArray>>;

/** The number of elements of an array of this shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** A scalar. */
export const hostScalar = (value: number): HostArray => new HostArray(Float64Array.of(value), []);

/** A vector. */
export const hostVector = (values: ArrayLike<number>): HostArray =>
  new HostArray(Float64Array.from(values), [values.length]);

/** Zeros of a shape. */
export const hostZeros = (shape: readonly number[]): HostArray =>
  new HostArray(new Float32Array(sizeOf(shape)), shape);

/** Applies `leaf` to every array of a tree, keeping its structure. `path` names the leaf, joined by dots. */
export function mapTree(
  tree: HostTree,
  leaf: (array: HostArray, path: string) => HostArray,
  path = "",
): HostTree {
  if (tree instanceof HostArray) return leaf(tree, path);
  return Object.fromEntries(
    Object.entries(tree).map(([name, child]) => [
      name,
      mapTree(child, leaf, path === "" ? name : `${path}.${name}`),
    ]),
  );
}

/** The leaves of a tree with their paths, in order. */
export function leavesOf(tree: HostTree): [path: string, array: HostArray][] {
  const leaves: [string, HostArray][] = [];
  mapTree(tree, (array, path) => {
    leaves.push([path, array]);
    return array;
  });
  return leaves;
}

/** The only element of a scalar. */
export function scalarOf(array: HostArray): number {
  const value = array.data[0];
  if (value === undefined || array.data.length !== 1) {
    throw new Error(`internal: expected a scalar, but got shape [${array.shape.join(", ")}]`);
  }
  return value;
}

/** All numbers of a tree, leaf after leaf. */
export function flattened(tree: HostTree): Float64Array {
  return joined(...leavesOf(tree).map(([, { data }]) => data));
}

/** The numbers of a vector in the structure of a tree; the inverse of {@link flattened}. */
export function inStructure(like: HostTree, flat: Float64Array): HostTree {
  let at = 0;
  return mapTree(like, ({ shape, data }) => new HostArray(flat.subarray(at, (at += data.length)), shape));
}
