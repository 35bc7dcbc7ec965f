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
  const rewritten = rewrite(graph, (operation, emit, definition) => {
    const [result] = operation.outputs;
    if (operation.primitive !== "add" || !isFloat(result.dtype)) return undefined;
    const alone: Definition = (value) => (uses.get(value) === 1 ? definition(value) : undefined);
    const once: Emit = (...made) => {
      const value = emit(...made);
      uses.set(value, 1);
      return value;
    };
    const [x, y] = operation.inputs;
    const [left, right] = [termsOf(x, result, alone), termsOf(y, result, alone)];
    for (const a of left) {
      for (const b of right) {
        const joined = joinedTerm(alone(a), alone(b), result, once);
        if (!joined) continue;
        const others = [...left.filter((term) => term !== a), ...right.filter((term) => term !== b)];
        const sum = others.reduce((all, term) => once("add", [all, term], {}, result), joined);
        uses.set(sum, uses.get(result) ?? 0);
        return [sum];
      }
    }
    return undefined;
  });
  return prune(rewritten);
}

/** The terms of a sum that nothing else needs, each as large as the result or repeated for it. */
function termsOf(value: Value, { shape, dtype }: Value, alone: Definition): Value[] {
  const by = alone(value);
  const sum = by?.primitive === "add" && sameShape(value.shape, shape) && value.dtype === dtype;
  return sum ? by.inputs.flatMap((input) => termsOf(input, { shape, dtype }, alone)) : [value];
}

/** `f(x + y)` of `f(x)` and `f(y)`, each as large as a result. */
function joinedTerm(
  a: Operation | undefined,
  b: Operation | undefined,
  result: Value,
  emit: Emit,
): Value | undefined {
  if (!a || a.primitive !== b?.primitive) return undefined;
  const at = variedInput(a, b);
  if (at === undefined || JSON.stringify(a.params) !== JSON.stringify(b.params)) return undefined;
  const [x, y] = [a.inputs[at], b.inputs[at]] as [Value, Value];
  const images = [a.outputs[0], b.outputs[0]];
  if (!sameShape(x.shape, y.shape) || !images.every(({ shape }) => sameShape(shape, result.shape)))
    return undefined;
  if (sizeOf(x.shape) > Math.max(SMALL, sizeOf(result.shape))) return undefined; // a sum of x and y costs more than one of f(x) and f(y)
  if ([...a.inputs, y, ...images].some(({ dtype }) => dtype !== result.dtype)) return undefined;
  const { primitive, inputs, params } = withArrays(a, a.inputs.with(at, emit("add", [x, y], {}, x)));
  return emit(primitive, inputs, params, result);
}

/** Elements of which a sum costs less than an operation more. */
const SMALL = 2 ** 14;

/** The input in which two linear operations of one kind differ, if it is one. */
function variedInput(a: Operation, b: Operation): number | undefined {
  if (a.primitive === "reduce" ? a.params.op !== "Add" : !linear.has(a.primitive)) return undefined;
  if (a.inputs.length !== b.inputs.length || a.inputs.length > 2) return undefined;
  const varied = [...a.inputs.keys()].filter((i) => !isSame(a.inputs[i] as Value, b.inputs[i] as Value));
  return varied.length === 1 ? varied[0] : undefined;
}

/** Whether two values are one, or known to be the same number everywhere. */
const isSame = (a: Value, b: Value): boolean =>
  a === b ||
  (fillOf(a) !== undefined && fillOf(a) === fillOf(b) && a.dtype === b.dtype && sameShape(a.shape, b.shape));

/** What is linear in each of its inputs, of one or two. */
const linear: ReadonlySet<Operation["primitive"]> = new Set<Operation["primitive"]>([
  ...(["contract", "mul", "neg"] as const),
  ...(["reshape", "transpose", "broadcast"] as const),
]);
