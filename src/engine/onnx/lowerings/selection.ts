import { resultOf } from "../graph.ts";
import type { Comparison, Reduction } from "../parameters.ts";
import { fillOf, sameShape } from "../value.ts";
import { convert, finish, operands } from "./elementwise.ts";
import type { Detours, Lowering } from "./lowering.ts";

const comparisons = {
  less: "Less",
  less_equal: "LessOrEqual",
  equal: "Equal",
  not_equal: "Equal",
} satisfies Record<Comparison["op"], string>;

const compareDetours: Detours = { bool: "int32", float16: "float32" };

/** jax-js's `compare`; the operands meet in the type `dtype`. */
export const compare: Lowering<"compare"> = (operation, to) => {
  const { op, dtype } = operation.params;
  const inside = compareDetours[dtype] ?? dtype;
  const names = operands(operation, inside, to);
  const result = resultOf(operation);
  if (op === "not_equal") to.define(result, "Not", [to.node("Equal", names)]);
  else to.define(result, comparisons[op], names);
};

const whereDetours: Detours = { uint32: "int32", bool: "int32", float16: "float32" };

/** jax-js's `where`. A mask of zeros and ones is a condition in another type. */
export const where: Lowering<"where"> = (operation, to) => {
  const [condition, yes, no] = operation.inputs;
  const result = resultOf(operation);
  const [ifTrue, ifFalse] = [fillOf(yes), fillOf(no)];
  const isMask = (ifTrue === 1 && ifFalse === 0) || (ifTrue === 0 && ifFalse === 1);
  if (isMask && sameShape(condition.shape, result.shape)) {
    const chosen = to.name(condition);
    convert(ifTrue === 1 ? chosen : to.node("Not", [chosen]), result, to);
    return;
  }
  const inside = whereDetours[result.dtype] ?? result.dtype;
  const names = [to.name(condition), to.operand(yes, inside), to.operand(no, inside)];
  finish(result, "Where", names, inside, to);
};

const reductions: Readonly<Record<Reduction, string>> = {
  ...{ Add: "ReduceSum", Mul: "ReduceProd" },
  ...{ Min: "ReduceMin", Max: "ReduceMax" },
};
const sumDetours: Detours = { uint32: "int32", bool: "int32", float16: "float32" }; // modulo 2^32 both are the same
// onnxruntime 1.30 compares only the lower halves of int64
const extremumDetours: Detours = { uint32: "float64", bool: "int32", float16: "float32" };

/** jax-js's `reduce` over some axes. Whether a NaN is the least or the greatest of many, onnxruntime leaves open. */
export const reduce: Lowering<"reduce"> = (operation, to) => {
  const [x] = operation.inputs;
  const { op, axis } = operation.params;
  const result = resultOf(operation);
  const detours = op === "Min" || op === "Max" ? extremumDetours : sumDetours;
  const inside = detours[result.dtype] ?? result.dtype;
  if (axis.length === 0)
    to.alias(result, to.name(x)); // to ONNX no axes are all axes
  else finish(result, reductions[op], [to.typed(x, inside), to.ints(...axis)], inside, to, { keepdims: 0 });
};
