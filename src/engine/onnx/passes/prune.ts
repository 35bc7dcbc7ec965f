import type { Graph, Operation } from "../graph.ts";

/** Takes out operations whose results nobody needs (dead code). */
export function prune(graph: Graph): Graph {
  const needed = new Set(graph.outputs);
  const kept: Operation[] = [];
  for (const operation of graph.operations.toReversed()) {
    if (!operation.outputs.some((output) => needed.has(output))) continue;
    kept.push(operation);
    for (const input of operation.inputs) needed.add(input);
  }
  return { ...graph, operations: kept.reverse() };
}
