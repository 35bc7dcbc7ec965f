import type { Emitter } from "../emitter.ts";
import type { Operation, Primitive } from "../graph.ts";
import type { DType } from "../value.ts";
import type { OnnxType } from "../model.ts";

/**
 * How one primitive, or any of several, becomes ONNX operators: it emits nodes that define the operation's outputs.
 *
 * @throws {HypertrainError} if ONNX cannot do it in the operation's types.
 */
export type Lowering<P extends Primitive = Primitive> = {
  lower(operation: Operation<P>, to: Emitter): void;
}["lower"]; // TypeScript compares the arguments of methods in both directions: so all of them make one table

/** Types in which an operator is computed where it lacks the operation's own: `{ bool: "int32" }`. */
export type Detours = Partial<Record<DType, OnnxType>>;
