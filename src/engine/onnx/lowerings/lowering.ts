import type { Emitter } from "../emitter.ts";
import type { DType, Operation, Value } from "../graph.ts";
import type { OnnxType } from "../model.ts";

/**
 * How one primitive becomes ONNX operators: it emits nodes that define the operation's outputs.
 *
 * @throws {HypertrainError} if ONNX cannot do it in the operation's types.
 */
export type Lowering = (operation: Operation, to: Emitter) => void;

/** The operation's only result. */
export const resultOf = ({ outputs }: Operation): Value => outputs[0] as Value;

/** Types in which an operator is computed where it lacks the operation's own: `{ bool: "int32" }`. */
export type Detours = Partial<Record<DType, OnnxType>>;
