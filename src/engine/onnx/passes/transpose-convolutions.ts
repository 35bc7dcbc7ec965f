import type { Pair, TransposedConvolution } from "../parameters.ts";
import type { Graph, Operation } from "../graph.ts";
import { isFloat } from "../value.ts";
import { rewrite, type Emit } from "./rewrite.ts";

/**
 * Turns the gradient of a convolution by its images into `conv_transpose`. It is known by dilated images, where the convolution has
 * strides, and by reflected filters. With strides it does not multiply with the zeros between the images' elements, and in any case it takes the filters
 * as they are: the reflections and exchanges of axes that this puts in meet those of the gradient, and `simplify` takes out both.
 */
export const transposeConvolutions = (graph: Graph): Graph =>
  rewrite(graph, (operation, emit, definition) => {
    if (operation.primitive !== "conv") return undefined;
    const reflected = definition(operation.inputs[1])?.primitive === "flip";
    const transposed = transposedOf(operation, reflected);
    return (
      transposed && [
        emit("conv_transpose", withAdjointFilters(operation, emit), transposed, operation.outputs[0]),
      ]
    );
  });

/**
 * ONNX's operator appends all but one of the filter's elements d (k - 1) to both ends and then cuts, where jax-js pads by less;
 * it cannot cut what is negative, nor append as much as a stride.
 */
function transposedOf(
  { inputs, params, outputs }: Operation<"conv">,
  reflected: boolean,
): TransposedConvolution | undefined {
  const { vmapDims, strides, padding, lhsDilation, rhsDilation } = params;
  const [, filters] = inputs;
  const { dtype } = outputs[0];
  if ((!reflected && lhsDilation.every((d) => d === 1)) || strides.some((stride) => stride !== 1))
    return undefined;
  if (!isFloat(dtype) || dtype === "float64") return undefined; // for which onnxruntime has no such operator
  const sizes = filters.shape.slice(vmapDims + 2);
  const reach = sizes.map((k, i) => (rhsDilation[i] as number) * (k - 1));
  const left = padding.map(([before, after], i): Pair => [
    (reach[i] as number) - before,
    (reach[i] as number) - after,
  ]);
  const appended = left.map(([, after]) => Math.max(0, -after));
  const possible = left.every(
    ([before], i) => before >= 0 && (appended[i] as number) < (lhsDilation[i] as number),
  );
  if (!possible) return undefined;
  const cut = left.map(([before, after]): Pair => [before, Math.max(0, after)]);
  return { vmapDims, strides: lhsDilation, dilations: rhsDilation, cut, appended };
}

/** The operands, with the filters [batch..., O, C, sizes...] reflected and their channels exchanged. */
function withAdjointFilters(
  { inputs, params }: Operation<"conv">,
  emit: Emit,
): Operation<"conv_transpose">["inputs"] {
  const { vmapDims: v } = params;
  const [images, filters] = inputs;
  const axes = [...filters.shape.keys()];
  const reflected = emit("flip", [filters], { axis: axes.slice(v + 2) }, filters);
  const perm = [...axes.slice(0, v), v + 1, v, ...axes.slice(v + 2)];
  const shape = perm.map((axis) => filters.shape[axis] as number);
  return [images, emit("transpose", [reflected], { perm }, { shape, dtype: filters.dtype })];
}
