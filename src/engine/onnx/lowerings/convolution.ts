import { sizeOf } from "../../../util/host-array.ts";
import type { Emitter } from "../emitter.ts";
import { type Operation, resultOf } from "../graph.ts";
import type { Convolution, Pair } from "../parameters.ts";
import type { Value } from "../value.ts";
import type { OnnxType } from "../model.ts";
import { broadcastShape, finishAs } from "./elementwise.ts";
import type { Detours, Lowering } from "./lowering.ts";
import { expanded, firstOf, padded, permuted, range, reshaped, type Tensor } from "./tensor.ts";
import { windowsOf } from "./windows.ts";

/**
 * jax-js's `conv`, which has no reflection of the filter (a cross-correlation).
 *
 * | array | shape |
 * |---|---|
 * | images | [batch..., N, C, sizes...] |
 * | filters | [batch..., O, C, sizes...] |
 * | result | [batch..., N, O, sizes...] |
 *
 * The leading `batch` has a convolution of its own for each element: an axis of `vmap`, or the groups of a grouped convolution.
 * In the model it is the `group` of one `Conv`. A third input is a bias [O]. onnxruntime has that only in float32: in other types the windows of the images
 * are multiplied with the filters as matrices.
 */
export const convolution: Lowering<"conv"> = (operation, to) => {
  const { params } = operation;
  const inside = detours[resultOf(operation).dtype] ?? resultOf(operation).dtype;
  const operands = operandsOf(operation, inside, to);
  const convolve = inside === "float32" ? convolved : multiplied;
  finishMaps(operation, convolve(operands, params.strides.length > 0 ? params : pointwise, to), inside, to);
};

/**
 * `conv_transpose`: the adjoint of a convolution, from filters as that has them, [batch..., C, O, sizes...].
 *
 * Without strides it is a convolution with reflected filters.
 */
export const transposedConvolution: Lowering<"conv_transpose"> = (operation, to) => {
  const { strides, dilations, cut, appended } = operation.params;
  const operands = operandsOf(operation, "float32", to);
  const { images, filters, group } = operands;
  if (strides.every((stride) => stride === 1)) {
    finishMaps(operation, adjoint(operands, dilations, cut, to), "float32", to);
    return;
  }
  const attributes = { group, strides, dilations, pads: sides(cut), output_padding: appended };
  finishMaps(operation, to.node("ConvTranspose", [images.name, filters.name], attributes), "float32", to);
};

function adjoint(
  { images, filters, group }: Operands,
  dilations: readonly number[],
  cut: readonly Pair[],
  to: Emitter,
): string {
  const [channels, outputs, ...sizes] = filters.shape as [number, number, ...number[]];
  const padding = adjointPadding(cut, dilations, sizes);
  const ones = sizes.map(() => 1);
  const steps = { strides: ones, padding, lhsDilation: ones, rhsDilation: dilations };
  const apart = reshaped(filters, [group, channels / group, outputs, ...sizes], to);
  const order = [0, 2, 1, ...range(sizes.length).map((i) => i + 3)];
  const exchanged = reshaped(permuted(apart, order, to), [group * outputs, channels / group, ...sizes], to);
  return convolved({ images, filters: reversed(exchanged, 2, to), group }, steps, to);
}

/** What an adjoint without strides pads as a convolution, from what it cuts. */
export const adjointPadding = (
  cut: readonly Pair[],
  dilations: readonly number[],
  kernel: readonly number[],
): Pair[] =>
  cut.map(([before, after], i) => {
    const reach = (dilations[i] as number) * ((kernel[i] as number) - 1);
    return [reach - before, reach - after];
  });

/** The order of all axes from some one on turned around. */
function reversed(x: Tensor, from: number, to: Emitter): Tensor {
  const axes = range(x.shape.length).slice(from);
  const each = (number: number) => to.ints(...axes.map(() => number));
  const end = each(-(2 ** 31));
  return { ...x, name: to.node("Slice", [x.name, each(-1), end, to.ints(...axes), each(-1)]) };
}

const detours: Detours = { bool: "int32", float16: "float32" };

type Batched = Operation<"conv" | "conv_transpose">;

/** What is convolved: images [N, group C, sizes...] and filters, of which the batch and the axis after it are one. */
interface Operands {
  readonly images: Tensor;
  readonly filters: Tensor;
  readonly group: number;
  /** The name of a number for each channel of the result; only of a convolution in float32 without a batch. */
  readonly bias?: string;
}

/** A `conv` without axes besides the channels, as one with an axis of one element. */
const pointwise = { strides: [1], padding: [[0, 0]], lhsDilation: [1], rhsDilation: [1] } as const;

function operandsOf({ inputs, params }: Batched, inside: OnnxType, to: Emitter): Operands {
  const { vmapDims } = params;
  const [x, w, bias] = inputs;
  const batch = broadcastShape([x, w].map(({ shape }) => shape.slice(0, vmapDims)));
  const part = (value: Value): Tensor => {
    const shape = [...batch, ...value.shape.slice(vmapDims)];
    return expanded({ name: to.typed(value, inside), shape: value.shape }, shape, to);
  };
  return {
    images: withSizes(channelsOf(part(x), vmapDims, to), to),
    filters: withSizes(joinedAxes(part(w), 0, vmapDims + 1, to), to),
    group: sizeOf(batch),
    ...(bias && { bias: to.name(bias) }),
  };
}

/** [batch..., N, C, sizes...] to [N, batch C, sizes...] */
function channelsOf(x: Tensor, vmapDims: number, to: Emitter): Tensor {
  const order = [vmapDims, ...range(vmapDims), ...range(x.shape.length).slice(vmapDims + 1)];
  return joinedAxes(permuted(x, order, to), 1, vmapDims + 1, to);
}

/** `count` axes from `first` on as one. */
function joinedAxes(x: Tensor, first: number, count: number, to: Emitter): Tensor {
  const joined = sizeOf(x.shape.slice(first, first + count));
  return reshaped(x, x.shape.toSpliced(first, count, joined), to);
}

/** ONNX wants at least one axis besides the channels. */
const withSizes = (x: Tensor, to: Emitter): Tensor =>
  x.shape.length > 2 ? x : reshaped(x, [...x.shape, 1], to);

/** Defines the result [batch..., N, O, sizes...] as maps [N, batch O, sizes...]. */
function finishMaps(operation: Batched, maps: string, inside: OnnxType, to: Emitter): void {
  const result = resultOf(operation);
  const { vmapDims } = operation.params;
  const [n, channels, ...sizes] = result.shape.slice(vmapDims) as [number, number, ...number[]];
  const batch = result.shape.slice(0, vmapDims);
  const merged = [n, sizeOf(batch) * channels, ...(sizes.length > 0 ? sizes : [1])];
  const apart = reshaped({ name: maps, shape: merged }, [n, ...batch, channels, ...sizes], to);
  const perm = [...range(vmapDims).map((i) => i + 1), 0, ...range(result.shape.length).slice(vmapDims + 1)];
  finishAs(result, permuted(apart, perm, to).name, inside, to);
}

type Steps = Omit<Convolution, "vmapDims">;

/** By ONNX's own operator. [N, group O, sizes...] */
function convolved(
  operands: Operands,
  { strides, padding, lhsDilation, rhsDilation }: Steps,
  to: Emitter,
): string {
  const images = dilated(operands.images, lhsDilation, to);
  const cuts = padding.some((pair) => pair.some((width) => width < 0)); // which `Conv` cannot do
  const { name } = cuts ? padded(images, [[0, 0], [0, 0], ...padding], to) : images;
  const attributes = {
    ...(operands.group > 1 && { group: operands.group }),
    strides,
    dilations: rhsDilation,
    ...(!cuts && { pads: sides(padding) }),
  };
  const { filters, bias } = operands;
  return to.node("Conv", [name, filters.name, ...(bias === undefined ? [] : [bias])], attributes);
}

/** Pairs as ONNX wants them: all that come first, then all that come last. */
const sides = (pairs: readonly Pair[]): number[] => [
  ...pairs.map(([first]) => first),
  ...pairs.map(([, last]) => last),
];

/** Zeros between the elements of images. */
function dilated(x: Tensor, dilation: readonly number[], to: Emitter): Tensor {
  return dilation.reduce((images, d, i) => {
    if (d === 1) return images;
    const [axis, size] = [i + 2, images.shape[i + 2] as number];
    const column = reshaped(images, images.shape.toSpliced(axis, 1, size, 1), to);
    const zeros = column.shape.map((): Pair => [0, 0]).with(axis + 1, [0, d - 1]);
    const joined = joinedAxes(padded(column, zeros, to), axis, 2, to);
    return firstOf(joined, axis, (size - 1) * d + 1, to);
  }, x);
}

/** By products of matrices, in types for which onnxruntime has no convolution. [N, group O, sizes...] */
function multiplied({ images, filters, group }: Operands, steps: Steps, to: Emitter): string {
  const [outputs, channels, ...size] = filters.shape as [number, number, ...number[]];
  const even = padded(dilated(images, steps.lhsDilation, to), [[0, 0], [0, 0], ...steps.padding], to);
  const windows = windowsOf(even, { size, strides: steps.strides, dilation: steps.rhsDilation }, to);
  const rank = size.length; // [N, group C, sizes..., size...]
  const [n, , ...sizes] = windows.shape.slice(0, rank + 2) as [number, number, ...number[]];
  const order = [0, 1, ...range(rank).map((i) => 2 + rank + i), ...range(rank).map((i) => 2 + i)];
  const [depth, places] = [channels * sizeOf(size), sizeOf(sizes)];
  const columns = reshaped(permuted(windows, order, to), [n, group, depth, places], to);
  const rows = reshaped(filters, [group, outputs / group, depth], to);
  return to.node("Reshape", [to.node("MatMul", [rows.name, columns.name]), to.ints(n, outputs, ...sizes)]);
}
