import { resultOf } from "../graph.ts";
import type { Pair } from "../parameters.ts";
import type { Lowering } from "./lowering.ts";

/** jax-js's `reshape`. */
export const reshape: Lowering<"reshape"> = (operation, to) => {
  const [x] = operation.inputs;
  const result = resultOf(operation);
  to.define(result, "Reshape", [to.name(x), to.ints(...result.shape)]);
};

/** jax-js's `transpose`. */
export const transpose: Lowering<"transpose"> = (operation, to) => {
  const [x] = operation.inputs;
  to.define(resultOf(operation), "Transpose", [to.name(x)], { perm: operation.params.perm });
};

/** jax-js's `broadcast`: new axes where `axis` says, then axes of one element repeated. */
export const broadcast: Lowering<"broadcast"> = (operation, to) => {
  const [x] = operation.inputs;
  const result = resultOf(operation);
  const added = operation.params.axis;
  const between = added.some((axis) => axis >= result.shape.length - x.shape.length);
  const aligned = between ? to.node("Unsqueeze", [to.name(x), to.ints(...added)]) : to.name(x);
  to.define(result, "Expand", [aligned, to.ints(...result.shape)]);
};

/** jax-js's `flip`. */
export const flip: Lowering<"flip"> = (operation, to) => {
  const [x] = operation.inputs;
  const axes = operation.params.axis;
  const each = (number: number) => to.ints(...axes.map(() => number));
  const end = to.ints(...axes.map(() => -(2 ** 31)));
  to.define(resultOf(operation), "Slice", [to.name(x), each(-1), end, to.ints(...axes), each(-1)]);
};

/** jax-js's `shrink`: for each axis the range that is kept. */
export const shrink: Lowering<"shrink"> = (operation, to) => {
  const [x] = operation.inputs;
  const ranges = operation.params.slice;
  const cut = [...ranges.keys()].filter((axis) => {
    const [start, end] = ranges[axis] as Pair;
    return start !== 0 || end !== x.shape[axis];
  });
  const [starts, ends] = [0, 1].map((side) => to.ints(...cut.map((axis) => ranges[axis]?.[side] as number)));
  to.define(resultOf(operation), "Slice", [to.name(x), starts as string, ends as string, to.ints(...cut)]);
};

/** jax-js's `pad`: zeros before and after. */
export const pad: Lowering<"pad"> = (operation, to) => {
  const [x] = operation.inputs;
  const widths = operation.params.width;
  const pads = [...widths.map(([before]) => before), ...widths.map(([, after]) => after)];
  to.define(resultOf(operation), "Pad", [to.name(x), to.ints(...pads), to.scalar(0, x.dtype)]);
};

/** jax-js's `concatenate`. */
export const concatenate: Lowering<"concatenate"> = (operation, to) => {
  const result = resultOf(operation);
  const parts = operation.inputs.map((part) => to.typed(part, result.dtype));
  to.define(result, "Concat", parts, { axis: operation.params.axis });
};

/** jax-js's `split`. */
export const split: Lowering<"split"> = ({ inputs, params, outputs }, to) => {
  const [x] = inputs;
  const sizes = to.ints(...params.sizes);
  to.defineAll(outputs, "Split", [to.name(x), sizes], { axis: params.axis });
};
