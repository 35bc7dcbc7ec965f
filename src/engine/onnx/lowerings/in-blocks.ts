import { sizeOf } from "../../../util/host-array.ts";
import { blockDomain, blockShape, type Emitter } from "../emitter.ts";
import { type Operation, type Primitive, resultOf, withArrays } from "../graph.ts";
import type { Reduction } from "../parameters.ts";
import { fillOf, sameShape, type Value, value } from "../value.ts";
import { blockedConvolution, blockedFilters, reflectedBlocks } from "./blocked-convolution.ts";
import { adjointPadding } from "./convolution.ts";
import type { Lowering } from "./lowering.ts";
import { reduce } from "./selection.ts";
import { lowerings } from "./table.ts";
import { expanded } from "./tensor.ts";

/**
 * Lowers an operation on images [N, C, H, W] to one on [N, C/B, H, W, B], the order that onnxruntime's own convolutions work in, where
 * that is the better: convolutions and pools always, elementwise work and sums over the places where images are in this order already.
 * So a network's images are put in order where they become vectors, and not behind each convolution.
 *
 * @returns whether it has; if not, nothing is emitted
 */
export function inBlocks(operation: Operation, to: Emitter): boolean {
  const block = to.target.channelBlock;
  const rule: BlockRule | undefined = rules[operation.primitive];
  const name = block && rule?.(operation, block, to);
  if (name === undefined) return false;
  if (typeof name === "string") to.defineBlocked(resultOf(operation), name);
  return true;
}

/** Emits the nodes and returns the name of the result [N, C/B, H, W, B]; true where the result is no image and is defined already. */
type BlockRule<P extends Primitive = Primitive> = {
  rule(operation: Operation<P>, block: number, to: Emitter): string | true | undefined;
}["rule"]; // as Lowering

/** Whether an array is images with whole blocks of channels. */
const fits = ({ shape, dtype }: Value, block: number): boolean =>
  shape.length === 4 && dtype === "float32" && (shape[1] as number) % block === 0;

const elementwise: BlockRule = (operation, block, to) => {
  const result = resultOf(operation);
  const { inputs } = operation;
  const whole = inputs.filter(({ shape }) => sameShape(shape, result.shape));
  const exact = [...inputs, result].every(({ dtype }) => dtype === "float32" || dtype === "bool");
  if (!exact || !fits({ ...result, dtype: "float32" }, block) || !whole.some(to.inBlocks)) return undefined;
  if (inputs.some((input) => !whole.includes(input) && !alongChannels(input.shape, result.shape)))
    return undefined;
  const made = value(blockShape(result.shape, block), result.dtype);
  const parts = inputs.map((input) => inOrderOf(input, result, block, to));
  const lowering: Lowering = lowerings[operation.primitive];
  lowering(withArrays(operation, parts, [made]), to);
  return to.name(made);
};

/** Whether an array is broadcast over the places of images: numbers, or one for each channel. */
const alongChannels = (shape: readonly number[], [, channels]: readonly number[]): boolean => {
  const [, c = 1, ...sizes] = [...Array<number>(4 - shape.length).fill(1), ...shape];
  return shape.length <= 4 && sizeOf(sizes) === 1 && (c === 1 || c === channels);
};

/** An operand of elementwise work, as it meets images in blocks. */
function inOrderOf(input: Value, result: Value, block: number, to: Emitter): Value {
  const like = (shape: readonly number[]): Value => ({ ...input, shape });
  const whole = sameShape(input.shape, result.shape);
  if (fillOf(input) !== undefined)
    return whole ? like(blockShape(result.shape, block)) : like(input.shape.map(() => 1));
  if (whole) return named(value(blockShape(result.shape, block), input.dtype), to.blocked(input), to);
  const [n = 1, c = 1] = [...Array<number>(4 - input.shape.length).fill(1), ...input.shape];
  const shape = c === 1 ? [n, 1, 1, 1, 1] : blockShape([n, c, 1, 1], block);
  const column = { name: to.node("Reshape", [to.name(input), to.ints(...shape)]), shape };
  const width = result.shape[3] as number;
  const row = c === 1 ? column : expanded(column, shape.with(3, width), to); // B neighbours alone would be slow to broadcast
  return named(value(row.shape, input.dtype), row.name, to);
}

/** A value that stands in the model under a name. */
function named(made: Value, name: string, to: Emitter): Value {
  to.alias(made, name);
  return made;
}

const convolution: BlockRule<"conv"> = (operation, block, to) => {
  const { vmapDims, strides, padding, lhsDilation, rhsDilation } = operation.params;
  const [images, filters, bias] = operation.inputs;
  const result = resultOf(operation);
  const plain = vmapDims === 0 && lhsDilation.every((d) => d === 1) && filters.dtype === "float32";
  const few = images.dtype === "float32" && (images.shape[1] as number) < block;
  if (!plain || !fits(result, block) || !(few || fits(images, block))) return undefined;
  const ordered = blockedFilters({ ...filters, name: to.name(filters) }, block, to);
  const steps = { strides, padding, dilations: rhsDilation };
  return blockedConvolution(images, ordered, steps, result, to, bias && to.name(bias));
};

const adjoint: BlockRule<"conv_transpose"> = (operation, block, to) => {
  const { vmapDims, strides, dilations, cut } = operation.params;
  const [images, filters] = operation.inputs;
  const result = resultOf(operation);
  const plain = vmapDims === 0 && strides.every((stride) => stride === 1) && filters.dtype === "float32";
  if (!plain || !fits(images, block) || !fits(result, block)) return undefined;
  const padding = adjointPadding(cut, dilations, filters.shape.slice(2));
  const ordered = reflectedBlocks({ ...filters, name: to.name(filters) }, block, to);
  return blockedConvolution(images, ordered, { strides, padding, dilations }, result, to);
};

const pooled: BlockRule<"window_reduce"> = (operation, block, to) => {
  const { op, window } = operation.params;
  const [x] = operation.inputs;
  const result = resultOf(operation);
  const operator = poolings[op];
  if (operator === undefined || window.length !== 2 || !fits(x, block) || !fits(result, block))
    return undefined;
  const name = ofMaps(operator, x, { kernel_shape: window, strides: window }, result, block, to);
  return op === "Add" ? to.node("Mul", [name, to.scalar(sizeOf(window), "float32")]) : name;
};

/** `AveragePool` has yet to be multiplied by the size of a window. */
const poolings: Partial<Record<Reduction, string>> = { Max: "MaxPool", Add: "AveragePool" };

const repeated: BlockRule<"window_repeat"> = (operation, block, to) => {
  const { window } = operation.params;
  const [x] = operation.inputs;
  const result = resultOf(operation);
  if (window.length !== 2 || !fits(x, block) || !fits(result, block)) return undefined;
  return ofMaps("Upsample", x, { scales: [1, 1, ...window], mode: "nearest" }, result, block, to);
};

/** One of onnxruntime's own operators on images. */
function ofMaps(
  operator: string,
  x: Value,
  attributes: Parameters<Emitter["node"]>[2],
  result: Value,
  block: number,
  to: Emitter,
): string {
  const maps = to.node("Reshape", [to.blocked(x), to.ints(...x.shape)]);
  const made = to.node(`${blockDomain}.${operator}`, [maps], attributes);
  return to.node("Reshape", [made, to.ints(...blockShape(result.shape, block))]);
}

/** A reduction over all places, and then over what else is asked: onnxruntime is slow where kept axes lie between others. */
const reduced: BlockRule<"reduce"> = (operation, block, to) => {
  const { axis, ...params } = operation.params;
  const [x] = operation.inputs;
  if (!fits(x, block) || !to.inBlocks(x) || ![2, 3].every((place) => axis.includes(place))) return undefined;
  const images = named(value(blockShape(x.shape, block), x.dtype), to.blocked(x), to);
  const overPlaces = value(images.shape.toSpliced(2, 2), x.dtype); // [N, C/B, B]
  reduce({ ...operation, inputs: [images], params: { ...params, axis: [2, 3] }, outputs: [overPlaces] }, to);
  const apart = named(
    value(x.shape.slice(0, 2), x.dtype),
    to.node("Reshape", [to.name(overPlaces), to.ints(...x.shape.slice(0, 2))]),
    to,
  );
  const others = axis.filter((i) => i < 2);
  reduce({ ...operation, inputs: [apart], params: { ...params, axis: others } }, to);
  return true;
};

const rules: { readonly [P in Primitive]?: BlockRule<P> } = {
  conv: convolution,
  conv_transpose: adjoint,
  window_reduce: pooled,
  window_repeat: repeated,
  reduce: reduced,
  ...Object.fromEntries(
    (
      [
        ...["add", "sub", "mul", "div", "min", "max", "neg", "reciprocal", "compare", "where", "cast"],
        ...["exp", "tanh", "log", "sqrt", "erf"],
      ] as Primitive[]
    ).map((primitive) => [primitive, elementwise]),
  ),
};
