import type { Emitter } from "../emitter.ts";
import { resultOf } from "../graph.ts";
import type { OnnxType } from "../model.ts";
import { elementwise, finish } from "./elementwise.ts";
import type { Detours, Lowering } from "./lowering.ts";

const detours: Detours = { float16: "float32" };

/** jax-js's `erf`: ONNX's own, or in float64, which that lacks, by jax-js's formula. */
export const erf: Lowering<"erf"> = (operation, to) => {
  const [x] = operation.inputs;
  const result = resultOf(operation);
  if (result.dtype !== "float64") return elementwise("Erf", detours)(operation, to);
  const { tail, negative } = tailOf(to.name(x), "float64", to);
  const one = to.scalar(1, "float64");
  const sides = [to.node("Sub", [tail, one]), to.node("Sub", [one, tail])];
  to.define(result, "Where", [negative, ...sides]);
};

/** jax-js's `erfc`, by its own formula: 1 - erf(x) would lose what is left of it for large x. */
export const erfc: Lowering<"erfc"> = (operation, to) => {
  const [x] = operation.inputs;
  const result = resultOf(operation);
  const inside = detours[result.dtype] ?? result.dtype;
  const { tail, negative } = tailOf(to.typed(x, inside), inside, to);
  const beyond = to.node("Sub", [to.scalar(2, inside), tail]);
  finish(result, "Where", [negative, beyond, tail], inside, to);
};

/**
 * erfc(|x|) ≈ P(t) exp(-x²) with t = 1 / (1 + p |x|), and whether x < 0; the error is below 1.5e-7.
 *
 * @see Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26
 */
function tailOf(x: string, dtype: OnnxType, to: Emitter): { tail: string; negative: string } {
  const number = (value: number) => to.scalar(value, dtype);
  const times = (a: string, b: string) => to.node("Mul", [a, b]);
  const plus = (a: string, b: string) => to.node("Add", [a, b]);
  const size = to.node("Abs", [x]);
  const t = to.node("Reciprocal", [plus(number(1), times(number(0.3275911), size))]);
  const coefficients = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const [highest, ...others] = coefficients.map(number) as [string, ...string[]];
  const polynomial = times(
    others.reduce((sum, coefficient) => plus(times(sum, t), coefficient), highest),
    t,
  );
  const gauss = to.node("Exp", [to.node("Neg", [times(size, size)])]);
  return { tail: times(polynomial, gauss), negative: to.node("Less", [x, number(0)]) };
}
