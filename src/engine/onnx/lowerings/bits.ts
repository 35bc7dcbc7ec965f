import { resultOf } from "../graph.ts";
import { fillOf } from "../value.ts";
import { typeCode } from "../model.ts";
import { elementwise, finish, operands } from "./elementwise.ts";
import type { Lowering } from "./lowering.ts";

const combinations = {
  and: { bool: elementwise("And"), whole: elementwise("BitwiseAnd") },
  or: { bool: elementwise("Or"), whole: elementwise("BitwiseOr") },
  xor: { bool: elementwise("Xor"), whole: elementwise("BitwiseXor") },
} as const;

/** jax-js's `bit_combine`. */
export const bitCombine: Lowering<"bit_combine"> = (operation, to) => {
  const lowerings = combinations[operation.params.op];
  lowerings[resultOf(operation).dtype === "bool" ? "bool" : "whole"](operation, to);
};

/** jax-js's `bit_shift`: to the right zeros follow, also for int32, and only the lowest five bits of the distance count. */
export const bitShift: Lowering<"bit_shift"> = (operation, to) => {
  const [, by] = operation.inputs;
  const result = resultOf(operation);
  const [bits, distance] = operands(operation, "uint32", to) as [string, string];
  const known = fillOf(by);
  const masked =
    known !== undefined && known >= 0 && known < 32
      ? distance
      : to.node("BitwiseAnd", [distance, to.scalar(31, "uint32")]);
  const direction = operation.params.op === "shl" ? "LEFT" : "RIGHT";
  finish(result, "BitShift", [bits, masked], "uint32", to, { direction });
};

/** jax-js's `bit_count`: how many bits are set, by sums of neighbours two, four and eight bits wide (Hacker's Delight, 5-1). */
export const bitCount: Lowering<"bit_count"> = (operation, to) => {
  const [x] = operation.inputs;
  const number = (value: number) => to.scalar(value, "uint32");
  const and = (a: string, mask: number) => to.node("BitwiseAnd", [a, number(mask)]);
  const right = (a: string, by: number) => to.node("BitShift", [a, number(by)], { direction: "RIGHT" });
  const bits = to.typed(x, "uint32");
  const pairs = to.node("Sub", [bits, and(right(bits, 1), 0x55555555)]);
  const nibbles = to.node("Add", [and(pairs, 0x33333333), and(right(pairs, 2), 0x33333333)]);
  const bytes = and(to.node("Add", [nibbles, right(nibbles, 4)]), 0x0f0f0f0f);
  const total = to.node("Mul", [bytes, number(0x01010101)]); // the sum of the bytes is in the highest one
  finish(resultOf(operation), "BitShift", [total, number(24)], "uint32", to, { direction: "RIGHT" });
};

/** jax-js's `bitcast`, which it allows among the types of 32 bits. */
export const bitcast: Lowering<"bitcast"> = (operation, to) => {
  const [x] = operation.inputs;
  const result = resultOf(operation);
  to.define(result, "BitCast", [to.name(x)], { to: typeCode(result.dtype) });
};
