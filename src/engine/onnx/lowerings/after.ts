import type { Lowering } from "./lowering.ts";
import { resultOf } from "../graph.ts";

/**
 * `after`: a single number, once all other operands are there. ONNX knows no order but that of need, so no elements of each of them are joined
 * to the number.
 */
export const after: Lowering<"after"> = (operation, to) => {
  const [number, ...others] = operation.inputs;
  const parts = others.map((other) => {
    const line = to.node("Reshape", [to.inBlocks(other) ? to.blocked(other) : to.name(other), to.ints(-1)]);
    return to.node("Slice", [line, to.ints(0), to.ints(0), to.ints(0)]);
  });
  const line = to.node("Reshape", [to.name(number), to.ints(1)]);
  const joined = to.node("Concat", [line, ...parts], { axis: 0 });
  to.define(resultOf(operation), "Reshape", [joined, to.ints(...number.shape)]);
};
