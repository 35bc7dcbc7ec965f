import { sizeOf } from "../../../util/host-array.ts";
import type { Emitter } from "../emitter.ts";
import { type Operation, resultOf } from "../graph.ts";
import type { Value } from "../value.ts";
import type { OnnxType } from "../model.ts";
import { broadcastShape, finishAs } from "./elementwise.ts";
import type { Detours, Lowering } from "./lowering.ts";
import { expanded, firstOf, permuted, range, reshaped, type Tensor } from "./tensor.ts";

/** jax-js's `gather`: NumPy's `x[:, indices..., :]`. An index must lie in its axis; a negative one counts from the end. */
export const gather: Lowering<"gather"> = ({ inputs, params, outputs }, to) => {
  const [x, ...indices] = inputs;
  const { axis, outDim } = params;
  const [result] = outputs;
  const kept = range(x.shape.length).filter((a) => !axis.includes(a));
  const [index0, ...others] = indices;
  const { data, index, at } =
    index0 && others.length === 0
      ? alongAxis(x, index0, axis[0] as number, to)
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

/** How a scatter is carried out: rows are put or added at places, the elements of the axes that the indices are for. */
interface Rows {
  readonly places: number;
  readonly picked: number;
  readonly width: number;
  /** [picked, width] */
  readonly updates: string;
  /** The places, and whether each is one of the result's: [picked, 1]. */
  readonly place: string;
  readonly valid: string;
  /** [places, width] in the order of the result's axes. */
  inOrder(sums: string): string;
  /** An array of the result's shape as [places, width]. */
  asRows(name: string): string;
}

/**
 * jax-js's `scatter`: zeros, in which updates are put or added up where the indices say; an index outside is left out.
 *
 * `ScatterElements` and not `ScatterND`, whose sums onnxruntime computes in several threads at once without a lock.
 */
export const scatter: Lowering<"scatter"> = (operation, to) => {
  const result = resultOf(operation);
  const inside = detours[result.dtype] ?? result.dtype;
  const rows = rowsOf(operation, operation.inputs, inside, to);
  const zeros = (places: number) => to.node("Expand", [to.scalar(0, inside), to.ints(places, rows.width)]);
  if (operation.params.op === "add") {
    finishAs(result, rows.inOrder(to.node(...added(zeros(rows.places), rows, inside, to))), inside, to);
    return;
  }
  const place = to.node("Where", [rows.valid, rows.place, to.scalar(rows.places, "int64")]); // one more, for those outside
  const inputs = [zeros(rows.places + 1), wide(place, rows, to), rows.updates];
  const all = to.node("ScatterElements", inputs, { axis: 0, reduction: "none" });
  const inRange = firstOf({ name: all, shape: [rows.places + 1, rows.width] }, 0, rows.places, to);
  finishAs(result, rows.inOrder(inRange.name), inside, to);
};

/** What a scatter adds up, added to the last of its inputs: no zeros are made, and no sum of all elements. */
export const scatterOnto: Lowering<"scatter_onto"> = (operation, to) => {
  const result = resultOf(operation);
  const [updates, ...others] = operation.inputs;
  const rows = rowsOf(operation, [updates, ...others.slice(0, -1)], result.dtype, to);
  const base = rows.asRows(to.name(others.at(-1) as Value));
  finishAs(result, rows.inOrder(to.node(...added(base, rows, result.dtype, to))), result.dtype, to);
};

/** The node that adds rows to others. What is outside adds 0 to the first. */
function added(base: string, rows: Rows, dtype: OnnxType, to: Emitter): Parameters<Emitter["node"]> {
  const place = to.node("Where", [rows.valid, rows.place, to.scalar(0, "int64")]);
  const updates = to.node("Where", [rows.valid, rows.updates, to.scalar(0, dtype)]);
  return ["ScatterElements", [base, wide(place, rows, to), updates], { axis: 0, reduction: "add" }];
}

/** Places as `ScatterElements` wants them: for each element of a row. */
const wide = (place: string, { picked, width }: Rows, to: Emitter): string =>
  expanded({ name: place, shape: [picked, 1] }, [picked, width], to).name;

/** @param inputs the updates, and their indices */
function rowsOf(
  { params: { axis, outDim }, outputs }: Operation<"scatter" | "scatter_onto">,
  [updates, ...indices]: Operation<"scatter">["inputs"],
  inside: OnnxType,
  to: Emitter,
): Rows {
  const { shape } = outputs[0];
  const { name, shape: given } = { name: to.typed(updates, inside), shape: updates.shape };
  const kept = range(shape.length).filter((a) => !axis.includes(a));
  const order = [...axis, ...kept];
  const sizes = axis.map((a) => shape[a] as number);
  const { place, valid, shape: indexed } = placesOf(indices, sizes, to);
  const [places, picked] = [sizeOf(sizes), sizeOf(indexed)];
  const width = sizeOf(kept.map((a) => shape[a] as number));
  const front = permuted({ name, shape: given }, moved(kept.length, indexed.length, outDim, 0), to);
  const column = (name: string) => reshaped({ name, shape: indexed }, [picked, 1], to).name;
  return {
    ...{ places, picked, width },
    updates: reshaped(front, [picked, width], to).name,
    place: column(place),
    valid: column(valid),
    inOrder(sums) {
      const apart = reshaped(
        { name: sums, shape: [places, width] },
        order.map((a) => shape[a] as number),
        to,
      );
      return permuted(
        apart,
        range(order.length).map((a) => order.indexOf(a)),
        to,
      ).name;
    },
    asRows: (name) => reshaped(permuted({ name, shape }, order, to), [places, width], to).name,
  };
}

/** Several indices as one, and whether each lies in its axis. */
function placesOf(
  indices: readonly Value[],
  sizes: readonly number[],
  to: Emitter,
): { place: string; valid: string; shape: readonly number[] } {
  const names = indices.map((index) => to.typed(index, "int64"));
  const inside = names.flatMap((name, i) => [
    to.node("GreaterOrEqual", [name, to.scalar(0, "int64")]),
    to.node("Less", [name, to.scalar(sizes[i] as number, "int64")]),
  ]);
  const valid = inside.reduce((all, one) => to.node("And", [all, one]));
  const shape = broadcastShape(indices.map((index) => index.shape));
  return { place: joined(names, sizes, to), valid, shape };
}
