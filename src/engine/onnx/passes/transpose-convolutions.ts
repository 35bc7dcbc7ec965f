import { isFloat, type Graph, type Operation, type Value } from "../graph.ts";
import { rewrite, type Emit } from "./rewrite.ts";

/** How a `conv` goes along each axis of its images. jax-js's own parameters. */
export type Convolution = {
  /** How many leading axes number convolutions, each with images and filters of its own. */
  readonly vmapDims: number;
  readonly strides: readonly number[];
  /** Zeros before and after; a negative number takes elements away. */
  readonly padding: readonly Pair[];
  /** The distance at which the elements of the images lie, with zeros between them. */
  readonly lhsDilation: readonly number[];
  /** The distance at which the elements of the filters lie. */
  readonly rhsDilation: readonly number[];
};

/** What is before, and what is after. */
export type Pair = readonly [before: number, after: number];

/** The adjoint of a convolution with strides, by images [batch..., N, C, sizes...] and filters [batch..., C, O, sizes...]. */
export type TransposedConvolution = {
  readonly vmapDims: number;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** How much is cut off the result. */
  readonly cut: readonly Pair[];
  /** How many elements the result has more at its end, of those that no window of the convolution reached. */
  readonly appended: readonly number[];
};

/**
 * Turns the gradient of a convolution by its images into `conv_transpose`. It is known by dilated images, where the convolution has
 * strides, and by reflected filters. With strides it does not multiply with the zeros between the images' elements, and in any case it takes the filters
 * as they are: the reflections and exchanges of axes that this puts in meet those of the gradient, and `simplify` takes out both.
 */
export const transposeConvolutions = (graph: Graph): Graph =>
  rewrite(graph, (operation, emit, definition) => {
    if (operation.primitive !== "conv") return undefined;
    const reflected = definition(operation.inputs[1] as Value)?.primitive === "flip";
    const transposed = transposedOf(operation, reflected);
    return (
      transposed && [
        emit(
          "conv_transpose",
          withAdjointFilters(operation, emit),
          { ...transposed },
          operation.outputs[0] as Value,
        ),
      ]
    );
  });

/**
 * ONNX's operator appends all but one of the filter's elements d (k - 1) to both ends and then cuts, where jax-js pads by less;
 * it cannot cut what is negative, nor append as much as a stride.
 */
function transposedOf(
  { inputs, params, outputs }: Operation,
  reflected: boolean,
): TransposedConvolution | undefined {
  const { vmapDims, strides, padding, lhsDilation, rhsDilation } = params as Convolution;
  const [, filters] = inputs as [Value, Value];
  const { dtype } = outputs[0] as Value;
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
function withAdjointFilters({ inputs, params }: Operation, emit: Emit): readonly Value[] {
  const { vmapDims: v } = params as Convolution;
  const [images, filters] = inputs as [Value, Value];
  const axes = [...filters.shape.keys()];
  const reflected = emit("flip", [filters], { axis: axes.slice(v + 2) }, filters);
  const perm = [...axes.slice(0, v), v + 1, v, ...axes.slice(v + 2)];
  const shape = perm.map((axis) => filters.shape[axis] as number);
  return [images, emit("transpose", [reflected], { perm }, { shape, dtype: filters.dtype })];
}
