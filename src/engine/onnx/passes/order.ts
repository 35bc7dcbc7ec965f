import type { Graph, Operation } from "../graph.ts";
import type { Value } from "../value.ts";

/** The operations that use each value. */
export function usersOf({ operations }: Graph): Map<Value, Operation[]> {
  const users = new Map<Value, Operation[]>();
  for (const operation of operations) {
    for (const input of new Set(operation.inputs)) {
      const known = users.get(input);
      if (known) known.push(operation);
      else users.set(input, [operation]);
    }
  }
  return users;
}

/** The same operations, each after those whose results it needs. @throws where they need each other in a circle. */
export function inOrder(graph: Graph): Graph {
  const definedBy = new Map(
    graph.operations.flatMap((operation) => operation.outputs.map((output) => [output, operation] as const)),
  );
  const ordered = new Set<Operation>();
  const begun = new Set<Operation>();
  const place = (operation: Operation): void => {
    if (ordered.has(operation)) return;
    if (begun.has(operation)) throw new Error("internal: operations need each other in a circle");
    begun.add(operation);
    for (const input of operation.inputs) {
      const source = definedBy.get(input);
      if (source) place(source);
    }
    ordered.add(operation);
  };
  graph.operations.forEach(place);
  return { ...graph, operations: [...ordered] };
}
