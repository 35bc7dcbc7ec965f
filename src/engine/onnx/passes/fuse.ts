import { sizeOf } from "../../../util/host-array.ts";
import type { Graph, Operation } from "../graph.ts";
import { fill, fillOf, isFloat, sameShape, type Value } from "../value.ts";
import { prune } from "./prune.ts";
import { rewrite, type Definition, type Emit } from "./rewrite.ts";
import { usesOf } from "./uses.ts";

/**
 * Joins operations that ONNX does in one pass over the memory. There is no other fusion of elementwise work in onnxruntime, and
 * a pass over the weights costs as much as a tenth of a product of matrices.
 *
 * - `x + -y` becomes `x - y`, and `x c + x c` becomes `x (2 c)`;
 * - `x (1 / y)` becomes `x / y`, where the quotient is as large as what it is of;
 * - `m c + A B`, where c is a known number and nothing else needs the product, becomes one `Gemm` with `beta = c`: the momentum of
 *   a matrix of weights; and so do `x + A B`, a bias, and `A B - y`, an error;
 * - a number for each channel that is added to the images of a convolution becomes its third input.
 */
export function fuse(graph: Graph): Graph {
  const uses = usesOf(graph);
  const fused = rewrite(graph, (operation, emit, definition) => {
    const only = (value: Value): Operation | undefined =>
      uses.get(value) === 1 ? definition(value) : undefined;
    if (operation.primitive === "mul") {
      const [a, b] = operation.inputs;
      const ratio = quotient(operation, a, only(b), emit) ?? quotient(operation, b, only(a), emit);
      return ratio && [ratio];
    }
    if (operation.primitive === "sub") {
      const moved = scaledDifference(operation, only(operation.inputs[1]), emit);
      return moved && [moved];
    }
    if (operation.primitive !== "add") return undefined;
    const [a, b] = operation.inputs;
    const sum =
      doubled(operation, emit, uses, definition(a)) ??
      summed(operation, a, only(b), definition(a), emit) ??
      summed(operation, b, only(a), definition(b), emit) ??
      biased(operation, a, only(b), emit, definition) ??
      biased(operation, b, only(a), emit, definition) ??
      difference(operation, a, definition(b), emit) ??
      difference(operation, b, definition(a), emit);
    return sum && [sum];
  });
  return prune(fused);
}

/** `x (1 / y)`. */
function quotient(
  { outputs }: Operation,
  x: Value,
  inverse: Operation | undefined,
  emit: Emit,
): Value | undefined {
  const [result] = outputs;
  if (inverse?.primitive !== "reciprocal" || !isFloat(result.dtype)) return undefined;
  const [y] = inverse.inputs;
  const fits = [x, y].every(({ shape, dtype }) => dtype === result.dtype && sameShape(shape, result.shape));
  return fits ? emit("div", [x, y], {}, result) : undefined;
}

/** `bias + convolution`, where the bias is a number for each channel of the images [N, C, sizes...]. */
function biased(
  { outputs }: Operation,
  addend: Value,
  convolution: Operation | undefined,
  emit: Emit,
  definition: Definition,
): Value | undefined {
  const [result] = outputs;
  if (convolution?.primitive !== "conv") return undefined;
  const [images, filters, biasBefore] = convolution.inputs;
  if (biasBefore) return undefined;
  const bias = channelsOf(addend, result.shape, definition);
  const [maps] = convolution.outputs;
  const plain = convolution.params.vmapDims === 0 && sameShape(maps.shape, result.shape);
  const all = [images, filters, maps, bias, result];
  if (!bias || !plain || all.some((value) => value?.dtype !== "float32")) return undefined;
  return emit("conv", [images, filters, bias], convolution.params, result);
}

/** The vector that an addend to images is made of: [C], reshaped to [C, 1...] or [1, C, 1...], or repeated for all examples before. */
function channelsOf(
  addend: Value,
  [, channels = 0, ...sizes]: readonly number[],
  definition: Definition,
): Value | undefined {
  const by = definition(addend);
  if (by?.primitive !== "reshape") return undefined;
  const [n = 1, , ...places] = addend.shape.length === sizes.length + 1 ? [1, ...addend.shape] : addend.shape;
  if (places.length !== sizes.length || places.some((size) => size !== 1)) return undefined;
  const [source] = by.inputs;
  if (n === 1) return sameShape(source.shape, [channels]) ? source : undefined;
  const repeated = definition(source);
  const rows = repeated?.primitive === "broadcast" && sameShape(repeated.params.axis, [0]);
  const [row] = repeated?.inputs ?? [];
  return rows && row && sameShape(row.shape, [channels]) && sameShape(source.shape, [n, channels])
    ? row
    : undefined;
}

/** `x c + x c`, as in the gradient of a mean of squares. */
function doubled(
  { inputs: [a, b], outputs }: Operation<"add">,
  emit: Emit,
  uses: ReadonlyMap<Value, number>,
  by: Operation | undefined,
): Value | undefined {
  const [result] = outputs;
  if (a !== b || !isFloat(result.dtype) || uses.get(a) !== 2) return undefined;
  const [x, factor] = scaledBy(a, by);
  if (factor === 1) return undefined;
  return emit("mul", [x, fill(2 * factor, [], result.dtype)], {}, result);
}

/** `addend + product`. */
function summed(
  { outputs }: Operation,
  addend: Value,
  product: Operation | undefined,
  addendBy: Operation | undefined,
  emit: Emit,
): Value | undefined {
  const [result] = outputs;
  if (product?.primitive !== "contract") return undefined;
  const [left, right, addendBefore] = product.inputs;
  if (addendBefore) return undefined;
  if (!isFloat(result.dtype) || addend.dtype !== result.dtype) return undefined;
  if (!sameShape(product.outputs[0].shape, result.shape)) return undefined;
  const [source, scale] = scaledBy(addend, addendBy);
  return emit("contract", [left, right, source], { ...product.params, scale }, result);
}

/** A value as another times a known number. */
function scaledBy(value: Value, by: Operation | undefined): [Value, number] {
  if (by?.primitive === "neg") return [by.inputs[0], -1];
  if (by?.primitive !== "mul") return [value, 1];
  const [a, b] = by.inputs;
  const [x, factor] = fillOf(a) === undefined ? [a, fillOf(b)] : [b, fillOf(a)];
  const exact = factor !== undefined && (value.dtype === "float32" || Math.fround(factor) === factor); // beta is a float
  return exact && sameShape(x.shape, value.shape) && x.dtype === value.dtype ? [x, factor] : [value, 1];
}

/** `x - s y` for a single number s: weights after a step of gradient descent. */
function scaledDifference(
  { inputs: [x], outputs }: Operation<"sub">,
  scaled: Operation | undefined,
  emit: Emit,
): Value | undefined {
  const [result] = outputs;
  if (scaled?.primitive !== "mul" || result.dtype !== "float32" || sizeOf(result.shape) < LARGE)
    return undefined;
  const [a, b] = scaled.inputs;
  const [y, s] = sizeOf(b.shape) === 1 ? [a, b] : [b, a];
  const fits = [x, y].every(({ shape }) => sameShape(shape, result.shape));
  if (!fits || [x, y, s].some(({ dtype }) => dtype !== "float32") || fillOf(s) !== undefined)
    return undefined;
  if (sizeOf(s.shape) !== 1) return undefined;
  return emit("scaled_sum", [x, y, emit("neg", [s], {}, s)], {}, result);
}

/** Elements from which on a pass over them costs more than the operations around it. */
const LARGE = 2 ** 18;

function difference(
  { outputs }: Operation,
  from: Value,
  negative: Operation | undefined,
  emit: Emit,
): Value | undefined {
  const [result] = outputs;
  if (negative?.primitive !== "neg" || negative.outputs[0].dtype !== result.dtype) return undefined;
  return emit("sub", [from, negative.inputs[0]], {}, result);
}
