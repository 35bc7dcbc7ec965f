import { sizeOf } from "../../util/host-array.ts";
import type { Graph, Operation, Value } from "./graph.ts";
import type { Contraction } from "./passes/contract.ts";

/** The floating-point operations of the largest product of a graph: what more than one thread can share. */
export const largestProduct = ({ operations }: Graph): number =>
  operations.reduce((largest, operation) => Math.max(largest, productOperations(operation)), 0);

function productOperations({ primitive, inputs, params, outputs }: Operation): number {
  const [left, right] = inputs as [Value, Value];
  switch (primitive) {
    case "contract":
      return 2 * sizeOf((outputs[0] as Value).shape) * innerSize(left, params as Contraction);
    case "conv":
    case "conv_transpose":
      return 2 * sizeOf((outputs[0] as Value).shape) * sizeOf(right.shape.slice(1));
    case "conv_filters":
      return 2 * sizeOf((outputs[0] as Value).shape) * sizeOf(right.shape.toSpliced(1, 1));
    default:
      return 0;
  }
}

/** How many products each element of a contraction sums. */
function innerSize({ shape }: Value, { left, out }: Contraction): number {
  const long = shape.filter((size) => size !== 1);
  return sizeOf(long.filter((_, axis) => !out.includes(left[axis] as number)));
}
