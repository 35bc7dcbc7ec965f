import { fillOf, sameShape, type Graph, type Primitive, type Value } from "../graph.ts";
import { prune } from "./prune.ts";
import { rewrite, type Definition, type Emit } from "./rewrite.ts";

/**
 * Leaves repeating to the operators that broadcast: `x + broadcast(b)`, where x is as large as the sum, becomes `x + b` with axes of one element. jax-js's gradients
 * of sums repeat numbers in full, which costs as much as three elementwise operations.
 */
export function broadcasts(graph: Graph): Graph {
  const rewritten = rewrite(graph, (operation, emit, definition) => {
    const [result] = operation.outputs as [Value];
    if (!elementwise.has(operation.primitive)) return undefined;
    const narrow = operation.inputs.map((input) =>
      sameShape(input.shape, result.shape) ? narrowed(input, emit, definition) : undefined,
    );
    const whole = operation.inputs.some(
      (input, i) => !narrow[i] && fillOf(input) === undefined && sameShape(input.shape, result.shape),
    );
    if (!whole || narrow.every((input) => input === undefined)) return undefined;
    const inputs = operation.inputs.map((input, i) => narrow[i] ?? input);
    return [emit(operation.primitive, inputs, operation.params, result)];
  });
  return prune(rewritten);
}

/** What a broadcast repeats, or the opposite of what it repeats, with an axis of one element wherever it repeats it. */
function narrowed(input: Value, emit: Emit, definition: Definition): Value | undefined {
  const by = definition(input);
  const [source] = by?.inputs ?? [];
  if (by?.primitive === "neg") {
    const narrow = narrowed(source as Value, emit, definition);
    return narrow && emit("neg", [narrow], {}, narrow);
  }
  if (by?.primitive !== "broadcast" || !source) return undefined;
  const added = by.params.axis as readonly number[];
  const kept = [...source.shape];
  const shape = input.shape.map((_, axis) => (added.includes(axis) ? 1 : (kept.shift() as number)));
  if (sameShape(shape, input.shape)) return undefined;
  return sameShape(shape, source.shape) ? source : emit("reshape", [source], { shape }, { ...source, shape });
}

const elementwise: ReadonlySet<Primitive> = new Set<Primitive>([
  ...(["add", "sub", "mul", "div", "min", "max", "compare"] as const),
]);
