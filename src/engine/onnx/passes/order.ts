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
  for (const operation of graph.operations) {
    const path = [operation]; // a list, since calls within calls would be as many as a deep graph is long
    for (let next = path.at(-1); next; next = path.at(-1)) {
      begun.add(next);
      const source = next.inputs
        .map((input) => definedBy.get(input))
        .find((one) => one !== undefined && !ordered.has(one));
      if (source && begun.has(source)) throw new Error("internal: operations need each other in a circle");
      if (source) path.push(source);
      else ordered.add(path.pop() as Operation);
    }
  }
  return { ...graph, operations: [...ordered] };
}

/** An operation, and others that may have to come before it. */
export interface Waiting {
  readonly operation: Operation;
  readonly others: readonly Operation[];
}

/**
 * For each operation those of the others that it does not need, directly or by way of what it needs.
 *
 * One sweep from the last operation to the first answers for 32 of them, a bit each: what an operation needs is needed wherever the operation
 * itself is, and all that needs it has been swept before.
 */
export function notBefore({ operations }: Graph, asked: readonly Waiting[]): Operation[][] {
  const at = new Map(operations.map((operation, i) => [operation, i] as const));
  const definedAt = new Map(operations.flatMap(({ outputs }, i) => outputs.map((output) => [output, i])));
  const needs = operations.map(({ inputs }) =>
    inputs.map((input) => definedAt.get(input)).filter((i) => i !== undefined),
  );
  const index = (operation: Operation) => at.get(operation) as number;
  const batches = Map.groupBy(
    asked.filter(({ others }) => others.length > 0),
    (_, i) => Math.floor(i / WORD),
  );
  const free = new Map<Waiting, Operation[]>();
  for (const batch of batches.values()) {
    const needed = neededBy(
      batch.map(({ operation }) => index(operation)),
      needs,
    );
    batch.forEach((waiting, bit) => {
      const isNeeded = (other: Operation) => ((needed[index(other)] as number) >>> bit) & 1;
      free.set(
        waiting,
        waiting.others.filter((other) => !isNeeded(other)),
      );
    });
  }
  return asked.map((waiting) => free.get(waiting) ?? []);
}

/** Bits of a number. */
const WORD = 32;

/** For each operation, by its place in the order, a bit for each of at most 32 that need it. */
function neededBy(operations: readonly number[], needs: readonly (readonly number[])[]): Int32Array {
  const bits = new Int32Array(needs.length);
  const mark = (i: number, by: number): void => {
    for (const source of needs[i] as readonly number[]) bits[source] = (bits[source] as number) | by;
  };
  operations.forEach((i, bit) => mark(i, 1 << bit));
  for (let i = Math.max(...operations); i >= 0; i--) if (bits[i] !== 0) mark(i, bits[i] as number);
  return bits;
}
