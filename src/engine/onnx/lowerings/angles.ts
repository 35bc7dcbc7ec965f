import type { Emitter } from "../emitter.ts";
import { resultOf } from "../graph.ts";
import type { Value } from "../value.ts";
import { elementwise } from "./elementwise.ts";
import type { Lowering } from "./lowering.ts";

/** jax-js's `asin`; in float64, which ONNX's operator lacks, the angle of (sqrt(1 - x²), x). */
export const asin: Lowering<"asin"> = (operation, to) => {
  const [x] = operation.inputs;
  const result = resultOf(operation);
  if (result.dtype !== "float64") return elementwise("Asin", { float16: "float32" })(operation, to);
  const one = to.scalar(1, "float64");
  const name = to.name(x);
  const square = to.node("Mul", [to.node("Sub", [one, name]), to.node("Add", [one, name])]);
  defineAngle(result, name, to.node("Sqrt", [square]), to);
};

/** jax-js's `atan`; in float64, which ONNX's operator lacks, the angle of (1, x), with both parts at most 1. */
export const atan: Lowering<"atan"> = (operation, to) => {
  const [x] = operation.inputs;
  const result = resultOf(operation);
  if (result.dtype !== "float64") return elementwise("Atan", { float16: "float32" })(operation, to);
  const one = to.scalar(1, "float64");
  const name = to.name(x);
  const up = to.node("Max", [to.node("Min", [name, one]), to.scalar(-1, "float64")]);
  const along = to.node("Reciprocal", [to.node("Max", [to.node("Abs", [name]), one])]);
  defineAngle(result, up, along, to);
};

/**
 * The angle of the vector (c, s), c >= 0, to double precision.
 *
 * A first guess φ comes in single precision. Turned back by φ, the vector lies at the small angle
 * δ = atan((s cos φ - c sin φ) / (c cos φ + s sin φ)), |δ| < 1e-6, of which the atan is its argument up to δ³ / 3.
 */
function defineAngle(angle: Value, s: string, c: string, to: Emitter): void {
  const times = (a: string, b: string) => to.node("Mul", [a, b]);
  const slope = to.cast(to.node("Div", [s, c]), "float32");
  const guess = to.cast(to.node("Atan", [slope]), "float64");
  const [sin, cos] = [to.node("Sin", [guess]), to.node("Cos", [guess])];
  const up = to.node("Sub", [times(s, cos), times(c, sin)]);
  const along = to.node("Add", [times(c, cos), times(s, sin)]);
  to.define(angle, "Add", [guess, to.node("Div", [up, along])]);
}
