import { sizeOf } from "../../../util/host-array.ts";
import type { Emitter } from "../emitter.ts";
import { type Operation, resultOf } from "../graph.ts";
import { sameShape, type Value } from "../value.ts";
import type { OnnxType } from "../model.ts";
import { contractionOf } from "../passes/contract.ts";
import { finish, finishAs } from "./elementwise.ts";
import type { Detours, Lowering } from "./lowering.ts";

/**
 * A product of two arrays, and `scale` times a third added to it where there is one.
 *
 * | labels | in | here |
 * |---|---|---|
 * | batch  | both operands and the result | `batch` |
 * | rows   | the first operand and the result | `rows` |
 * | columns | the second operand and the result | `columns` |
 * | inner  | both operands: summed | `inner` |
 *
 * Without a batch it is one `Gemm`, with the operands' transposes as its flags and the added array as its third input; with a
 * batch a `MatMul`; where no axis is a matrix's, multiplications and a sum.
 */
export const contraction: Lowering<"contract"> = (operation, to) => {
  const { out, scale = 1 } = operation.params;
  const result = resultOf(operation);
  const dtype = detours[result.dtype] ?? result.dtype;
  const [left, right] = sidesOf(operation, dtype, to);
  const axes = classify(left, right, out);
  const addend = operation.inputs[2];
  const isGemm = axes.inner.length > 0 && axes.batch.length === 0 && gemmTypes.includes(dtype);
  if (isGemm && dtype === result.dtype && inOrder(out, axes)) {
    gemm(left, right, axes, { result, addend, scale }, to);
    return;
  }
  const product = isGemm ? matrixProduct(left, right, axes, to) : batchProduct(left, right, axes, to);
  const name = shaped(arranged(product, out, to), result.shape, to);
  if (!addend) finishAs(result, name, dtype, to);
  else finish(result, "Add", [name, scaled(to.operand(addend, dtype), scale, dtype, to)], dtype, to);
};

/** jax-js's `dot`, where no pass has made a contraction of it. */
export const dot: Lowering<"dot"> = (operation, to) => {
  const [inputs, params] = contractionOf(operation);
  contraction({ primitive: "contract", inputs, params, outputs: operation.outputs }, to);
};

const gemmTypes: readonly OnnxType[] = ["float32", "float64"];
const detours: Detours = { bool: "int32", uint32: "int32", float16: "float32" }; // modulo 2^32 both integers are the same

/** An array with a label for each of its axes. */
interface Labelled {
  readonly name: string;
  readonly labels: readonly number[];
  readonly shape: readonly number[];
}

interface Axes {
  readonly batch: readonly number[];
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly inner: readonly number[];
  /** Whether the result begins with the rows. */
  readonly rowsFirst: boolean;
}

/** The operands, with the axes summed that only one of them has. */
function sidesOf(
  { inputs, params }: Operation<"contract">,
  dtype: OnnxType,
  to: Emitter,
): [Labelled, Labelled] {
  const { left, right, out } = params;
  const side = (value: Value, own: readonly number[], other: readonly number[]): Labelled => {
    const long = value.shape.filter((size) => size !== 1);
    const alone = own.filter((label) => !other.includes(label) && !out.includes(label));
    const array = { name: to.typed(value, dtype), labels: own, shape: long };
    if (alone.length === 0 && sameShape(value.shape, long)) return array;
    const name = shaped({ name: array.name, shape: value.shape }, long, to);
    if (alone.length === 0) return { ...array, name };
    const axes = to.ints(...alone.map((label) => own.indexOf(label)));
    const kept = own.filter((label) => !alone.includes(label));
    return {
      name: to.node("ReduceSum", [name, axes], { keepdims: 0 }),
      labels: kept,
      shape: sizesOf(array, kept),
    };
  };
  const [a, b] = inputs;
  return [side(a, left, right), side(b, right, left)];
}

function classify({ labels: left }: Labelled, { labels: right }: Labelled, out: readonly number[]): Axes {
  const rows = out.filter((label) => left.includes(label) && !right.includes(label));
  return {
    batch: out.filter((label) => left.includes(label) && right.includes(label)),
    rows,
    columns: out.filter((label) => right.includes(label) && !left.includes(label)),
    inner: left.filter((label) => right.includes(label) && !out.includes(label)),
    rowsFirst: rows.length > 0 && out[0] === rows[0],
  };
}

/** Whether a product of matrices comes out in order, perhaps with the operands exchanged. */
const inOrder = (out: readonly number[], { rows, columns }: Axes): boolean =>
  sameShape(out, [...rows, ...columns]) || sameShape(out, [...columns, ...rows]);

/** What comes out of a product, and what is added to it. */
interface Sum {
  readonly result: Value;
  readonly addend: Value | undefined;
  readonly scale: number;
}

/** One `Gemm` whose result is the value itself. */
function gemm(
  left: Labelled,
  right: Labelled,
  axes: Axes,
  { result, addend, scale }: Sum,
  to: Emitter,
): void {
  const exchanged = axes.rows.length > 0 && axes.columns.length > 0 && !axes.rowsFirst;
  const [first, second] = exchanged ? [right, left] : [left, right];
  const [rows, columns] = exchanged ? [axes.columns, axes.rows] : [axes.rows, axes.columns];
  const shape = [sizeOf(sizesOf(first, rows)), sizeOf(sizesOf(second, columns))] as const;
  const a = firstFactor(matrix(first, rows, axes.inner, to), shape[1], to);
  const b = matrix(second, axes.inner, columns, to);
  const inputs = [a.name, b.name];
  if (addend) inputs.push(addendMatrix(addend, result, shape, to));
  const attributes = {
    ...(a.transposed && { transA: 1 }),
    ...(b.transposed && { transB: 1 }),
    ...(addend && scale !== 1 && { beta: { float: scale } }),
  };
  if (sameShape(shape, result.shape)) to.define(result, "Gemm", inputs, attributes);
  else to.define(result, "Reshape", [to.node("Gemm", inputs, attributes), to.ints(...result.shape)]);
}

/**
 * Transposes a factor once and for all where that is cheaper than the flag: onnxruntime transposes the first factor of a product
 * again for every few columns of the result.
 */
function firstFactor({ name, transposed }: Matrix, columns: number, to: Emitter): Matrix {
  return transposed && columns >= WIDE
    ? { name: to.transposed(name), transposed: false }
    : { name, transposed };
}

/** Columns of a result from which on that pays. */
const WIDE = 256;

/** An array as the third input of a `Gemm`, which broadcasts to [rows, columns]. */
function addendMatrix(addend: Value, result: Value, shape: readonly number[], to: Emitter): string {
  const name = to.typed(addend, result.dtype);
  if (sameShape(result.shape, shape)) return name;
  const own = [...Array<number>(result.shape.length - addend.shape.length).fill(1), ...addend.shape];
  if (isOfColumns(own, result.shape, shape)) return shaped({ name, shape: addend.shape }, shape.slice(1), to);
  const whole = sameShape(addend.shape, result.shape)
    ? name
    : to.node("Expand", [name, to.ints(...result.shape)]);
  return to.node("Reshape", [whole, to.ints(...shape)]);
}

/** Whether an array that meets a result is a number for each of its columns, as a bias is. */
function isOfColumns(
  own: readonly number[],
  result: readonly number[],
  [rows, columns]: readonly number[],
): boolean {
  const first = result.findIndex(
    (_, axis) => sizeOf(result.slice(axis)) === columns && sizeOf(result.slice(0, axis)) === rows,
  );
  return first >= 0 && sizeOf(own.slice(0, first)) === 1 && sameShape(own.slice(first), result.slice(first));
}

/** A product of two matrices whose axes come out in another order than asked: [rows..., columns...]. */
function matrixProduct(left: Labelled, right: Labelled, axes: Axes, to: Emitter): Labelled {
  const a = matrix(left, axes.rows, axes.inner, to);
  const b = matrix(right, axes.inner, axes.columns, to);
  const product = to.node("Gemm", [a.name, b.name], { transA: +a.transposed, transB: +b.transposed });
  return unfolded(product, left, right, axes, to);
}

/** A product of two matrices for each of a batch, or of numbers: [batch..., rows..., columns...]. */
function batchProduct(left: Labelled, right: Labelled, axes: Axes, to: Emitter): Labelled {
  const { batch, rows, inner, columns } = axes;
  const stacked = (side: Labelled, first: readonly number[], second: readonly number[]) => {
    const ordered = arranged(side, [...batch, ...first, ...second], to);
    const shape = [batch, first, second].map((labels) => sizeOf(sizesOf(side, labels)));
    return shaped(ordered, shape, to);
  };
  const a = stacked(left, rows, inner);
  const b = stacked(right, inner, columns);
  const matrices = inner.length > 0 && (rows.length > 0 || columns.length > 0);
  if (matrices) return unfolded(to.node("MatMul", [a, b]), left, right, axes, to);
  // a: [batch, rows, inner], b: [batch, inner, columns], where inner is empty or rows and columns are
  if (inner.length === 0) return unfolded(to.node("Mul", [a, b]), left, right, axes, to);
  const across = to.node("Reshape", [a, to.ints(0, -1, 1)]);
  const sum = to.node("ReduceSum", [to.node("Mul", [across, b]), to.ints(1)], { keepdims: 0 });
  return unfolded(sum, left, right, axes, to);
}

/** A product with its axes apart again. */
function unfolded(name: string, left: Labelled, right: Labelled, axes: Axes, to: Emitter): Labelled {
  const { batch, rows, columns } = axes;
  const shape = [...sizesOf(left, batch), ...sizesOf(left, rows), ...sizesOf(right, columns)];
  return {
    name: to.node("Reshape", [name, to.ints(...shape)]),
    labels: [...batch, ...rows, ...columns],
    shape,
  };
}

/** A matrix in the model, or one whose transpose is meant. */
interface Matrix {
  readonly name: string;
  readonly transposed: boolean;
}

/** An array as a matrix, or as its transpose where the axes lie so. */
function matrix(side: Labelled, rows: readonly number[], columns: readonly number[], to: Emitter): Matrix {
  const transposed =
    !sameShape(side.labels, [...rows, ...columns]) && sameShape(side.labels, [...columns, ...rows]);
  const parts = transposed ? [columns, rows] : [rows, columns];
  const ordered = arranged(side, parts.flat(), to);
  const shape = parts.map((labels) => sizeOf(sizesOf(side, labels)));
  return { name: shaped(ordered, shape, to), transposed };
}

const sizesOf = ({ labels, shape }: Labelled, wanted: readonly number[]): number[] =>
  wanted.map((label) => shape[labels.indexOf(label)] as number);

/** An array with its axes in the order of labels. */
function arranged(array: Labelled, labels: readonly number[], to: Emitter): Labelled {
  if (sameShape(array.labels, labels)) return array;
  const perm = labels.map((label) => array.labels.indexOf(label));
  return { name: to.node("Transpose", [array.name], { perm }), labels, shape: sizesOf(array, labels) };
}

/** An array in another shape. */
const shaped = (
  { name, shape }: Pick<Labelled, "name" | "shape">,
  wanted: readonly number[],
  to: Emitter,
): string => (sameShape(shape, wanted) ? name : to.node("Reshape", [name, to.ints(...wanted)]));

const scaled = (name: string, scale: number, dtype: OnnxType, to: Emitter): string =>
  scale === 1 ? name : to.node("Mul", [name, to.scalar(scale, dtype)]);
