import { sizeOf } from "../../../util/host-array.ts";
import { withArrays, type Graph, type Operation, type Primitive } from "../graph.ts";
import type { Value } from "../value.ts";
import { lateReaders, type Replacement } from "../overwriting.ts";
import { inOrder } from "./order.ts";
import { usesOf } from "./uses.ts";

/**
 * Lets a result wait for all that reads the argument that it replaces, so that it may be written over it: new weights for the
 * products in which a gradient goes back through the old ones. The state then needs no second buffer for weights.
 *
 * What waits is a single number on the way to the result, such as a learning rate, which costs nothing (`after`).
 *
 * @param replaced results with the argument that each of them replaces; of other results nothing changes
 */
export function awaitReaders(graph: Graph, replaced: readonly Replacement[]): Graph {
  const uses = usesOf(graph);
  const alone = ([result]: Replacement) => uses.get(result) === 1 && sizeOf(result.shape) >= LARGE; // nothing but the state takes it
  const large = replaced.filter(alone);
  if (large.length === 0) return graph;
  const late = lateReaders(graph, large);
  const definedBy = new Map(
    graph.operations.flatMap((operation) => operation.outputs.map((output) => [output, operation] as const)),
  );
  const changed = new Map<Operation, Operation>();
  const added: Operation[] = [];
  for (const [i, [result, argument]] of large.entries()) {
    const awaited = late[i] ?? [];
    const place = awaited.length > 0 && numberBefore(result, argument, definedBy, uses);
    if (!place) continue;
    const number = place.inputs[place.at] as Value;
    const values = awaited.flatMap(({ outputs }) => outputs);
    if (values.some(({ dtype }) => dtype !== number.dtype)) continue;
    const waiting: Value = { shape: number.shape, dtype: number.dtype };
    added.push({ primitive: "after", inputs: [number, ...values], params: {}, outputs: [waiting] });
    changed.set(place.operation, withArrays(place.operation, place.inputs.with(place.at, waiting)));
  }
  if (added.length === 0) return graph;
  const operations = graph.operations.map((operation) => changed.get(operation) ?? operation);
  return inOrder({ ...graph, operations: [...operations, ...added] });
}

/** Elements below which a buffer is not worth the operations. */
const LARGE = 2 ** 16;

/** A single number among the operands of an operation. */
interface NumberPlace {
  readonly operation: Operation;
  readonly inputs: readonly Value[];
  readonly at: number;
}

/** Where a single number meets what becomes a result and nothing else. */
function numberBefore(
  result: Value,
  argument: Value,
  definedBy: ReadonlyMap<Value, Operation>,
  uses: ReadonlyMap<Value, number>,
): NumberPlace | undefined {
  const operation = definedBy.get(result);
  if (!operation || !elementwise.has(operation.primitive)) return undefined;
  const { inputs } = operation;
  const at = inputs.findIndex(({ shape }) => sizeOf(shape) === 1);
  if (at >= 0 && sizeOf(result.shape) > 1) return { operation, inputs, at };
  for (const input of inputs) {
    const place =
      input !== argument && uses.get(input) === 1 && numberBefore(input, argument, definedBy, uses);
    if (place) return place;
  }
  return undefined;
}

const elementwise: ReadonlySet<Primitive> = new Set<Primitive>(["add", "sub", "mul", "div", "scaled_sum"]);
