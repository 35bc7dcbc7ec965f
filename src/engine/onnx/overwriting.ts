import { sameShape, type Graph, type Operation, type Value } from "./graph.ts";
import { usersOf } from "./passes/order.ts";

/**
 * Whether a result may be written into the memory of an argument: the new momentum into that of the old, for example, which saves
 * memory and a copy.
 *
 * It may where the argument is of no use any more when the result is written: all that reads it comes before what makes the
 * result, by need and not only by chance, except that an elementwise operation or the addend of a product may read what it
 * overwrites.
 */
export function overwriting(graph: Graph): (result: Value, argument: Value) => boolean {
  const users = usersOf(graph);
  const definedBy = new Map(
    graph.operations.flatMap((operation) => operation.outputs.map((output) => [output, operation] as const)),
  );
  return (result, argument) => {
    const maker = definedBy.get(result);
    if (!maker || graph.outputs.includes(argument)) return false;
    if (result.dtype !== argument.dtype || !sameShape(result.shape, argument.shape)) return false;
    const readers = users.get(argument) ?? [];
    if (readers.includes(maker) && !readsInStep(maker, argument)) return false;
    const before = ancestors(maker, definedBy);
    return readers.every((reader) => reader === maker || before.has(reader));
  };
}

/** Whether an operation reads each element of an argument no later than it writes that of the result. */
function readsInStep({ primitive, inputs }: Operation, argument: Value): boolean {
  if (primitive === "contract") return inputs.indexOf(argument) === 2;
  return primitive === "add" || primitive === "sub" || primitive === "mul";
}

/** All operations that must be done before another. */
function ancestors(operation: Operation, definedBy: ReadonlyMap<Value, Operation>): Set<Operation> {
  const found = new Set<Operation>();
  const visit = ({ inputs }: Operation): void => {
    for (const input of inputs) {
      const source = definedBy.get(input);
      if (!source || found.has(source)) continue;
      found.add(source);
      visit(source);
    }
  };
  visit(operation);
  return found;
}
