import { sizeOf } from "../../../util/host-array.ts";
import { fill, fillOf, isFloat, sameShape, type Graph, type Operation, type Value } from "../graph.ts";
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
    const [a, b] = operation.inputs as [Value, Value];
    const only = (value: Value): Operation | undefined =>
      uses.get(value) === 1 ? definition(value) : undefined;
    if (operation.primitive === "mul") {
      const ratio = quotient(operation, a, only(b), emit) ?? quotient(operation, b, only(a), emit);
      return ratio && [ratio];
    }
    if (operation.primitive === "sub") {
      const moved = scaledDifference(operation, only(b), emit);
      return moved && [moved];
    }
    if (operation.primitive !== "add") return undefined;
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
  const result = outputs[0] as Value;
  if (inverse?.primitive !== "reciprocal" || !isFloat(result.dtype)) return undefined;
  const [y] = inverse.inputs as [Value];
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
  const result = outputs[0] as Value;
  if (convolution?.primitive !== "conv" || convolution.inputs.length !== 2) return undefined;
  const bias = channelsOf(addend, result.shape, definition);
  const [images] = convolution.outputs as [Value];
  const plain = convolution.params.vmapDims === 0 && sameShape(images.shape, result.shape);
  const all = [...convolution.inputs, images, bias, result];
  if (!bias || !plain || all.some((value) => value?.dtype !== "float32")) return undefined;
  return emit("conv", [...convolution.inputs, bias], convolution.params, result);
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
  const [source] = by.inputs as [Value];
  if (n === 1) return sameShape(source.shape, [channels]) ? source : undefined;
  const repeated = definition(source);
  const rows = repeated?.primitive === "broadcast" && sameShape(repeated.params.axis as number[], [0]);
  const [row] = repeated?.inputs ?? [];
  return rows && row && sameShape(row.shape, [channels]) && sameShape(source.shape, [n, channels])
    ? row
    : undefined;
}

/** `x c + x c`, as in the gradient of a mean of squares. */
function doubled(
  { inputs: [a, b], outputs }: Operation,
  emit: Emit,
  uses: ReadonlyMap<Value, number>,
  by: Operation | undefined,
): Value | undefined {
  const result = outputs[0] as Value;
  if (a !== b || !isFloat(result.dtype) || uses.get(a as Value) !== 2) return undefined;
  const [x, factor] = scaledBy(a as Value, by);
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
  const result = outputs[0] as Value;
  if (product?.primitive !== "contract" || product.inputs.length !== 2) return undefined;
  if (!isFloat(result.dtype) || addend.dtype !== result.dtype) return undefined;
  if (!sameShape((product.outputs[0] as Value).shape, result.shape)) return undefined;
  const [source, scale] = scaledBy(addend, addendBy);
  return emit("contract", [...product.inputs, source], { ...product.params, scale }, result);
}

/** A value as another times a known number. */
function scaledBy(value: Value, by: Operation | undefined): [Value, number] {
  if (by?.primitive === "neg") return [by.inputs[0] as Value, -1];
  if (by?.primitive !== "mul") return [value, 1];
  const [a, b] = by.inputs as [Value, Value];
  const [x, factor] = fillOf(a) === undefined ? [a, fillOf(b)] : [b, fillOf(a)];
  const exact = factor !== undefined && (value.dtype === "float32" || Math.fround(factor) === factor); // beta is a float
  return exact && sameShape(x.shape, value.shape) && x.dtype === value.dtype ? [x, factor] : [value, 1];
}

/** `x - s y` for a single number s: weights after a step of gradient descent. */
function scaledDifference(
  { inputs: [x], outputs }: Operation,
  scaled: Operation | undefined,
  emit: Emit,
): Value | undefined {
  const [result] = outputs as [Value];
  if (scaled?.primitive !== "mul" || result.dtype !== "float32" || sizeOf(result.shape) < LARGE)
    return undefined;
  const [y, s] = sizeOf((scaled.inputs[1] as Value).shape) === 1 ? scaled.inputs : scaled.inputs.toReversed();
  const fits = [x, y].every((value) => value && sameShape(value.shape, result.shape));
  if (!fits || [x, y, s].some((value) => value?.dtype !== "float32") || fillOf(s as Value) !== undefined)
    return undefined;
  if (sizeOf((s as Value).shape) !== 1) return undefined;
  return emit("scaled_sum", [x as Value, y as Value, emit("neg", [s as Value], {}, s as Value)], {}, result);
}

/** Elements from which on a pass over them costs more than the operations around it. */
const LARGE = 2 ** 18;

function difference(
  { outputs }: Operation,
  from: Value,
  negative: Operation | undefined,
  emit: Emit,
): Value | undefined {
  if (negative?.primitive !== "neg" || negative.outputs[0]?.dtype !== outputs[0]?.dtype) return undefined;
  return emit("sub", [from, negative.inputs[0] as Value], {}, outputs[0] as Value);
}
