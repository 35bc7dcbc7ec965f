import type { Emitter } from "../emitter.ts";
import { sameShape } from "../value.ts";

/** An array in the model that is being emitted: the name it has there, and its shape. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/** The same elements in another shape. */
export const reshaped = (x: Tensor, shape: readonly number[], to: Emitter): Tensor =>
  sameShape(x.shape, shape) ? x : { name: to.node("Reshape", [x.name, to.ints(...shape)]), shape };

/** The same elements in a shape that onnxruntime learns of as it runs (`lateInts`), and so of all that is made of them up to the next shape that it knows. */
export function unplanned(x: Tensor, shape: readonly number[], to: Emitter): Tensor {
  const late = to.lateInts(...shape);
  return late === undefined ? reshaped(x, shape, to) : { name: to.node("Reshape", [x.name, late]), shape };
}

/** The axes in another order: axis i of the result is axis `perm[i]`. */
export function permuted(x: Tensor, perm: readonly number[], to: Emitter): Tensor {
  if (perm.every((from, axis) => from === axis)) return x;
  return {
    name: to.node("Transpose", [x.name], { perm }),
    shape: perm.map((axis) => x.shape[axis] as number),
  };
}

/** Zeros before and after each axis; a negative width takes elements away. */
export function padded(x: Tensor, widths: readonly (readonly [number, number])[], to: Emitter): Tensor {
  if (widths.every(([before, after]) => before === 0 && after === 0)) return x;
  const pads = to.ints(...widths.map(([before]) => before), ...widths.map(([, after]) => after));
  const shape = x.shape.map((size, axis) => {
    const [before, after] = widths[axis] as readonly [number, number];
    return before + size + after;
  });
  return { name: to.node("Pad", [x.name, pads]), shape };
}

/** One element repeated along axes. */
export const expanded = (x: Tensor, shape: readonly number[], to: Emitter): Tensor =>
  sameShape(x.shape, shape) ? x : { name: to.node("Expand", [x.name, to.ints(...shape)]), shape };

/** The first elements of an axis. */
export function firstOf(x: Tensor, axis: number, count: number, to: Emitter): Tensor {
  return slicedFrom(x, axis, 0, count, to);
}

/** `count` elements of an axis, from `start` on. */
export function slicedFrom(x: Tensor, axis: number, start: number, count: number, to: Emitter): Tensor {
  if (x.shape[axis] === count) return x;
  const name = to.node("Slice", [x.name, to.ints(start), to.ints(start + count), to.ints(axis)]);
  return { name, shape: x.shape.with(axis, count) };
}

/** Whole numbers from 0 on. */
export const range = (count: number): number[] => [...Array(count).keys()];
