import { sizeOf } from "../../../util/host-array.ts";
import { withArrays, type Graph, type Operation } from "../graph.ts";
import { fillOf, isFloat, sameShape, type Value } from "../value.ts";
import { prune } from "./prune.ts";
import { rewrite, type Definition, type Emit } from "./rewrite.ts";
import { usesOf } from "./uses.ts";

/**
 * Does once what is done to two terms of a sum, and is linear: `x A + y A` becomes `(x + y) A`, and likewise `x a`, `-x`, the sum over an axis, and views; whatever
 * else is in the sum, where nothing else needs the two, and x is small or no larger than the sum. Delta-STN's prediction and its derivative are added so
 * behind a last layer: of a language model's step that is one product with all words of six. And the gradient of what all steps of a sequence share,
 * such as the amounts by which the weights of an LSTM respond, is made of one sum over the steps.
 */
export function commonFactors(graph: Graph): Graph {
  const uses = usesOf(graph);
  const sums = new Map<Value, Sum>();
  const imagesIn = namedImages();
  const rewritten = rewrite(graph, (operation, emit, definition) => {
    const [result] = operation.outputs;
    if (operation.primitive !== "add" || !isFloat(result.dtype)) return undefined;
    const alone: Definition = (value) => (uses.get(value) === 1 ? definition(value) : undefined);
    const once: Emit = (...made) => {
      const value = emit(...made);
      uses.set(value, 1);
      return value;
    };
    const sumOf = (value: Value): Sum => {
      const by = alone(value);
      const before = by?.primitive === "add" && isLike(value, result) ? sums.get(value) : undefined;
      return before ?? { terms: [value], images: imagesIn(by, result) };
    };
    const [x, y] = operation.inputs;
    const [left, right] = [sumOf(x), sumOf(y)];
    const pair = firstPair(left, right);
    if (!pair) {
      sums.set(result, added(left, right));
      return undefined;
    }
    const [a, b] = pair;
    const others = [...left.terms.toSpliced(a.term, 1), ...right.terms.toSpliced(b.term, 1)];
    const sum = others.reduce(
      (all, term) => once("add", [all, term], {}, result),
      joined(a, b, result, once),
    );
    uses.set(sum, uses.get(result) ?? 0);
    return [sum];
  });
  return prune(rewritten);
}

/** The terms of a sum that nothing else needs, each as large as the sum or repeated for it. */
interface Sum {
  readonly terms: Value[];
  /** Those of the terms that are linear in something: for each linear function, by its name, what is an image of it. */
  readonly images: Map<string, Image[]>;
}

/** A term `f(x)` for a linear f. */
interface Image {
  /** Its place among the terms. */
  readonly term: number;
  readonly by: Operation;
  /** The input that is x. */
  readonly at: number;
}

/** Both sums as one. The left one, which nothing else needs, is made longer, so that a sum of many terms, added one by one, takes each of them once. */
function added({ terms, images }: Sum, right: Sum): Sum {
  for (const [name, more] of right.images) {
    const known = images.get(name) ?? [];
    images.set(name, known);
    for (const image of more) known.push({ ...image, term: terms.length + image.term });
  }
  terms.push(...right.terms);
  return { terms, images };
}

/** The first term of the left sum that has the function of one of the right sum, and the first such one. */
function firstPair(left: Sum, right: Sum): readonly [Image, Image] | undefined {
  let first: readonly [Image, Image] | undefined;
  for (const [name, others] of right.images) {
    for (const a of left.images.get(name) ?? []) {
      if (first && first[0].term < a.term) break;
      const b = others.find((other) => !isSame(variedInput(a), variedInput(other)));
      if (b && (!first || a.term < first[0].term || b.term < first[1].term)) first = [a, b];
      if (b) break;
    }
  }
  return first;
}

/** `f(x + y)` of `f(x)` and `f(y)`. */
function joined(a: Image, b: Image, result: Value, emit: Emit): Value {
  const [x, y] = [variedInput(a), variedInput(b)];
  const sum = emit("add", [x, y], {}, x);
  const { primitive, inputs, params } = withArrays(a.by, a.by.inputs.with(a.at, sum));
  return emit(primitive, inputs, params, result);
}

const variedInput = ({ by, at }: Image): Value => by.inputs[at] as Value;

/**
 * The functions, by name, of which an operation's result is an image as a term of a sum: what it does, to an array of which shape, and with which other array.
 * Two terms with a function in common are `f(x)` and `f(y)`, unless x is y.
 */
function namedImages(): (by: Operation | undefined, sum: Value) => Map<string, Image[]> {
  const names = new Map<Value, number>();
  const nameOf = (value: Value): string => {
    const number = fillOf(value);
    if (number !== undefined) return `${value.dtype}[${value.shape.join()}]=${number}`;
    if (!names.has(value)) names.set(value, names.size);
    return `v${names.get(value)}`;
  };
  return (by, sum) => {
    if (!by || !isLinear(by) || !isLike(by.outputs[0], sum)) return new Map();
    const { primitive, inputs, params } = by;
    if (inputs.length > 2 || inputs.some(({ dtype }) => dtype !== sum.dtype)) return new Map();
    const small = [...inputs.keys()].filter(
      (at) => sizeOf((inputs[at] as Value).shape) <= Math.max(SMALL, sizeOf(sum.shape)), // else a sum of x and y costs more than one of f(x) and f(y)
    );
    return new Map(
      small.map((at) => {
        const operands = inputs.map((input, i) => (i === at ? input.shape : nameOf(input)));
        return [JSON.stringify([primitive, params, at, operands]), [{ term: 0, by, at }]];
      }),
    );
  };
}

/** Elements of which a sum costs less than an operation more. */
const SMALL = 2 ** 14;

const isLike = (a: Value, b: Value): boolean => sameShape(a.shape, b.shape) && a.dtype === b.dtype;

/** Whether two values are one, or known to be the same number everywhere. */
const isSame = (a: Value, b: Value): boolean =>
  a === b || (fillOf(a) !== undefined && fillOf(a) === fillOf(b) && isLike(a, b));

const isLinear = (operation: Operation): boolean =>
  operation.primitive === "reduce" ? operation.params.op === "Add" : linear.has(operation.primitive);

/** What is linear in each of its inputs, of one or two. */
const linear: ReadonlySet<Operation["primitive"]> = new Set<Operation["primitive"]>([
  ...(["contract", "mul", "neg"] as const),
  ...(["reshape", "transpose", "broadcast"] as const),
]);
