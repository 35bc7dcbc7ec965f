import { sizeOf } from "../../util/host-array.ts";
import { resultOf, type Graph, type Operation } from "./graph.ts";
import type { Contraction } from "./parameters.ts";
import type { Value } from "./value.ts";

/** The floating-point operations of the largest product of a graph: what more than one thread can share. */
export const largestProduct = ({ operations }: Graph): number =>
  operations.reduce((largest, operation) => Math.max(largest, productOperations(operation)), 0);

function productOperations(operation: Operation): number {
  const results = sizeOf(resultOf(operation).shape);
  switch (operation.primitive) {
    case "contract":
      return 2 * results * innerSize(operation.inputs[0], operation.params);
    case "conv":
    case "conv_transpose":
      return 2 * results * sizeOf(operation.inputs[1].shape.slice(1));
    case "conv_filters":
      return 2 * results * sizeOf(operation.inputs[1].shape.toSpliced(1, 1));
    default:
      return 0;
  }
}

/** How many products each element of a contraction sums. */
function innerSize({ shape }: Value, { left, out }: Contraction): number {
  const long = shape.filter((size) => size !== 1);
  return sizeOf(long.filter((_, axis) => !out.includes(left[axis] as number)));
}
