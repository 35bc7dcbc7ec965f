import type { Value } from "../graph.ts";
import { finishAs } from "./elementwise.ts";
import { resultOf, type Detours, type Lowering } from "./lowering.ts";
import { sumOfWindows, windowsOf, type Windows } from "./windows.ts";

/** jax-js's `pool`: the windows of an array, which a `reduce` makes a pooling. */
export const pool: Lowering = (operation, to) => {
  const [x] = operation.inputs as [Value];
  const { name } = windowsOf({ name: to.name(x), shape: x.shape }, windowsFor(operation.params), to);
  to.alias(resultOf(operation), name);
};

const detours: Detours = { bool: "int32", float16: "float32" };

/** jax-js's `pool_transpose`: the gradient of `pool`. */
export const poolTranspose: Lowering = (operation, to) => {
  const [x] = operation.inputs as [Value];
  const result = resultOf(operation);
  const inside = detours[result.dtype] ?? result.dtype;
  const windows = { name: to.typed(x, inside), shape: x.shape };
  const { name } = sumOfWindows(windows, result.shape, windowsFor(operation.params), to);
  finishAs(result, name, inside, to);
};

const windowsFor = ({ window, strides }: Readonly<Record<string, unknown>>): Windows => ({
  size: window as readonly number[],
  strides: strides as readonly number[],
});
