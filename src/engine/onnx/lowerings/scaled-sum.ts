import { sizeOf } from "../../../util/host-array.ts";
import { blockDomain } from "../emitter.ts";
import { resultOf } from "../graph.ts";
import type { Lowering } from "./lowering.ts";

/**
 * `scaled_sum`: x + s y, for a single number s.
 *
 * onnxruntime has no operator that multiplies and adds, but for its own convolutions: with windows of one place and a group for each channel they are
 * that, in one pass, and they need no memory for s y. Where they are missing it is two operators.
 */
export const scaledSum: Lowering<"scaled_sum"> = (operation, to) => {
  const [x, y, s] = operation.inputs;
  const result = resultOf(operation);
  const block = to.target.channelBlock;
  const size = sizeOf(result.shape);
  if (block === undefined || size % block !== 0) {
    to.define(result, "Add", [to.name(x), to.node("Mul", [to.name(y), to.name(s)])]);
    return;
  }
  const images = to.ints(1, block, 1, size / block);
  const [sum, added] = [x, y].map((value) => to.node("Reshape", [to.name(value), images])) as [
    string,
    string,
  ];
  const filters = to.node("Expand", [to.name(s), to.ints(block, 1, 1, 1)]);
  const attributes = {
    strides: [1, 1],
    dilations: [1, 1],
    pads: [0, 0, 0, 0],
    group: block,
    kernel_shape: [1, 1],
  };
  to.defineIn(
    [1, block, 1, size / block],
    result,
    `${blockDomain}.Conv`,
    [added, filters, "", sum],
    attributes,
  );
};
