import type { Graph, Operation } from "./graph.ts";
import { sameShape, type Value } from "./value.ts";
import { usersOf } from "./passes/order.ts";

/**
 * Whether a result may be written into the memory of an argument: the new momentum into that of the old, for example, which saves
 * memory and a copy.
 *
 * It may where the argument is of no use any more when the result is written: all that reads it comes before what makes the
 * result, by need and not only by chance, except that an elementwise operation or the addend of a product may read what it
 * overwrites. What reads a view of the argument reads the argument: onnxruntime reshapes without a copy.
 */
export function overwriting(graph: Graph): (result: Value, argument: Value) => boolean {
  const late = lateReaders(graph);
  return (result, argument) => late(result, argument)?.length === 0;
}

/**
 * The operations that read an argument and that nothing keeps from coming after what makes a result; nothing where the result could not be
 * written over the argument even if they came before.
 */
export function lateReaders(graph: Graph): (result: Value, argument: Value) => Operation[] | undefined {
  const users = usersOf(graph);
  const definedBy = new Map(
    graph.operations.flatMap((operation) => operation.outputs.map((output) => [output, operation] as const)),
  );
  const before = new Map<Operation, ReadonlySet<Operation>>(); // of each maker once: every argument of its shape asks
  const ancestorsOf = (maker: Operation): ReadonlySet<Operation> => {
    const found = before.get(maker) ?? ancestors(maker, definedBy);
    before.set(maker, found);
    return found;
  };
  return (result, argument) => {
    const maker = definedBy.get(result);
    if (!maker || graph.outputs.includes(argument)) return undefined;
    if (result.dtype !== argument.dtype || !sameShape(result.shape, argument.shape)) return undefined;
    const readings = readingsOf(argument, users);
    const inStep = readings.every(
      ([reader, read]) =>
        reader !== maker || (readsInStep(maker, read) && sameShape(read.shape, result.shape)),
    );
    if (!inStep) return undefined;
    const late = readings
      .map(([reader]) => reader)
      .filter((reader) => reader !== maker && !ancestorsOf(maker).has(reader));
    return [...new Set(late)];
  };
}

/** The operations that read a value or a view of it, each with what it reads. */
function readingsOf(value: Value, users: ReturnType<typeof usersOf>): (readonly [Operation, Value])[] {
  return (users.get(value) ?? []).flatMap((reader) => {
    const through = views.has(reader.primitive) ? reader.outputs : [];
    return [[reader, value] as const, ...through.flatMap((view) => readingsOf(view, users))];
  });
}

/** Operations whose result may lie in the memory of their operand. */
const views: ReadonlySet<string> = new Set(["reshape", "stop_gradient", "broadcast"]);

/** Whether an operation reads each element of an argument no later than it writes that of the result. */
function readsInStep({ primitive, inputs }: Operation, argument: Value): boolean {
  if (primitive === "contract") return inputs.indexOf(argument) === 2;
  if (primitive === "scaled_sum") return inputs.indexOf(argument) === 0;
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
