import { sizeOf } from "../../../util/host-array.ts";
import type { Emitter } from "../emitter.ts";
import type { Value } from "../graph.ts";
import { broadcastShape, finishAs } from "./elementwise.ts";
import { resultOf, type Detours, type Lowering } from "./lowering.ts";
import { expanded, firstOf, permuted, range, reshaped, type Tensor } from "./tensor.ts";

/** `axis`: which axes the indices are for; `outDim`: where the axes of the indices stand among those that are left. */
type Indexing = {
  readonly axis: readonly number[];
  readonly outDim: number;
};

/** jax-js's `gather`: NumPy's `x[:, indices..., :]`. An index must lie in its axis; a negative one counts from the end. */
export const gather: Lowering<Indexing> = ({ inputs, params, outputs }, to) => {
  const [x, ...indices] = inputs as [Value, ...Value[]];
  const { axis, outDim } = params;
  const [result] = outputs as [Value];
  const kept = range(x.shape.length).filter((a) => !axis.includes(a));
  const { data, index, at } =
    indices.length === 1
      ? alongAxis(x, indices[0] as Value, axis[0] as number, to)
      : alongAll(x, indices, axis, to);
  const picked = to.node("Gather", [data, index.name], { axis: at });
  const perm = moved(kept.length, index.shape.length, at, outDim);
  if (perm.every((from, a) => from === a)) to.alias(result, picked);
  else to.define(result, "Transpose", [picked], { perm });
};

/** What `Gather` takes: the array, one array of indices, and the axis that they are for. */
interface Picking {
  readonly data: string;
  readonly index: Tensor;
  readonly at: number;
}

function alongAxis(x: Value, index: Value, at: number, to: Emitter): Picking {
  const name = to.typed(index, index.dtype === "int32" ? "int32" : "int64");
  return { data: to.name(x), index: { name, shape: index.shape }, at };
}

/** Several indices as one, into their axes laid end to end. */
function alongAll(x: Value, indices: readonly Value[], axis: readonly number[], to: Emitter): Picking {
  const kept = range(x.shape.length).filter((a) => !axis.includes(a));
  const first = permuted({ name: to.name(x), shape: x.shape }, [...axis, ...kept], to);
  const sizes = axis.map((a) => x.shape[a] as number);
  const rows = [sizeOf(sizes), ...kept.map((a) => x.shape[a] as number)];
  const names = indices.map((index) => to.typed(index, "int64"));
  const shape = broadcastShape(indices.map((index) => index.shape));
  return { data: reshaped(first, rows, to).name, index: { name: joined(names, sizes, to), shape }, at: 0 };
}

/** The place of an element among all, from its indices along axes of these sizes. */
function joined(indices: readonly string[], sizes: readonly number[], to: Emitter): string {
  return indices.reduce((place, index, i) =>
    to.node("Add", [to.node("Mul", [place, to.scalar(sizes[i] as number, "int64")]), index]),
  );
}

/** The permutation that moves `count` neighbouring axes from place `from` to place `at` among `others` other axes. */
function moved(others: number, count: number, from: number, at: number): number[] {
  const block = range(count).map((i) => from + i);
  const rest = range(others).map((i) => (i < from ? i : i + count));
  return [...rest.slice(0, at), ...block, ...rest.slice(at)];
}

const detours: Detours = { bool: "int32", float16: "float32" };

/**
 * jax-js's `scatter`: zeros, in which updates are put or added up where the indices say; an index outside is left out.
 *
 * `ScatterElements` and not `ScatterND`, whose sums onnxruntime computes in several threads at once without a lock.
 */
export const scatter: Lowering<Indexing & { op: string }> = (operation, to) => {
  const [updates, ...indices] = operation.inputs as [Value, ...Value[]];
  const { axis, outDim } = operation.params;
  const result = resultOf(operation);
  const inside = detours[result.dtype] ?? result.dtype;
  const kept = range(result.shape.length).filter((a) => !axis.includes(a));
  const sizes = axis.map((a) => result.shape[a] as number);
  const others = kept.map((a) => result.shape[a] as number);
  const index = placesOf(indices, sizes, to);
  const [places, picked, width] = [sizeOf(sizes), sizeOf(index.shape), sizeOf(others)];

  const front = moved(kept.length, index.shape.length, outDim, 0);
  const rows = reshaped(
    permuted({ name: to.typed(updates, inside), shape: updates.shape }, front, to),
    [picked, width],
    to,
  );
  const column = reshaped(index, [picked, 1], to);
  const zeros = to.node("Expand", [to.scalar(0, inside), to.ints(places + 1, width)]);
  const reduction = operation.params.op === "add" ? "add" : "none";
  const sums = to.node("ScatterElements", [zeros, expanded(column, [picked, width], to).name, rows.name], {
    axis: 0,
    reduction,
  });
  const inRange = firstOf({ name: sums, shape: [places + 1, width] }, 0, places, to);
  const order = [...axis, ...kept];
  const back = permuted(
    reshaped(inRange, [...sizes, ...others], to),
    range(order.length).map((a) => order.indexOf(a)),
    to,
  );
  finishAs(result, back.name, inside, to);
};

/** Several indices as one; those outside of their axes are the first place after the last. */
function placesOf(indices: readonly Value[], sizes: readonly number[], to: Emitter): Tensor {
  const names = indices.map((index) => to.typed(index, "int64"));
  const inside = names.flatMap((name, i) => [
    to.node("GreaterOrEqual", [name, to.scalar(0, "int64")]),
    to.node("Less", [name, to.scalar(sizes[i] as number, "int64")]),
  ]);
  const valid = inside.reduce((all, one) => to.node("And", [all, one]));
  const name = to.node("Where", [valid, joined(names, sizes, to), to.scalar(sizeOf(sizes), "int64")]);
  return { name, shape: broadcastShape(indices.map((index) => index.shape)) };
}
