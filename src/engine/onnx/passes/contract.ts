import type { Contraction } from "../parameters.ts";
import { type Graph, type Operation, resultOf } from "../graph.ts";
import { sameShape, type Value } from "../value.ts";
import { prune } from "./prune.ts";
import { rewrite, type Definition, type Emit, type Rule } from "./rewrite.ts";
import { usesOf } from "./uses.ts";

/**
 * Turns jax-js's products, `dot` = sum over the last axis of two arrays that broadcast, into contractions of the arrays behind
 * them, so that the transposes, reshapes and broadcasts around a product of matrices are not carried out but become flags of the
 * product. `[128, 1200, 784]` operands, which nobody could store, are such a view of a matrix.
 */
export function contract(graph: Graph): Graph {
  const contracted = prune(rewrite(graph, fromDot));
  const uses = usesOf(contracted);
  return rewrite(contracted, (operation, emit, definition) => {
    const [product, result] = [operation.inputs[0], operation.outputs[0]];
    if (uses.get(product) !== 1) return undefined;
    const reordered = intoResult(operation, emit, definition(product));
    if (reordered) uses.set(reordered, uses.get(result) ?? 0);
    return reordered && [reordered];
  });
}

const fromDot: Rule = (operation, emit, definition) => {
  if (operation.primitive !== "dot") return undefined;
  const [inputs, params] = contractionOf(operation, definition);
  return [emit("contract", inputs, params, operation.outputs[0])];
};

/**
 * A `dot` as a contraction.
 *
 * @param definition where values come from, to look behind views; without it the operands are taken as they are
 */
export function contractionOf(
  { inputs, outputs }: Operation<"dot">,
  definition: Definition = () => undefined,
): [operands: Operation<"dot">["inputs"], contraction: Contraction] {
  const [result] = outputs;
  const summed = result.shape.length;
  const length = Math.max(...inputs.map(({ shape }) => shape.at(-1) ?? 1));
  const all = inputs.map((input) => behind(input, definition, axisLabel(input, summed), summed));
  const views = haveAllParts(all, summed, length)
    ? all
    : inputs.map((input) => behind(input, definition, axisLabel(input, summed)));
  const seen = new Set(views.flatMap(({ labels }) => labels.map(Math.floor)));
  const [left, right] = inputs.map((input, i) => {
    const labels = labelsOf(input.shape, axisLabel(input, summed));
    // an axis that both operands only repeat must stay in one that has it
    return labels.every((label) => seen.has(label)) ? (views[i] as View) : { base: input, labels };
  }) as [View, View];
  return [[left.base, right.base], { left: left.labels, right: right.labels, out: labelsOf(result.shape) }];
}

/** Operands broadcast from the right; the axis that is summed over is their last. */
const axisLabel =
  ({ shape }: Value, summed: number) =>
  (axis: number): number =>
    summed + 1 - shape.length + axis;

/** A value seen through transposes, broadcasts and reshapes: for each longer axis of the base, its label. */
interface View {
  readonly base: Value;
  readonly labels: readonly number[];
}

/** Whether both views have all of the axes that were merged into the summed one. */
function haveAllParts(views: readonly View[], summed: number, length: number): boolean {
  const [a, b] = views.map(({ base, labels }) => {
    const sizes = base.shape.filter((size) => size !== 1);
    const parts = [...labels.keys()].filter((i) => (labels[i] as number) >= summed);
    const whole = parts.reduce((product, i) => product * (sizes[i] as number), 1) === length;
    return whole
      ? parts
          .map((i) => `${labels[i]}: ${sizes[i]}`)
          .sort()
          .join()
      : undefined;
  });
  return a !== undefined && a === b;
}

/**
 * Looks through the views that make up a value.
 *
 * @param label names the value's axes
 * @param summed the label of an axis into which a reshape may have merged several; these get labels above it
 */
function behind(v: Value, definition: Definition, label: (axis: number) => number, summed?: number): View {
  const operation = definition(v);
  const source = operation?.inputs[0];
  const place = source && sourceLabels(operation, source, v, label, summed);
  return place ? behind(source, definition, place, summed) : { base: v, labels: labelsOf(v.shape, label) };
}

/** How the axes of a view's source are labelled, if they can be told from those of the view. */
function sourceLabels(
  operation: Operation,
  source: Value,
  v: Value,
  label: (axis: number) => number,
  summed: number | undefined,
): ((axis: number) => number) | undefined {
  switch (operation.primitive) {
    case "transpose": {
      const { perm } = operation.params;
      return (axis) => label(perm.indexOf(axis));
    }
    case "broadcast": {
      const added = operation.params.axis;
      const kept = [...v.shape.keys()].filter((axis) => !added.includes(axis));
      const repeats = kept.some((axis, i) => v.shape[axis] !== source.shape[i] && source.shape[i] !== 1);
      return repeats ? undefined : (axis) => label(kept[axis] as number);
    }
    case "reshape": {
      const axes = sameAxes(source.shape, v.shape);
      if (axes) return (axis) => label(axes[axis] as number);
      const last = v.shape.length - 1;
      return label(last) === summed ? mergedLabels(source.shape, v.shape, label) : undefined;
    }
    default:
      return undefined;
  }
}

/** Where a reshape merges all axes from some one on into the last: their labels, between that of the last and the next. */
function mergedLabels(
  before: readonly number[],
  after: readonly number[],
  label: (axis: number) => number,
): ((axis: number) => number) | undefined {
  const last = after.length - 1;
  if (!sameShape(before.slice(0, last), after.slice(0, last)) || before.length - last > 9) return undefined;
  return (axis) => (axis < last ? label(axis) : label(last) + (axis - last + 1) / 10);
}

/** The labels of the axes that have more than one element. */
const labelsOf = (shape: readonly number[], label = (axis: number) => axis): number[] =>
  [...shape.keys()].filter((axis) => shape[axis] !== 1).map(label);

/** Where a reshape only adds or drops axes of one element: for each axis before, the axis after. */
function sameAxes(before: readonly number[], after: readonly number[]): readonly number[] | undefined {
  const long = (shape: readonly number[]) => [...shape.keys()].filter((axis) => shape[axis] !== 1);
  const [from, to] = [long(before), long(after)];
  if (from.length !== to.length || from.some((axis, i) => before[axis] !== after[to[i] as number]))
    return undefined;
  return before.map((_, axis) => to[from.indexOf(axis)] ?? -1);
}

/** A transpose or a reshape of a product: the product in another order of axes. */
function intoResult(operation: Operation, emit: Emit, product: Operation | undefined): Value | undefined {
  if (product?.primitive !== "contract") return undefined;
  const { left, right, out } = product.params;
  const [before, result] = [product.outputs[0], resultOf(operation)];
  const inOrder = (order: readonly number[]) =>
    emit("contract", product.inputs, { left, right, out: order }, result);
  if (operation.primitive === "reshape") return sameAxes(before.shape, result.shape) && inOrder(out);
  if (operation.primitive !== "transpose") return undefined;
  const long = labelsOf(before.shape);
  const perm = operation.params.perm.filter((axis) => before.shape[axis] !== 1);
  return inOrder(perm.map((axis) => out[long.indexOf(axis)] as number));
}
