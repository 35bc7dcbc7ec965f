import { resultOf } from "../graph.ts";
import { isFloat } from "../value.ts";
import { elementwise, finish, operands } from "./elementwise.ts";
import type { Detours, Lowering } from "./lowering.ts";

const detours: Detours = { float16: "float32" };

/** jax-js's `idiv`: the quotient without its fraction, of whole numbers and of floating-point ones. */
export const wholeQuotient: Lowering<"idiv"> = (operation, to) => {
  const result = resultOf(operation);
  if (!isFloat(result.dtype)) return elementwise("Div")(operation, to);
  const inside = detours[result.dtype] ?? result.dtype;
  const quotient = to.node("Div", operands(operation, inside, to));
  const size = to.node("Floor", [to.node("Abs", [quotient])]);
  finish(result, "Mul", [to.node("Sign", [quotient]), size], inside, to);
};

/** jax-js's `mod`: the remainder of `idiv`, with the sign of the numerator. */
export const remainder: Lowering<"mod"> = (operation, to) => {
  const result = resultOf(operation);
  const inside = detours[result.dtype] ?? result.dtype;
  finish(result, "Mod", operands(operation, inside, to), inside, to, { fmod: 1 });
};
