import type { Emitter } from "../emitter.ts";
import { type Operation, resultOf } from "../graph.ts";
import { fillOf, sameShape, type Value } from "../value.ts";
import { typeCode, type Attributes, type OnnxType } from "../model.ts";
import type { Detours, Lowering } from "./lowering.ts";

/**
 * An operator that works element by element and broadcasts as NumPy does; operands are converted to the result's type.
 *
 * @param detours types that the operator lacks, and those in which it is computed instead
 */
export const elementwise =
  (operator: string, detours: Detours = {}): Lowering =>
  (operation, to) => {
    const result = resultOf(operation);
    const inside = detours[result.dtype] ?? result.dtype;
    finish(result, operator, operands(operation, inside, to), inside, to);
  };

/** jax-js's `max`; with zero it is a `Relu`, which need not broadcast. */
export const maximum: Lowering<"max"> = (operation, to) => {
  const [a, b] = operation.inputs;
  const result = resultOf(operation);
  const fits = a.dtype === "float32" && result.dtype === "float32" && sameShape(a.shape, result.shape);
  if (fits && fillOf(b) === 0) to.define(result, "Relu", [to.name(a)]);
  else elementwise("Max", { bool: "int32", float16: "float32" })(operation, to);
};

/** The operands in one type. One known number is a scalar, unless the result would lose its shape. */
export function operands({ inputs, outputs }: Operation, dtype: OnnxType, to: Emitter): string[] {
  const { shape } = outputs[0];
  const others = inputs.filter((input) => fillOf(input) === undefined);
  const covered = sameShape(broadcastShape(others.map((input) => input.shape)), shape);
  return inputs.map((input) => (covered ? to.operand(input, dtype) : to.typed(input, dtype)));
}

/** Defines a result by an operator that is computed in a type of its own. */
export function finish(
  result: Value,
  operator: string,
  inputs: readonly string[],
  inside: OnnxType,
  to: Emitter,
  attributes: Attributes = {},
): void {
  if (inside === result.dtype) to.define(result, operator, inputs, attributes);
  else convert(to.node(operator, inputs, attributes), result, to);
}

/** Defines a result as an array that is there already, in a type of its own. */
export function finishAs(result: Value, name: string, inside: OnnxType, to: Emitter): void {
  if (inside === result.dtype) to.alias(result, name);
  else convert(name, result, to);
}

/** Defines a result as an array in another type. */
export function convert(name: string, result: Value, to: Emitter): void {
  to.define(result, "Cast", [name], { to: typeCode(result.dtype) });
}

/** The shape in which arrays meet. */
export function broadcastShape(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) =>
    shapes.reduce((size, shape) => {
      const own = shape[shape.length - rank + i] ?? 1;
      return own === 1 ? size : own;
    }, 1),
  );
}
