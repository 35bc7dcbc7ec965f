import type { Graph } from "../graph.ts";
import type { Value } from "../value.ts";

/** How often each value is used, by operations and as an output. */
export function usesOf({ operations, outputs }: Graph): Map<Value, number> {
  const uses = new Map<Value, number>();
  for (const value of [...operations.flatMap(({ inputs }) => inputs), ...outputs]) {
    uses.set(value, (uses.get(value) ?? 0) + 1);
  }
  return uses;
}
