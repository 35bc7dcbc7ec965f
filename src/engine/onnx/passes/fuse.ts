import { fill, fillOf, isFloat, sameShape, type Graph, type Operation, type Value } from "../graph.ts";
import { prune } from "./prune.ts";
import { rewrite, type Emit } from "./rewrite.ts";
import { usesOf } from "./uses.ts";

/**
 * Joins operations that ONNX does in one pass over the memory. There is no other fusion of elementwise work in onnxruntime, and
 * a pass over the weights costs as much as a tenth of a product of matrices.
 *
 * - `x + -y` becomes `x - y`, and `x c + x c` becomes `x (2 c)`;
 * - `m c + A B`, where c is a known number and nothing else needs the product, becomes one `Gemm` with `beta = c`: the momentum of
 *   a matrix of weights; and so do `x + A B`, a bias, and `A B - y`, an error.
 */
export function fuse(graph: Graph): Graph {
  const uses = usesOf(graph);
  const fused = rewrite(graph, (operation, emit, definition) => {
    if (operation.primitive !== "add") return undefined;
    const [a, b] = operation.inputs as [Value, Value];
    const only = (value: Value): Operation | undefined =>
      uses.get(value) === 1 ? definition(value) : undefined;
    const sum =
      doubled(operation, emit, uses, definition(a)) ??
      summed(operation, a, only(b), definition(a), emit) ??
      summed(operation, b, only(a), definition(b), emit) ??
      difference(operation, a, definition(b), emit) ??
      difference(operation, b, definition(a), emit);
    return sum && [sum];
  });
  return prune(fused);
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

function difference(
  { outputs }: Operation,
  from: Value,
  negative: Operation | undefined,
  emit: Emit,
): Value | undefined {
  if (negative?.primitive !== "neg" || negative.outputs[0]?.dtype !== outputs[0]?.dtype) return undefined;
  return emit("sub", [from, negative.inputs[0] as Value], {}, outputs[0] as Value);
}
