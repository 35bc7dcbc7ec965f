import { sizeOf } from "../../../util/host-array.ts";
import { isFloat, sameShape, type Graph, type Operation, type Value } from "../graph.ts";
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
    const [result] = operation.outputs as [Value];
    if (operation.primitive !== "add" || !isFloat(result.dtype)) return undefined;
    const alone: Definition = (value) => (uses.get(value) === 1 ? definition(value) : undefined);
    const [left, right] = operation.inputs.map((input) => termsOf(input, result, alone)) as [
      Value[],
      Value[],
    ];
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
  if (a.inputs.length !== 2 || JSON.stringify(a.params) !== JSON.stringify(b.params)) return undefined;
  const at = a.inputs.findIndex((factor, i) => factor === b.inputs[i]);
  const [x, y] = [a.inputs[1 - at] as Value, b.inputs[1 - at] as Value];
  const products = [a, b].flatMap(({ outputs }) => outputs);
  if (
    at < 0 ||
    !sameShape(x.shape, y.shape) ||
    !products.every(({ shape }) => sameShape(shape, result.shape))
  )
    return undefined;
  if (sizeOf(x.shape) > sizeOf(result.shape)) return undefined; // a sum of x and y costs more than one of such products
  if ([x, y, ...products].some(({ dtype }) => dtype !== result.dtype)) return undefined;
  return emit("contract", a.inputs.with(1 - at, emit("add", [x, y], {}, x)), a.params, result);
}
