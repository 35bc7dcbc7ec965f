import type { Graph, Operation } from "../graph.ts";
import { fillOf, sameShape, type Value } from "../value.ts";
import { prune } from "./prune.ts";
import { rewrite, type Definition, type Emit } from "./rewrite.ts";
import { usesOf } from "./uses.ts";

/**
 * Adds what a scatter adds up to what its sum is added to: `x + scatter(u)` is no array of zeros and no sum of all elements, but x with
 * u added at some places. So the gradient of a loss that takes one of all words' logits joins that of the softmax, and a word's vector's
 * that of the decoder.
 */
export function scatterOnto(graph: Graph): Graph {
  const uses = usesOf(graph);
  const rewritten = rewrite(graph, (operation, emit, definition) => {
    if (operation.primitive !== "add") return undefined;
    const alone: Definition = (value) => (uses.get(value) === 1 ? definition(value) : undefined);
    const [a, b] = operation.inputs;
    const sum = onto(operation, a, b, alone, emit) ?? onto(operation, b, a, alone, emit);
    return sum && [sum];
  });
  return prune(rewritten);
}

function onto(
  { outputs }: Operation<"add">,
  base: Value,
  added: Value,
  alone: Definition,
  emit: Emit,
): Value | undefined {
  const [result] = outputs;
  const seen = alone(added);
  const scatter = seen?.primitive === "reshape" ? alone(seen.inputs[0]) : seen; // through a view
  if (scatter?.primitive !== "scatter" || scatter.params.op !== "add" || fillOf(base) !== undefined)
    return undefined;
  const [sums] = scatter.outputs;
  const alike = [base, added].every(
    ({ shape, dtype }) => sameShape(shape, result.shape) && dtype === result.dtype,
  );
  if (!alike || !["float32", "float64"].includes(result.dtype)) return undefined;
  const view = (value: Value, { shape }: Value): Value =>
    sameShape(value.shape, shape) ? value : emit("reshape", [value], { shape }, { ...result, shape });
  const whole = emit("scatter_onto", [...scatter.inputs, view(base, sums)], scatter.params, sums);
  return view(whole, result);
}
