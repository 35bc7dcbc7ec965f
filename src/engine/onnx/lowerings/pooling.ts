import { sizeOf } from "../../../util/host-array.ts";
import type { Emitter } from "../emitter.ts";
import { type Operation, resultOf } from "../graph.ts";
import type { Pooling, Reduction } from "../parameters.ts";
import { value } from "../value.ts";
import { finishAs } from "./elementwise.ts";
import type { Detours, Lowering } from "./lowering.ts";
import { reduce } from "./selection.ts";
import { expanded, range, reshaped, type Tensor } from "./tensor.ts";
import { sumOfWindows, windowsOf, type Windows } from "./windows.ts";

/** jax-js's `pool`: the windows of an array, which a `reduce` makes a pooling. */
export const pool: Lowering<"pool"> = (operation, to) => {
  const [x] = operation.inputs;
  const { name } = windowsOf({ name: to.name(x), shape: x.shape }, windowsFor(operation.params), to);
  to.alias(resultOf(operation), name);
};

const detours: Detours = { bool: "int32", float16: "float32" };

/** jax-js's `pool_transpose`: the gradient of `pool`. */
export const poolTranspose: Lowering<"pool_transpose"> = (operation, to) => {
  const [x] = operation.inputs;
  const result = resultOf(operation);
  const inside = detours[result.dtype] ?? result.dtype;
  const windows = { name: to.typed(x, inside), shape: x.shape };
  const { name } = sumOfWindows(windows, result.shape, windowsFor(operation.params), to);
  finishAs(result, name, inside, to);
};

const windowsFor = ({ window: size, strides }: Pooling): Windows => ({ size, strides });

/**
 * `window_reduce`: images [lead..., H, W] to [lead..., h, w], the reduction of each of the windows that lie side by side.
 *
 * By ONNX's pooling where it has one; else over the axes into which windows split the sides.
 */
export const windowReduce: Lowering<"window_reduce"> = (operation, to) => {
  const { op, window } = operation.params;
  const [x] = operation.inputs;
  const result = resultOf(operation);
  const operator = x.dtype === "float32" && result.dtype === "float32" ? poolings[op] : undefined;
  if (operator === undefined) return reduceSplit(operation, to);
  const maps = asMaps({ name: to.name(x), shape: x.shape }, window.length, to);
  const pooled = to.node(operator, [maps.name], { kernel_shape: window, strides: window });
  const shape = [...maps.shape.slice(0, 2), ...result.shape.slice(-window.length)];
  const apart = reshaped({ name: pooled, shape }, result.shape, to);
  if (op === "Add") to.define(result, "Mul", [apart.name, to.scalar(sizeOf(window), "float32")]);
  else to.alias(result, apart.name);
};

/** The operators for float32; `AveragePool` has yet to be multiplied by the size of a window. */
const poolings: Partial<Record<Reduction, string>> = { Max: "MaxPool", Add: "AveragePool" };

function reduceSplit({ inputs, params, outputs }: Operation<"window_reduce">, to: Emitter): void {
  const [x] = inputs;
  const { op, window } = params;
  const lead = x.shape.length - window.length;
  const pieces = value(splitSides(x.shape, window), x.dtype);
  to.alias(pieces, reshaped({ name: to.name(x), shape: x.shape }, pieces.shape, to).name);
  const axis = range(window.length).map((i) => lead + 2 * i + 1);
  reduce({ primitive: "reduce", inputs: [pieces], params: { op, axis }, outputs }, to);
}

/** [lead..., H, W] to [lead..., h, k, w, k] */
const splitSides = (shape: readonly number[], window: readonly number[]): number[] => {
  const lead = shape.length - window.length;
  return [...shape.slice(0, lead), ...window.flatMap((k, i) => [(shape[lead + i] as number) / k, k])];
};

/** `window_repeat`: [lead..., h, w] to images [lead..., H, W], in which each element fills a window. */
export const windowRepeat: Lowering<"window_repeat"> = (operation, to) => {
  const { window } = operation.params;
  const [x] = operation.inputs;
  const result = resultOf(operation);
  const from: Tensor = { name: to.name(x), shape: x.shape };
  if (x.dtype !== "float32") {
    const lead = x.shape.length - window.length;
    const split = splitSides(result.shape, window);
    const columns = reshaped(
      from,
      split.map((size, axis) => (axis >= lead && (axis - lead) % 2 === 1 ? 1 : size)),
      to,
    );
    return to.alias(result, reshaped(expanded(columns, split, to), result.shape, to).name);
  }
  const maps = asMaps(from, window.length, to);
  const scales = to.constant([1, 1, ...window], [window.length + 2], "float32");
  const name = to.node("Resize", [maps.name, "", scales], {
    mode: "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
  });
  const shape = [...maps.shape.slice(0, 2), ...result.shape.slice(-window.length)];
  to.alias(result, reshaped({ name, shape }, result.shape, to).name);
};

/** Maps as ONNX's operators on images want them. [N, C, sizes...] */
function asMaps(x: Tensor, sizes: number, to: Emitter): Tensor {
  const lead = x.shape.slice(0, x.shape.length - sizes);
  const merged = lead.length > 1 ? [lead[0] as number, sizeOf(lead.slice(1))] : [1, lead[0] ?? 1];
  return reshaped(x, [...merged, ...x.shape.slice(lead.length)], to);
}
