import type { Reduction, Comparison } from "../parameters.ts";
import { sizeOf } from "../../../util/host-array.ts";
import { type Graph, type Operation, type Primitive, resultOf } from "../graph.ts";
import { converted, fill, fillOf, isFloat, sameShape, type Value } from "../value.ts";
import { rewrite, type Definition, type Emit } from "./rewrite.ts";

/**
 * Works out at compile time what does not depend on the inputs, and takes out what changes nothing.
 *
 * Above all it follows zeros: jax-js's forward mode makes dense zero tangents, and with `x 0 = 0`, `x + 0 = x` whole products of
 * matrices fall away. (`x 0 = 0` is taken to hold for a *known* zero even where x may not be finite: no tangent is no tangent.)
 * Arithmetic on known numbers is done as jax-js does it, in double precision and rounded to the type.
 */
export const simplify = (graph: Graph): Graph =>
  rewrite(graph, (operation, emit, definition) => {
    const rule: Simplification | undefined = rules[operation.primitive];
    const result = rule?.(operation, resultOf(operation), emit, definition);
    return result && [result];
  });

type Simplification<P extends Primitive = Primitive> = {
  rule(operation: Operation<P>, result: Value, emit: Emit, definition: Definition): Value | undefined;
}["rule"]; // as Lowering

/** Rules by primitive; one that is missing has nothing to simplify. */
const rules: { readonly [P in Primitive]?: Simplification<P> } = {
  add: (operation, result, emit, definition) => {
    const [a, b] = operation.inputs;
    if (areOpposite(a, b, definition)) return like(result, 0);
    if (fillOf(a) === 0) return as(b, result, emit);
    if (fillOf(b) === 0) return as(a, result, emit);
    return folded(operation, (x, y) => x + y);
  },
  mul: (operation, result, emit) => {
    const [a, b] = operation.inputs;
    if (fillOf(a) === 0 || fillOf(b) === 0) return like(result, 0);
    if (fillOf(a) === 1) return as(b, result, emit);
    if (fillOf(b) === 1) return as(a, result, emit);
    if (result.dtype === "int32" || result.dtype === "uint32") return folded(operation, Math.imul);
    return folded(operation, (x, y) => x * y);
  },
  max: (operation, result, emit) => sameTwice(operation, result, emit) ?? folded(operation, Math.max),
  min: (operation, result, emit) => sameTwice(operation, result, emit) ?? folded(operation, Math.min),
  neg: (operation, _, __, definition) =>
    undone("neg", operation, definition) ?? folded(operation, (x) => 0 - x),
  reciprocal: (operation) => folded(operation, (x) => 1 / x),
  floor: (operation) => folded(operation, Math.floor),
  ceil: (operation) => folded(operation, Math.ceil),
  sin: (operation) => folded(operation, Math.sin),
  cos: (operation) => folded(operation, Math.cos),
  asin: (operation) => folded(operation, Math.asin),
  atan: (operation) => folded(operation, Math.atan),
  exp: (operation) => folded(operation, Math.exp),
  tanh: (operation) => folded(operation, Math.tanh),
  log: (operation) => folded(operation, Math.log),
  sqrt: (operation) => folded(operation, Math.sqrt),
  stop_gradient: ({ inputs: [x] }) => x,
  cast: ({ inputs }, result) => {
    const [x] = inputs;
    const { dtype } = result;
    const number = fillOf(x);
    if (x.dtype === dtype) return x;
    return number === undefined ? undefined : like(result, converted(number, x.dtype, dtype));
  },
  bitcast: ({ inputs: [x] }, { dtype }) => (x.dtype === dtype ? x : undefined),
  compare: (operation) => {
    const { op, dtype } = operation.params;
    return folded(operation, comparisons[op], dtype);
  },
  where: ({ inputs }, result, emit) => {
    const [condition, yes, no] = inputs;
    const known = fillOf(condition);
    if (known !== undefined) return as(known ? yes : no, result, emit);
    if (yes === no) return as(yes, result, emit);
    const [a, b] = [fillOf(yes), fillOf(no)];
    return a !== undefined && Object.is(a, b) ? like(result, a) : undefined;
  },
  reduce: ({ inputs, params }, result) => {
    const [x] = inputs;
    const number = fillOf(x);
    if (number === undefined) return undefined;
    const count = sizeOf(x.shape) / sizeOf(result.shape);
    return like(result, reductions[params.op](number, count));
  },
  dot: zeroIfEitherIs,
  contract: zeroIfEitherIs,
  conv: zeroIfEitherIs,
  conv_transpose: zeroIfEitherIs,
  conv_filters: zeroIfEitherIs,
  pool_transpose: ({ inputs: [x] }, result) => (fillOf(x) === 0 ? like(result, 0) : undefined),
  gather: moved,
  flip: (operation, result, _, definition) => {
    const before = definition(operation.inputs[0]);
    return before?.primitive === "flip" && sameShape(before.params.axis, operation.params.axis)
      ? before.inputs[0]
      : moved(operation, result);
  },
  shrink: (operation, result) =>
    moved(operation, result) ?? (unchanged(operation, result) ? operation.inputs[0] : undefined),
  pad: (operation, result) => {
    const [x] = operation.inputs;
    if (fillOf(x) === 0) return like(result, 0);
    return unchanged(operation, result) ? x : undefined;
  },
  reshape: (operation, result, emit, definition) => {
    const [x] = operation.inputs;
    const before = definition(x);
    if (unchanged(operation, result)) return x;
    if (before?.primitive === "reshape") return emit("reshape", before.inputs, operation.params, result);
    return moved(operation, result);
  },
  broadcast: (operation, result) =>
    moved(operation, result) ?? (unchanged(operation, result) ? operation.inputs[0] : undefined),
  transpose: (operation, result, emit, definition) => {
    const [x] = operation.inputs;
    const { perm } = operation.params;
    const before = definition(x);
    if (perm.every((from, axis) => from === axis)) return x;
    if (before?.primitive === "transpose") {
      const first = before.params.perm;
      return emit("transpose", before.inputs, { perm: perm.map((axis) => first[axis] as number) }, result);
    }
    if (keepsOrder(perm, x.shape)) return emit("reshape", [x], { shape: result.shape }, result);
    return moved(operation, result);
  },
};

const comparisons = {
  less: (x: number, y: number) => Number(x < y),
  equal: (x: number, y: number) => Number(x === y),
  not_equal: (x: number, y: number) => Number(x !== y),
  less_equal: (x: number, y: number) => Number(x <= y),
} satisfies Record<Comparison["op"], (x: number, y: number) => number>;

const reductions: Readonly<Record<Reduction, (x: number, count: number) => number>> = {
  Add: (x, count) => x * count,
  Mul: (x, count) => x ** count,
  Min: (x) => x,
  Max: (x) => x,
};

/** One number in the shape and type of a result. */
const like = ({ shape, dtype }: Value, number: number): Value => fill(number, shape, dtype);

/** A value in the shape and type of a result. */
function as(x: Value, { shape, dtype }: Value, emit: Emit): Value {
  const typed = x.dtype === dtype ? x : emit("cast", [x], { dtype }, { shape: x.shape, dtype });
  if (sameShape(typed.shape, shape)) return typed;
  if (sizeOf(typed.shape) === sizeOf(shape)) return emit("reshape", [typed], { shape }, { shape, dtype });
  const lead = shape.length - typed.shape.length;
  return emit("broadcast", [typed], { shape, axis: [...Array(lead).keys()] }, { shape, dtype });
}

/** An elementwise operation on known numbers, which meet in a type first. Integers wrap around, as their type does. */
function folded(
  { inputs, outputs }: Operation,
  f: (...numbers: number[]) => number,
  dtype = outputs[0].dtype,
): Value | undefined {
  const numbers = inputs.map((input) => {
    const number = fillOf(input);
    return number === undefined ? undefined : converted(number, input.dtype, dtype);
  });
  if (numbers.some((number) => number === undefined)) return undefined;
  return like(outputs[0], f(...(numbers as number[])));
}

/** Whether two values are x and -x, as λ is and the λ at which a response is anchored. */
const areOpposite = (a: Value, b: Value, definition: Definition): boolean =>
  isFloat(a.dtype) &&
  [
    [a, b],
    [b, a],
  ].some(([x, y]) => {
    const by = definition(y as Value);
    return by?.primitive === "neg" && by.inputs[0] === x;
  });

/** `max(x, x)` and `min(x, x)`. */
const sameTwice = (
  { inputs: [a, b] }: Operation<"min" | "max">,
  result: Value,
  emit: Emit,
): Value | undefined => (a === b ? as(a, result, emit) : undefined);

/** x, of the inverse of the inverse of x. */
function undone(inverse: Primitive, { inputs: [x] }: Operation, definition: Definition): Value | undefined {
  const before = definition(x);
  return before?.primitive === inverse ? before.inputs[0] : undefined;
}

/** Known zeros make a product zero. */
function zeroIfEitherIs({ inputs }: Operation, result: Value): Value | undefined {
  return inputs.some((x) => fillOf(x) === 0) ? like(result, 0) : undefined;
}

/** One number everywhere stays so wherever its elements go. */
function moved({ inputs: [x] }: Operation, result: Value): Value | undefined {
  const number = fillOf(x);
  return number === undefined ? undefined : like(result, number);
}

const unchanged = ({ inputs: [x] }: Operation, result: Value): boolean => sameShape(x.shape, result.shape);

/** Whether a permutation moves only axes of one element, so that the elements stay in order. */
function keepsOrder(perm: readonly number[], shape: readonly number[]): boolean {
  const long = perm.filter((axis) => shape[axis] !== 1);
  return long.every((axis, i) => i === 0 || (long[i - 1] as number) < axis);
}
