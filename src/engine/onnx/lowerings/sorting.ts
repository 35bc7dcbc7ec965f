import type { Emitter } from "../emitter.ts";
import { resultOf } from "../graph.ts";
import { isFloat, type Value } from "../value.ts";
import { convert, finishAs } from "./elementwise.ts";
import type { Detours, Lowering } from "./lowering.ts";

const detours: Detours = { bool: "int32", uint32: "int64", float16: "float32" };

/** jax-js's `sort` along the last axis; what is no number comes last. */
export const sort: Lowering<"sort"> = (operation, to) => {
  const result = resultOf(operation);
  const inside = detours[result.dtype] ?? result.dtype;
  finishAs(result, ordered(operation.inputs[0], to).values, inside, to);
};

/** jax-js's `argsort`: the sorted array, and where its elements were. Equal elements keep their order. */
export const argsort: Lowering<"argsort"> = (operation, to) => {
  const [sorted, places] = operation.outputs;
  const { values, indices } = ordered(operation.inputs[0], to);
  finishAs(sorted, values, detours[sorted.dtype] ?? sorted.dtype, to);
  convert(indices, places, to);
};

interface Ordered {
  readonly values: string;
  readonly indices: string;
}

/** The elements in order, in the type of the detour; their indices are int64. */
function ordered(x: Value, to: Emitter): Ordered {
  const inside = detours[x.dtype] ?? x.dtype;
  const name = to.typed(x, inside);
  const count = to.ints(x.shape.at(-1) as number);
  if (!isFloat(x.dtype)) return ascending(name, count, to);
  // `TopK` does not define where it puts what is no number: sort numbers by size, then all by whether they are numbers.
  const missing = to.node("IsNaN", [name]);
  const bySize = ascending(to.node("Where", [missing, to.scalar(0, inside), name]), count, to).indices;
  const pick = (from: string, at: string) => to.node("GatherElements", [from, at], { axis: -1 });
  const numbersFirst = ascending(pick(to.cast(missing, "int32"), bySize), count, to).indices;
  const indices = pick(bySize, numbersFirst);
  return { values: pick(name, indices), indices };
}

/** A stable sort: of equal elements `TopK` puts the one with the lower index first. */
function ascending(x: string, count: string, to: Emitter): Ordered {
  const [values, indices] = to.nodes("TopK", [x, count], 2, { largest: 0 }) as [string, string];
  return { values, indices };
}
