import type { Emitter } from "../emitter.ts";
import type { DType, Operation, Params, Value } from "../graph.ts";
import type { OnnxType } from "../model.ts";

/**
 * How one primitive becomes ONNX operators: it emits nodes that define the operation's outputs.
 *
 * The type's argument is what it reads of the operation's parameters.
 *
 * @throws {HypertrainError} if ONNX cannot do it in the operation's types.
 */
export type Lowering<P extends Params = Params> = {
  lower(operation: Operation<P>, to: Emitter): void;
}["lower"]; // TypeScript compares the arguments of methods in both directions: so all of them make one table

/** The operation's only result. */
export const resultOf = ({ outputs }: Operation): Value => outputs[0] as Value;

/** Types in which an operator is computed where it lacks the operation's own: `{ bool: "int32" }`. */
export type Detours = Partial<Record<DType, OnnxType>>;
