import type { Pair } from "../parameters.ts";
import { sizeOf } from "../../../util/host-array.ts";
import { type Graph, type Operation, type Primitive, withArrays } from "../graph.ts";
import { fill, fillOf, sameShape, type Value } from "../value.ts";
import { prune } from "./prune.ts";
import { rewrite, type Definition, type Emit, type Rule } from "./rewrite.ts";

/**
 * Works on windows where they lie.
 *
 * jax-js pools by cutting the images [lead..., H, W] into windows [lead..., h, w, k, k], and reduces these; the gradient compares the
 * windows with their maxima and puts them together again. To cut and to join touches single elements, which takes ten times as long
 * as the arithmetic. Windows that lie side by side (`window` = `strides`) need neither: what is elementwise on them is elementwise on
 * the images, a reduction over their axes is a `window_reduce` of the images, and what is repeated along their axes is a
 * `window_repeat`. Maxima, means, and their first and further derivatives all are made of these.
 *
 * Windows that overlap or leave gaps stay as they are.
 */
export function flattenWindows(graph: Graph): Graph {
  const flat = new Map<Value, Flat>();
  const flattened = rewrite(graph, (operation, emit, definition) => {
    const rule: WindowRule | undefined = rules[operation.primitive];
    return rule?.(operation, emit, definition, flat);
  });
  return prune(flattened);
}

/** Windows, as images of which they are the pieces. */
interface Flat {
  readonly images: Value;
  readonly window: readonly number[];
}

type WindowRule<P extends Primitive = Primitive> = {
  rule(operation: Operation<P>, emit: Emit, definition: Definition, flat: Map<Value, Flat>): ReturnType<Rule>;
}["rule"]; // as Lowering

/** The windows themselves stay in the graph as well, for what has no rule; where nothing needs them, they are pruned. */
const elementwise: WindowRule<Elementwise> = (operation, emit, definition, flat) => {
  const { primitive, inputs, params, outputs } = operation;
  const [result] = outputs;
  const example = inputs.find((input) => flat.has(input) && sameShape(input.shape, result.shape));
  if (!example) return undefined;
  const { images, window } = flat.get(example) as Flat;
  const operands = inputs.map((input) => imagesOf(input, result.shape, window, emit, definition, flat));
  if (operands.every((operand) => operand !== undefined)) {
    const like = { shape: images.shape, dtype: result.dtype };
    const whole = withArrays(operation, operands);
    const chosen = whole.primitive === "where" ? masked(whole.inputs, like, emit, definition) : undefined;
    flat.set(result, { images: chosen ?? emit(primitive, whole.inputs, params, like), window });
  }
  return undefined;
};

/**
 * A gradient that goes to some elements of each window, as a product with a mask of zeros and ones. onnxruntime's `Where` makes three
 * passes. It differs where the gradient of a window is not finite, in that window alone.
 */
function masked(
  [condition, yes, no]: Operation<"where">["inputs"],
  like: Pick<Value, "shape" | "dtype">,
  emit: Emit,
  definition: Definition,
): Value | undefined {
  const spread = definition(no)?.primitive === "window_repeat";
  if (!spread || fillOf(yes) !== 0 || like.dtype !== "float32") return undefined;
  const [zero, one] = [fill(0, [], like.dtype), fill(1, [], like.dtype)];
  return emit("mul", [emit("where", [condition, zero, one], {}, like), no], {}, like);
}

/** Primitives that work element by element. */
const elementwisePrimitives = [
  ...(["add", "sub", "mul", "min", "max", "compare", "where", "neg", "reciprocal", "cast"] as const),
  ...(["exp", "tanh", "log", "sqrt", "sin", "cos", "erf", "floor", "ceil"] as const),
];
type Elementwise = (typeof elementwisePrimitives)[number];

const rules: { readonly [P in Primitive]?: WindowRule<P> } = {
  pool({ inputs: [x], params, outputs }, emit, _, flat) {
    const { window, strides } = params;
    if (!sameShape(window, strides)) return undefined;
    const [images, windows] = [x, outputs[0]];
    const shape = imageShape(windows.shape, window);
    const slice = shape.map((size): Pair => [0, size]);
    const whole = sameShape(shape, images.shape);
    flat.set(windows, {
      images: whole ? images : emit("shrink", [images], { slice }, { shape, dtype: images.dtype }),
      window,
    });
    return undefined;
  },
  pool_transpose({ inputs: [x], params, outputs }, emit, definition, flat) {
    const { window, strides } = params;
    if (!sameShape(window, strides)) return undefined;
    const [windows, result] = [x, outputs[0]];
    const images = imagesOf(windows, windows.shape, window, emit, definition, flat);
    if (!images || images.shape.length === 0) return undefined;
    const width = result.shape.map((size, axis): Pair => [0, size - (images.shape[axis] as number)]);
    return [sameShape(images.shape, result.shape) ? images : emit("pad", [images], { width }, result)];
  },
  reduce({ inputs: [x], params, outputs }, emit, _, flat) {
    const { op, axis } = params;
    const windows = flat.get(x);
    if (!windows || !sameShape(axis, windowAxes(x, windows.window))) return undefined;
    return [emit("window_reduce", [windows.images], { op, window: windows.window }, outputs[0])];
  },
  ...Object.fromEntries(elementwisePrimitives.map((primitive) => [primitive, elementwise])),
};

/** [lead..., counts..., window...] to [lead..., counts window...] */
function imageShape(windows: readonly number[], window: readonly number[]): number[] {
  const lead = windows.length - 2 * window.length;
  const sides = window.map((size, i) => (windows[lead + i] as number) * size);
  return [...windows.slice(0, lead), ...sides];
}

const windowAxes = ({ shape }: Value, window: readonly number[]): number[] =>
  window.map((_, i) => shape.length - window.length + i);

/** An operand among windows of a shape, as one among images: what is the same in all of them may stay as it is. */
function imagesOf(
  x: Value,
  windows: readonly number[],
  window: readonly number[],
  emit: Emit,
  definition: Definition,
  flat: ReadonlyMap<Value, Flat>,
): Value | undefined {
  const known = flat.get(x);
  if (known && sameShape(x.shape, windows)) return sameShape(known.window, window) ? known.images : undefined;
  if (sizeOf(x.shape) === 1 && x.shape.length === 0) return x;
  if (!sameShape(x.shape, windows)) return undefined;
  const shape = imageShape(windows, window);
  if (fillOf(x) !== undefined) return { ...x, shape };
  const from = definition(x);
  const repeated = from?.primitive === "broadcast" && sameShape(from.params.axis, windowAxes(x, window));
  return repeated ? emit("window_repeat", from.inputs, { window }, { shape, dtype: x.dtype }) : undefined;
}
