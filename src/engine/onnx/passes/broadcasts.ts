import type { Graph, Operation } from "../graph.ts";
import { fillOf, sameShape, type Value } from "../value.ts";
import { prune } from "./prune.ts";
import { rewrite, type Definition, type Emit } from "./rewrite.ts";

/**
 * Leaves repeating to the operators that broadcast: `x + broadcast(b)`, where x is as large as the sum, becomes `x + b` with axes of one element. jax-js's gradients
 * of sums repeat numbers in full, which costs as much as three elementwise operations.
 */
export function broadcasts(graph: Graph): Graph {
  const rewritten = rewrite(graph, (operation, emit, definition) => {
    if (!isElementwise(operation)) return undefined;
    const { primitive, inputs, params, outputs } = operation;
    const [result] = outputs;
    const narrow = inputs.map((input) =>
      sameShape(input.shape, result.shape) ? narrowed(input, emit, definition) : undefined,
    );
    const whole = inputs.some(
      (input, i) => !narrow[i] && fillOf(input) === undefined && sameShape(input.shape, result.shape),
    );
    if (!whole || narrow.every((input) => input === undefined)) return undefined;
    const [a, b] = inputs;
    return [emit(primitive, [narrow[0] ?? a, narrow[1] ?? b], params, result)];
  });
  return prune(rewritten);
}

/** What a broadcast repeats, or the opposite of what it repeats, with an axis of one element wherever it repeats it. */
function narrowed(input: Value, emit: Emit, definition: Definition): Value | undefined {
  const by = definition(input);
  if (by?.primitive === "neg") {
    const narrow = narrowed(by.inputs[0], emit, definition);
    return narrow && emit("neg", [narrow], {}, narrow);
  }
  if (by?.primitive !== "broadcast") return undefined;
  const [source] = by.inputs;
  const added = by.params.axis;
  const kept = [...source.shape];
  const shape = input.shape.map((_, axis) => (added.includes(axis) ? 1 : (kept.shift() as number)));
  if (sameShape(shape, input.shape)) return undefined;
  return sameShape(shape, source.shape) ? source : emit("reshape", [source], { shape }, { ...source, shape });
}

const elementwise = ["add", "sub", "mul", "div", "min", "max", "compare"] as const;

const isElementwise = (operation: Operation): operation is Operation<(typeof elementwise)[number]> =>
  elementwise.some((primitive) => primitive === operation.primitive);
