import { inputError } from "../../../util/error.ts";
import type { Lowering } from "./lowering.ts";

/** A primitive that is not compiled, and why. */
export function unsupported(reason: string): Lowering {
  return ({ primitive }) => {
    throw inputError(
      `the engine onnx must find ONNX operators for all that a problem computes, but "${primitive}" has none: ${reason}; choose the engine jax`,
    );
  };
}
