import { type Graph, type Operation, type Primitive, withArrays } from "../graph.ts";
import { type DType, type Value, value } from "../value.ts";

/** Makes an operation with one result, before the one that is being rewritten, and returns that result. */
export type Emit = <P extends Primitive>(
  primitive: P,
  inputs: Operation<P>["inputs"],
  params: Operation<P>["params"],
  result: { readonly shape: readonly number[]; readonly dtype: DType },
) => Value;

/**
 * Looks at one operation, of which the inputs are rewritten already. Returns what stands for its outputs, or nothing to leave
 * it as it is.
 */
export type Rule = (operation: Operation, emit: Emit, definition: Definition) => readonly Value[] | undefined;

/** The operation that defines a value in the graph as rewritten so far; inputs and constants have none. */
export type Definition = (value: Value) => Operation | undefined;

/** Applies a rule to every operation in turn, and again to what it makes. */
export function rewrite(graph: Graph, rule: Rule): Graph {
  const replaced = new Map<Value, Value>();
  const defined = new Map<Value, Operation>();
  const operations: Operation[] = [];
  const current = (v: Value): Value => replaced.get(v) ?? v;

  const place = (operation: Operation): readonly Value[] => {
    const substitute = rule(operation, emit, (v) => defined.get(v));
    if (substitute) return substitute;
    operations.push(operation);
    for (const output of operation.outputs) defined.set(output, operation);
    return operation.outputs;
  };
  const emit: Emit = (primitive, inputs, params, { shape, dtype }) =>
    place({ primitive, inputs, params, outputs: [value(shape, dtype)] } as Operation)[0] as Value; // of one primitive, by the type of `Emit`

  for (const operation of graph.operations) {
    const now = place(withArrays(operation, operation.inputs.map(current)));
    operation.outputs.forEach((output, i) => {
      if (now[i] !== output) replaced.set(output, now[i] as Value);
    });
  }
  return { inputs: graph.inputs, operations, outputs: graph.outputs.map(current) };
}
