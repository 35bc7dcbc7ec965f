import { type Primitive, resultOf } from "../graph.ts";
import { after } from "./after.ts";
import { asin, atan } from "./angles.ts";
import { bitCombine, bitcast, bitCount, bitShift } from "./bits.ts";
import { contraction, dot } from "./contraction.ts";
import { cast } from "./conversion.ts";
import { convolution, transposedConvolution } from "./convolution.ts";
import { remainder, wholeQuotient } from "./division.ts";
import { elementwise, maximum } from "./elementwise.ts";
import { erf, erfc } from "./error-function.ts";
import { filterGradient } from "./filter-gradient.ts";
import { gather, scatter, scatterOnto } from "./indexing.ts";
import type { Lowering } from "./lowering.ts";
import { broadcast, concatenate, flip, pad, reshape, shrink, split, transpose } from "./movement.ts";
import { pool, poolTranspose, windowReduce, windowRepeat } from "./pooling.ts";
import { randomBits } from "./random-bits.ts";
import { scaledSum } from "./scaled-sum.ts";
import { compare, reduce, where } from "./selection.ts";
import { argsort, sort } from "./sorting.ts";
import { unsupported } from "./unsupported.ts";

/** How every primitive becomes ONNX: a primitive without an entry is an error of types. */
export const lowerings: { readonly [P in Primitive]: Lowering<P> } = {
  add: elementwise("Add", { bool: "int32", float16: "float32" }),
  sub: elementwise("Sub", { bool: "int32", float16: "float32" }),
  mul: elementwise("Mul", { bool: "int32", float16: "float32" }),
  div: elementwise("Div", { float16: "float32" }),
  scaled_sum: scaledSum,
  idiv: wholeQuotient,
  mod: remainder,
  min: elementwise("Min", { bool: "int32", float16: "float32" }),
  max: maximum,
  bit_combine: bitCombine,
  bit_shift: bitShift,
  bit_count: bitCount,
  neg: elementwise("Neg", { uint32: "int32", bool: "int32", float16: "float32" }),
  reciprocal: elementwise("Reciprocal", { float16: "float32" }),
  floor: elementwise("Floor", { float16: "float32" }),
  ceil: elementwise("Ceil", { float16: "float32" }),
  stop_gradient: (operation, to) => to.alias(resultOf(operation), to.name(operation.inputs[0])),
  after,
  cast,
  bitcast,
  sin: elementwise("Sin", { float16: "float32" }),
  cos: elementwise("Cos", { float16: "float32" }),
  asin,
  atan,
  exp: elementwise("Exp", { float16: "float32" }),
  tanh: elementwise("Tanh", { float16: "float32" }),
  log: elementwise("Log", { float16: "float32" }),
  erf,
  erfc,
  sqrt: elementwise("Sqrt", { float16: "float32" }),
  reduce,
  dot,
  contract: contraction,
  conv: convolution,
  conv_transpose: transposedConvolution,
  conv_filters: filterGradient,
  pool,
  pool_transpose: poolTranspose,
  window_reduce: windowReduce,
  window_repeat: windowRepeat,
  compare,
  where,
  concatenate,
  split,
  random_bits: randomBits,
  gather,
  transpose,
  broadcast,
  reshape,
  flip,
  shrink,
  pad,
  sort,
  argsort,
  scatter,
  scatter_onto: scatterOnto,
  triangular_solve: unsupported(
    "each unknown depends on the ones before it, and ONNX has no operator for that",
  ),
  cholesky: unsupported("each column depends on the ones before it, and ONNX has no operator for that"),
  lu: unsupported("each pivot depends on the ones before it, and ONNX has no operator for that"),
  jacobi_eigh: unsupported(
    "the number of its rotations depends on the data, and ONNX has no operator for that",
  ),
  fft: unsupported(
    "onnxruntime has it only for powers of two and interleaved complex numbers, and no model here needs it",
  ),
};
