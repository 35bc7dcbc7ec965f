import type { ClosedJaxpr } from "@jax-js/jax";

import type {
  SomeAxes,
  AxisReduction,
  Comparison,
  Contraction,
  Convolution,
  FilterGradient,
  Indexing,
  NoParams,
  OneAxis,
  Pair,
  Pooling,
  Shaped,
  SideBySide,
  ToType,
  TransposedConvolution,
  WindowReduction,
} from "./parameters.ts";
import type { Value } from "./value.ts";

/**
 * The compiler's own representation of a program: a list of operations in the order of execution, each value defined once.
 *
 * It is a jaxpr with three differences: nested `jit` is inlined, but for that of tanh, literals and captured arrays are values like any other, and
 * passes may put in operations that jax-js lacks, above all `contract`, which stands for all products of matrices. Passes (`passes/`) are functions from graph to graph.
 */
export interface Graph {
  readonly inputs: readonly Value[];
  readonly operations: readonly Operation[];
  readonly outputs: readonly Value[];
}

/** Everything that a jaxpr can contain, as jax-js itself lists it. */
export type JaxprPrimitive = `${ClosedJaxpr["jaxpr"]["eqns"][number]["primitive"]}`;

/** Everything that a {@link Graph} can contain: jax-js's primitives, its tanh, and those that passes make. */
export type Primitive =
  | Exclude<JaxprPrimitive, "jit">
  | "tanh"
  | "contract"
  | "conv_transpose"
  | "conv_filters"
  | "window_reduce"
  | "window_repeat"
  | "sub"
  | "div"
  | "scaled_sum"
  | "scatter_onto"
  | "after";

/** One step of the computation: of one primitive, or of any of several. Its primitive says what it takes. */
export type Operation<P extends Primitive = Primitive> = {
  [Name in P]: {
    readonly primitive: Name;
    readonly inputs: Signatures[Name]["inputs"];
    readonly params: Signatures[Name]["params"];
    readonly outputs: Signatures[Name]["outputs"];
  };
}[P];

/** What each primitive takes and gives: a primitive without an entry is an error of types. */
interface Signatures {
  readonly add: Takes<Two>;
  readonly sub: Takes<Two>;
  readonly mul: Takes<Two>;
  readonly div: Takes<Two>;
  /** x, y and a single number s. */
  readonly scaled_sum: Takes<Three>;
  readonly idiv: Takes<Two>;
  readonly mod: Takes<Two>;
  readonly min: Takes<Two>;
  readonly max: Takes<Two>;
  readonly bit_combine: Takes<Two, { readonly op: "and" | "or" | "xor" }>;
  readonly bit_shift: Takes<Two, { readonly op: "shl" | "shr" }>;
  readonly bit_count: Takes<One>;
  readonly neg: Takes<One>;
  readonly reciprocal: Takes<One>;
  readonly floor: Takes<One>;
  readonly ceil: Takes<One>;
  readonly stop_gradient: Takes<One>;
  /** A single number, and what it waits for. */
  readonly after: Takes<Some>;
  readonly cast: Takes<One, ToType>;
  readonly bitcast: Takes<One, ToType>;
  readonly sin: Takes<One>;
  readonly cos: Takes<One>;
  readonly asin: Takes<One>;
  readonly atan: Takes<One>;
  readonly exp: Takes<One>;
  readonly tanh: Takes<One>;
  readonly log: Takes<One>;
  readonly erf: Takes<One>;
  readonly erfc: Takes<One>;
  readonly sqrt: Takes<One>;
  readonly reduce: Takes<One, AxisReduction>;
  readonly dot: Takes<Two>;
  /** Two factors, and what is added to their product. */
  readonly contract: Takes<TwoOrThree, Contraction>;
  /** Images, filters, and a bias [O]. */
  readonly conv: Takes<TwoOrThree, Convolution>;
  readonly conv_transpose: Takes<Two, TransposedConvolution>;
  readonly conv_filters: Takes<Two, FilterGradient>;
  readonly pool: Takes<One, Pooling>;
  readonly pool_transpose: Takes<One, Pooling>;
  readonly window_reduce: Takes<One, WindowReduction>;
  readonly window_repeat: Takes<One, SideBySide>;
  readonly compare: Takes<Two, Comparison>;
  /** A condition, and what is taken where it holds and where not. */
  readonly where: Takes<Three>;
  readonly concatenate: Takes<Some, OneAxis>;
  readonly split: Takes<One, OneAxis & { readonly sizes: readonly number[] }, Some>;
  /** The two words of keys. */
  readonly random_bits: Takes<Two, { readonly mode: "xor" | 0 | 1 }>;
  /** An array, and indices into it. */
  readonly gather: Takes<Some, Indexing>;
  readonly transpose: Takes<One, { readonly perm: readonly number[] }>;
  readonly broadcast: Takes<One, SomeAxes & Shaped>;
  readonly reshape: Takes<One, Shaped>;
  readonly flip: Takes<One, SomeAxes>;
  readonly shrink: Takes<One, { readonly slice: readonly Pair[] }>;
  readonly pad: Takes<One, { readonly width: readonly Pair[] }>;
  readonly sort: Takes<One>;
  readonly argsort: Takes<One, NoParams, Two>;
  /** Updates, and the indices of their places. */
  readonly scatter: Takes<Some, Indexing & { readonly op: string }>;
  /** As `scatter`, and last what the updates are added to. */
  readonly scatter_onto: Takes<Some, Indexing>;
  readonly triangular_solve: Unsupported;
  readonly cholesky: Unsupported;
  readonly lu: Unsupported;
  readonly jacobi_eigh: Unsupported;
  readonly fft: Unsupported;
}

interface Takes<Inputs extends Some, Params = NoParams, Outputs extends Some = One> {
  readonly inputs: Inputs;
  readonly params: Params;
  readonly outputs: Outputs;
}

type One = readonly [Value];
type Two = readonly [Value, Value];
type Three = readonly [Value, Value, Value];
type TwoOrThree = Two | Three;
type Some = readonly [Value, ...Value[]];

/** A primitive that nothing looks into. */
type Unsupported = Takes<Some, Readonly<Record<string, unknown>>, Some>;

/** An operation's first result, for most the only one. */
export const resultOf = ({ outputs }: Pick<Operation, "outputs">): Value => outputs[0];

/** The same operation on other arrays, as many as before. */
export function withArrays<O extends Operation>(
  operation: O,
  inputs: readonly Value[],
  outputs: readonly Value[] = operation.outputs,
): O {
  if (inputs.length !== operation.inputs.length || outputs.length !== operation.outputs.length) {
    throw new Error(`internal: "${operation.primitive}" must keep as many arrays as it has`);
  }
  return { ...operation, inputs, outputs } as O; // the types of an operation's arrays say how many they are, and nothing else
}
