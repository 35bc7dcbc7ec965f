import type { Emitter } from "../emitter.ts";
import { resultOf } from "../graph.ts";
import { integerRanges, isFloat } from "../value.ts";
import { convert } from "./elementwise.ts";
import type { Lowering } from "./lowering.ts";

/** jax-js's `cast`. */
export const cast: Lowering<"cast"> = (operation, to) => {
  const [x] = operation.inputs;
  const result = resultOf(operation);
  const limits = integerRanges[result.dtype];
  const name = isFloat(x.dtype) && limits ? saturated(to.typed(x, "float64"), limits, to) : to.name(x);
  convert(name, result, to);
};

/** Numbers beyond a range at its ends and what is no number at 0, for which ONNX leaves a Cast undefined. */
function saturated(x: string, [low, high]: readonly [number, number], to: Emitter): string {
  const limit = (number: number) => to.scalar(number, "float64");
  const number = to.node("Where", [to.node("IsNaN", [x]), limit(0), x]);
  return to.node("Clip", [number, limit(low), limit(high)]);
}
