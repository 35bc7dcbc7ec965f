import type { Emitter } from "../emitter.ts";
import { padded, permuted, range, reshaped, slicedFrom, type Tensor } from "./tensor.ts";

/** How windows lie along the last axes of an array: for each axis their size, their distance, and that of their elements. */
export interface Windows {
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly dilation?: readonly number[];
}

/** Windows along one axis. */
interface AxisWindows {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  /** How many fit. */
  readonly count: number;
}

/** All windows of an array: its last axes become as many that count the windows, and as many that count their elements. */
export function windowsOf(x: Tensor, windows: Windows, to: Emitter): Tensor {
  const lead = x.shape.length - windows.size.length;
  const axes = axesOf(x.shape.slice(lead), windows);
  const cut = axes.every(({ size, stride, dilation }) => dilation === 1 && size <= stride) ? pieces : picked;
  return permuted(cut(x, axes, to), interleaved(lead, axes.length), to);
}

/** The adjoint of {@link windowsOf}: every element of an array of shape `shape` sums up what its windows hold of it. */
export function sumOfWindows(x: Tensor, shape: readonly number[], windows: Windows, to: Emitter): Tensor {
  const lead = shape.length - windows.size.length;
  const axes = axesOf(shape.slice(lead), windows);
  const order = interleaved(lead, axes.length);
  const apart = permuted(
    x,
    range(order.length).map((axis) => order.indexOf(axis)),
    to,
  );
  return axes.reduce(
    (sum, window, i) => overlapAdd(sum, lead + i, shape[lead + i] as number, window, to),
    apart,
  );
}

function axesOf(shape: readonly number[], { size, strides, dilation }: Windows): AxisWindows[] {
  return shape.map((length, i) => {
    const [k, stride, d] = [size[i] as number, strides[i] as number, dilation?.[i] ?? 1];
    return { size: k, stride, dilation: d, count: Math.ceil((length - d * (k - 1)) / stride) };
  });
}

/** [lead..., count 1, size 1, count 2, size 2, ...] to [lead..., counts..., sizes...] */
const interleaved = (lead: number, axes: number): number[] => [
  ...range(lead),
  ...range(axes).map((i) => lead + 2 * i),
  ...range(axes).map((i) => lead + 2 * i + 1),
];

/** Windows that do not overlap: each axis is cut into pieces. [lead..., count 1, size 1, ...] */
function pieces(x: Tensor, axes: readonly AxisWindows[], to: Emitter): Tensor {
  const lead = x.shape.length - axes.length;
  const whole = axes.map(({ count, stride }, i): [number, number] => [
    0,
    count * stride - (x.shape[lead + i] as number),
  ]);
  const even = padded(x, [...range(lead).map((): [number, number] => [0, 0]), ...whole], to);
  const shape = [...x.shape.slice(0, lead), ...axes.flatMap(({ count, stride }) => [count, stride])];
  return axes.reduce(
    (cut, { size }, i) => slicedFrom(cut, lead + 2 * i + 1, 0, size, to),
    reshaped(even, shape, to),
  );
}

/** Windows that may overlap: their elements are picked, axis by axis. [lead..., count 1, size 1, ...] */
function picked(x: Tensor, axes: readonly AxisWindows[], to: Emitter): Tensor {
  const lead = x.shape.length - axes.length;
  return axes.reduce((from, { size, stride, dilation, count }, i) => {
    const axis = lead + 2 * i;
    const places = range(count).flatMap((o) => range(size).map((k) => o * stride + k * dilation));
    const index = to.constant(places, [count, size], "int64");
    const shape = from.shape.toSpliced(axis, 1, count, size);
    return { name: to.node("Gather", [from.name, index], { axis }), shape };
  }, x);
}

/**
 * The windows along one axis, put back to where they lie in it and added up: [..., count, size, ...] to [..., length, ...].
 *
 * With windows cut into parts as long as the stride, the parts of one number lie end to end; so there are only
 * ceil(size / stride) arrays to add, each shifted by one stride more than the one before.
 */
function overlapAdd(
  x: Tensor,
  axis: number,
  length: number,
  { size, stride, count }: AxisWindows,
  to: Emitter,
): Tensor {
  const parts = Math.ceil(size / stride);
  const none = x.shape.map((): [number, number] => [0, 0]);
  const even = padded(x, none.with(axis + 1, [0, parts * stride - size]), to);
  const placed = range(parts).map((part) => {
    const own = slicedFrom(even, axis + 1, part * stride, stride, to);
    const line = reshaped(own, x.shape.toSpliced(axis, 2, count * stride), to);
    const [before, after] = [part * stride, length - (part + count) * stride];
    return padded(line, none.slice(1).with(axis, [before, after]), to).name;
  });
  const name = placed.reduce((sum, next) => to.node("Add", [sum, next]));
  return { name, shape: x.shape.toSpliced(axis, 2, length) };
}
