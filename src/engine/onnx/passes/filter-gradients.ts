import type { FilterGradient } from "../parameters.ts";
import { sizeOf } from "../../../util/host-array.ts";
import type { Graph, Operation } from "../graph.ts";
import { isFloat, type Value } from "../value.ts";
import { rewrite, type Definition, type Emit } from "./rewrite.ts";

/**
 * Turns the gradient of a convolution by its filters into `conv_filters`: [O, C, sizes...].
 *
 * jax-js writes it as a convolution of the images with the gradient of the result, channels and batch exchanged: a few places of a filter as
 * large as the maps. That is what onnxruntime is slowest at, and its arithmetic is one product of matrices. It is known by a result
 * with fewer places than its filters have, and by operands that both are transposes: a convolution of images smaller than its filters stays one. The exchanges of axes that this puts in meet those of the gradient, and `simplify` takes out both.
 */
export const filterGradients = (graph: Graph): Graph =>
  rewrite(graph, (operation, emit, definition) => {
    if (operation.primitive !== "conv" || !isFilterGradient(operation, definition)) return undefined;
    const { strides, padding, rhsDilation } = operation.params;
    const [images, filters] = operation.inputs;
    const [result] = operation.outputs;
    const params: FilterGradient = { strides: rhsDilation, padding, dilation: strides };
    const gradient = emit("conv_filters", [exchanged(images, emit), exchanged(filters, emit)], params, {
      dtype: result.dtype,
      shape: result.shape.with(0, result.shape[1] as number).with(1, result.shape[0] as number),
    });
    return [exchanged(gradient, emit)];
  });

function isFilterGradient({ params, inputs, outputs }: Operation<"conv">, definition: Definition): boolean {
  const { vmapDims, lhsDilation } = params;
  const [, filters] = inputs;
  const [{ shape, dtype }] = outputs;
  if (inputs.some((operand) => definition(operand)?.primitive !== "transpose")) return false;
  const plain = vmapDims === 0 && shape.length > 2 && lhsDilation.every((d) => d === 1);
  return plain && isFloat(dtype) && sizeOf(shape.slice(2)) < sizeOf(filters.shape.slice(2));
}

/** The first two axes exchanged. */
function exchanged(x: Value, emit: Emit): Value {
  const perm = [1, 0, ...[...x.shape.keys()].slice(2)];
  return emit(
    "transpose",
    [x],
    { perm },
    { dtype: x.dtype, shape: perm.map((axis) => x.shape[axis] as number) },
  );
}
