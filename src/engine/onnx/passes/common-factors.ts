import { sizeOf } from "../../../util/host-array.ts";
import type { Graph, Operation } from "../graph.ts";
import { isFloat, sameShape, type Value } from "../value.ts";
import { prune } from "./prune.ts";
import { rewrite, type Definition, type Emit } from "./rewrite.ts";
import { usesOf } from "./uses.ts";

/**
 * Multiplies once what is added up behind two products: `x A + y A` becomes `(x + y) A`, whatever else is in the sum, where nothing else needs
 * the two, and the sum is as large as x at least. Delta-STN's prediction and its derivative are added so behind a last layer: of a language model's step that is one product
 * with all words of six.
 */
export function commonFactors(graph: Graph): Graph {
  const uses = usesOf(graph);
  const rewritten = rewrite(graph, (operation, emit, definition) => {
    const [result] = operation.outputs;
    if (operation.primitive !== "add" || !isFloat(result.dtype)) return undefined;
    const alone: Definition = (value) => (uses.get(value) === 1 ? definition(value) : undefined);
    const [x, y] = operation.inputs;
    const [left, right] = [termsOf(x, result, alone), termsOf(y, result, alone)];
    for (const a of left) {
      for (const b of right) {
        const joined = joinedProduct(alone(a), alone(b), result, emit);
        if (!joined) continue;
        const others = [...left.filter((term) => term !== a), ...right.filter((term) => term !== b)];
        return [others.reduce((sum, term) => emit("add", [sum, term], {}, result), joined)];
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

/** `(x + y) A` of `x A` and `y A`, each as large as a result. */
function joinedProduct(
  a: Operation | undefined,
  b: Operation | undefined,
  result: Value,
  emit: Emit,
): Value | undefined {
  if (a?.primitive !== "contract" || b?.primitive !== "contract") return undefined;
  const [[left, right, addend], [otherLeft, otherRight]] = [a.inputs, b.inputs];
  if (addend || JSON.stringify(a.params) !== JSON.stringify(b.params)) return undefined;
  const leftIsCommon = left === otherLeft;
  const [x, y] = leftIsCommon ? [right, otherRight] : [left, otherLeft];
  const products = [a, b].flatMap(({ outputs }) => outputs);
  if (
    (!leftIsCommon && right !== otherRight) ||
    !sameShape(x.shape, y.shape) ||
    !products.every(({ shape }) => sameShape(shape, result.shape))
  )
    return undefined;
  if (sizeOf(x.shape) > sizeOf(result.shape)) return undefined; // a sum of x and y costs more than one of such products
  if ([x, y, ...products].some(({ dtype }) => dtype !== result.dtype)) return undefined;
  const sum = emit("add", [x, y], {}, x);
  return emit("contract", leftIsCommon ? [left, sum] : [sum, right], a.params, result);
}
