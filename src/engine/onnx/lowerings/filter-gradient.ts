import { sizeOf } from "../../../util/host-array.ts";
import type { Emitter } from "../emitter.ts";
import { resultOf } from "../graph.ts";
import type { FilterGradient } from "../parameters.ts";
import { blockedFilterGradient, suitsBlocks } from "./blocked-filter-gradient.ts";
import { finishAs } from "./elementwise.ts";
import type { Detours, Lowering } from "./lowering.ts";
import { padded, permuted, range, unplanned, type Tensor } from "./tensor.ts";

/**
 * `conv_filters`: the gradient of a convolution by its filters, as products of matrices.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | x | images, padded | [N, C, sizes...] |
 * | g | gradient of the result | [N, O, places...] |
 * | G | the same | [O, N places] |
 * | X | columns: for each place all that its window sees | [N places, window C] |
 * | W | gradient of the filters: G X | [O, window C] |
 *
 * X is as many times as large as x as the window has elements. So it is made for some examples at a time, few enough that it is still in the
 * processor's cache when it is multiplied, and the products are added up.
 */
export const filterGradient: Lowering<"conv_filters"> = (operation, to) => {
  const [images, gradient] = operation.inputs;
  const result = resultOf(operation);
  const { padding, ...steps } = operation.params;
  const inside = detours[result.dtype] ?? result.dtype;
  const x = { name: to.typed(images, inside), shape: images.shape };
  const [outputs, channels, ...window] = result.shape as [number, number, ...number[]];
  const block = images.dtype === "float32" && result.dtype === "float32" ? to.target.channelBlock : undefined;
  if (block !== undefined && suitsBlocks(images, gradient, block)) {
    const filters = blockedFilterGradient(x, gradient, window, { padding, ...steps }, block, to);
    return finishAs(result, filters.name, inside, to);
  }
  const g = { name: to.typed(gradient, inside), shape: gradient.shape };
  const layout = channels <= FEW ? channelsFirst : channelsLast;
  const late = unplanned(x, x.shape, to);
  const even = padded(permuted(late, layout.order(window.length), to), layout.widths(padding), to);
  const examples = x.shape[0] as number;
  const places = g.shape.slice(2);
  const bytes = 4 * sizeOf([examples, ...places, channels, ...window]);
  const sizes = evenParts(examples, Math.ceil(bytes / CACHED));
  const parts = split(even, layout.batch, sizes, to);
  const rows = split(unplanned(g, [examples, outputs, sizeOf(places)], to), 0, sizes, to);
  // The factors of all products come before all products: onnxruntime then makes them one at a time, as it goes from the last node back to the latest that it needs.
  const factors = parts.map((part, i) => {
    const columns = layout.columns(part, { ...steps, window, places }, to);
    const left = permuted(rows[i] as Tensor, [1, 0, 2], to);
    const seen = (sizes[i] as number) * sizeOf(places);
    return [unplanned(left, [outputs, seen], to).name, columns];
  });
  const product = factors.reduce<string | undefined>(
    (sum, pair) => to.node("Gemm", [...pair, ...(sum === undefined ? [] : [sum])], layout.flags),
    undefined,
  ) as string;
  const apart = unplanned(
    { name: product, shape: [outputs, sizeOf(window) * channels] },
    [outputs, ...window, channels],
    to,
  );
  finishAs(
    result,
    permuted(apart, [0, window.length + 1, ...range(window.length).map((i) => i + 1)], to).name,
    inside,
    to,
  );
};

const detours: Detours = { float16: "float32" };

/** Up to so many channels windows are cut out of whole maps. */
const FEW = 4;

/** The bytes of columns that are made at a time. */
const CACHED = 2 ** 22;

/** Where the windows lie. */
interface WindowPlaces {
  readonly window: readonly number[];
  readonly places: readonly number[];
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
}

/** How images lie while their columns are made. */
interface ColumnLayout {
  /** From [N, C, sizes...], by the number of sizes. */
  order(rank: number): number[];
  widths(padding: FilterGradient["padding"]): FilterGradient["padding"];
  readonly batch: number;
  /** The columns X, or their transpose. */
  columns(x: Tensor, places: WindowPlaces, to: Emitter): string;
  readonly flags: { readonly transB?: 1 };
}

/** [N, sizes..., C]: a `Gather` copies the channels of one place at a time. */
const channelsLast: ColumnLayout = {
  order: (rank) => [0, ...range(rank).map((i) => i + 2), 1],
  widths: (padding) => [[0, 0], ...padding, [0, 0]],
  batch: 0,
  columns(x, { window, places, strides, dilation }, to) {
    const [examples, ...sizes] = x.shape.slice(0, -1) as [number, ...number[]];
    const channels = x.shape.at(-1) as number;
    const seen = positions(places, strides, sizes).flatMap((corner) =>
      positions(window, dilation, sizes).map((offset) => corner + offset),
    );
    const lines = unplanned(x, [examples, sizeOf(sizes), channels], to).name;
    const whole = seen.length === sizeOf(sizes) && seen.every((place, i) => place === i);
    const picked = whole
      ? lines
      : to.node("Gather", [lines, to.constant(seen, [seen.length], "int64")], { axis: 1 });
    const columns = { name: picked, shape: [examples, seen.length, channels] };
    return unplanned(columns, [examples * sizeOf(places), sizeOf(window) * channels], to).name;
  },
  flags: {},
};

/** [C, N, sizes...]: a `Slice` copies what one element of the window sees of all maps. */
const channelsFirst: ColumnLayout = {
  order: (rank) => [1, 0, ...range(rank).map((i) => i + 2)],
  widths: (padding) => [[0, 0], [0, 0], ...padding],
  batch: 1,
  columns(x, { window, places, strides, dilation }, to) {
    const axes = range(window.length).map((i) => i + 2);
    const seen = offsets(window).map((at) => {
      const starts = at.map((k, i) => k * (dilation[i] as number));
      const ends = starts.map((start, i) => start + ((places[i] as number) - 1) * (strides[i] as number) + 1);
      return to.node("Slice", [
        x.name,
        to.ints(...starts),
        to.ints(...ends),
        to.ints(...axes),
        to.ints(...strides),
      ]);
    });
    const [channels, examples] = x.shape as [number, number];
    const name = to.node("Concat", seen, { axis: 0 });
    const columns = { name, shape: [sizeOf(window) * channels, examples, ...places] };
    return unplanned(columns, [sizeOf(window) * channels, examples * sizeOf(places)], to).name;
  },
  flags: { transB: 1 },
};

/** All index vectors below `sizes`, the last index running fastest. */
const offsets = (sizes: readonly number[]): number[][] =>
  sizes.reduce<number[][]>((all, size) => all.flatMap((at) => range(size).map((i) => [...at, i])), [[]]);

/** Where the points of a grid with these steps lie among `sizes`, as indices into them laid end to end. */
const positions = (grid: readonly number[], steps: readonly number[], sizes: readonly number[]): number[] =>
  offsets(grid).map((at) =>
    at.reduce((index, i, axis) => index * (sizes[axis] as number) + i * (steps[axis] as number), 0),
  );

/** A number as a sum of so many, as equal as possible, and none of them zero. */
function evenParts(total: number, count: number): number[] {
  const parts = Math.min(total, Math.max(1, count));
  return range(parts).map((i) => Math.floor(((i + 1) * total) / parts) - Math.floor((i * total) / parts));
}

/** An array in parts along an axis. */
function split(x: Tensor, axis: number, sizes: readonly number[], to: Emitter): Tensor[] {
  if (sizes.length === 1) return [x];
  const names = to.nodes("Split", [x.name, to.ints(...sizes)], sizes.length, { axis });
  return sizes.map((size, i) => ({ name: names[i] as string, shape: x.shape.with(axis, size) }));
}
