import type { Graph, Operation } from "./graph.ts";
import { sameShape, type Value } from "./value.ts";
import { notBefore, usersOf, type Waiting } from "./passes/order.ts";

/** A result, and the argument in whose place it is kept. */
export type Replacement = readonly [result: Value, argument: Value];

/**
 * Whether results may be written into the memory of the arguments that they replace: the new momentum into that of the old, for example,
 * which saves memory and a copy.
 *
 * One may where the argument is of no use any more when the result is written: all that reads it comes before what makes the
 * result, by need and not only by chance, except that an elementwise operation or the addend of a product may read what it
 * overwrites. What reads a view of the argument reads the argument: onnxruntime reshapes without a copy.
 */
export const overwriting = (graph: Graph, replaced: readonly Replacement[]): boolean[] =>
  lateReaders(graph, replaced).map((late) => late?.length === 0);

/**
 * For each result the operations that read the argument that it replaces and that nothing keeps from coming after what makes the result;
 * nothing where the result could not be written over the argument even if they came before.
 */
export function lateReaders(
  graph: Graph,
  replaced: readonly Replacement[],
): (readonly Operation[] | undefined)[] {
  const readings = replaced.map(readingsIn(graph));
  const asked = readings.filter((reading) => reading !== undefined);
  const late = new Map(notBefore(graph, asked).map((readers, i) => [asked[i], readers] as const));
  return readings.map((reading) => late.get(reading));
}

/** Tells of a result and an argument what makes the one and what else reads the other; nothing where it may not be written over it, whatever comes first. */
function readingsIn(graph: Graph): (replacement: Replacement) => Waiting | undefined {
  const users = usersOf(graph);
  const definedBy = new Map(
    graph.operations.flatMap((operation) => operation.outputs.map((output) => [output, operation] as const)),
  );
  const returned = new Set(graph.outputs);
  return ([result, argument]) => {
    const maker = definedBy.get(result);
    if (!maker || returned.has(argument)) return undefined;
    if (result.dtype !== argument.dtype || !sameShape(result.shape, argument.shape)) return undefined;
    const readings = readingsOf(argument, users);
    const inStep = readings.every(
      ([reader, read]) =>
        reader !== maker || (readsInStep(maker, read) && sameShape(read.shape, result.shape)),
    );
    if (!inStep) return undefined;
    const readers = new Set(readings.map(([reader]) => reader));
    readers.delete(maker);
    return { operation: maker, others: [...readers] };
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
