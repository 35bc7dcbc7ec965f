import type { DType } from "./value.ts";

/*
 * What primitives take besides arrays; those of jax-js's own primitives are called as there.
 */

/** Nothing: a name among them is an error of types. */
export type NoParams = { readonly [none]?: never };
declare const none: unique symbol;

/** A type: what `cast` and `bitcast` make. */
export type ToType = { readonly dtype: DType };

/** How two arrays are compared, and the type in which they meet, which jax-js leaves to its arrays. */
export type Comparison = {
  readonly op: "less" | "less_equal" | "equal" | "not_equal";
  readonly dtype: DType;
};

/** What many numbers become one by. */
export type Reduction = "Add" | "Mul" | "Min" | "Max";

/** Which axes become one number. */
export type AxisReduction = SomeAxes & { readonly op: Reduction };

/** Some axes. */
export type SomeAxes = { readonly axis: readonly number[] };

/** A single axis. */
export type OneAxis = { readonly axis: number };

/** A shape. */
export type Shaped = { readonly shape: readonly number[] };

/** What is before, and what is after. */
export type Pair = readonly [before: number, after: number];

/**
 * Which axes of the operands of a `contract` meet, and where they go: a product in Einstein's notation,
 * `out[l...] = Σ left[i...] right[j...]` over the labels that `out` lacks.
 *
 * Axes of one element have no label. A label is a number; equal labels have equal sizes.
 */
export type Contraction = {
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly out: readonly number[];
  /** What a third input is multiplied by before the product is added to it; default 1. */
  readonly scale?: number;
};

/** How a `conv` goes along each axis of its images. */
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

/** The gradient of a convolution by its filters, from its images [N, C, sizes...] and the gradient of its result [N, O, places...]. */
export type FilterGradient = {
  /** How far the convolution's windows lie apart. */
  readonly strides: readonly number[];
  readonly padding: readonly Pair[];
  /** The distance at which the elements of the filters lie. */
  readonly dilation: readonly number[];
};

/** Windows of images, and the steps between them, along each axis of places. */
export type Pooling = SideBySide & { readonly strides: readonly number[] };

/** Windows of images that lie side by side. */
export type SideBySide = { readonly window: readonly number[] };

/** The windows that lie side by side, and how each is reduced. */
export type WindowReduction = SideBySide & { readonly op: Reduction };

/** `axis`: which axes the indices are for; `outDim`: where the axes of the indices stand among those that are left. */
export type Indexing = {
  readonly axis: readonly number[];
  readonly outDim: number;
};
