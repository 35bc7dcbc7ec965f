import { sizeOf } from "../../../util/host-array.ts";
import type { Graph, Operation, Primitive } from "../graph.ts";
import { fill, fillOf, sameShape, type Value } from "../value.ts";
import { prune } from "./prune.ts";
import { rewrite, type Definition, type Emit } from "./rewrite.ts";

/**
 * Writes `where` with zeros as a product with a mask of zeros and ones: the derivative of a ReLU, the tangent of a maximum over windows.
 * onnxruntime's `Where` makes three passes on one thread; a mask is made in one, several products share it, and all threads multiply.
 *
 * The two differ where what is hidden is not finite. So only sums of products are hidden by a mask, which are finite wherever their factors are:
 * `where(x > 0, log(x), 0)` stays as it is, and so does `where(n > 0, sum / n, 0)`.
 */
export function masks(graph: Graph): Graph {
  const masked = rewrite(graph, (operation, emit, definition) => {
    if (operation.primitive !== "where") return undefined;
    const [result] = operation.outputs;
    if (result.dtype !== "float32") return undefined;
    const [condition, yes, no] = ofEquals(operation, emit, definition);
    if (!sameShape(condition.shape, result.shape)) return undefined;
    const [a, b] = [fillOf(yes), fillOf(no)];
    if (a !== undefined && b !== undefined) {
      return condition === operation.inputs[0]
        ? undefined
        : [emit("where", [condition, yes, no], {}, result)];
    }
    const hidden = a === 0 ? no : b === 0 ? yes : undefined;
    if (!hidden || !sameShape(hidden.shape, result.shape) || sizeOf(result.shape) < WORTHWHILE)
      return undefined;
    if (kindOf(hidden, condition, definition) !== "product") return undefined;
    const [zero, one] = [fill(0, [], result.dtype), fill(1, [], result.dtype)];
    const mask = emit("where", a === 0 ? [condition, zero, one] : [condition, one, zero], {}, result);
    return [emit("mul", [mask, hidden], {}, result)];
  });
  return prune(masked);
}

/** Elements below which one operation more costs what is saved. */
const WORTHWHILE = 4096;

/** `where(a != b, x, y)` as `where(a = b, y, x)`, so that both have one mask. */
function ofEquals(
  { inputs }: Operation<"where">,
  emit: Emit,
  definition: Definition,
): Operation<"where">["inputs"] {
  const [condition, yes, no] = inputs;
  const by = definition(condition);
  if (by?.primitive !== "compare" || by.params.op !== "not_equal") return [condition, yes, no];
  return [emit("compare", by.inputs, { ...by.params, op: "equal" }, condition), no, yes];
}

/** A sum of products; what may be a factor of one, or added to one; and what may be infinite where it is hidden. */
type Kind = "product" | "factor" | "other";

type KindRule = (inputs: readonly Value[], kind: (value: Value) => Kind) => Kind;

/** What kind of value a condition hides. */
function kindOf(hidden: Value, condition: Value, definition: Definition): Kind {
  const kinds = new Map<Value, Kind>();
  const ruled = (by: Operation | undefined): Kind => {
    if (!by || by.primitive === "compare") return "factor";
    if (by.primitive === "reciprocal") {
      const [divisor] = by.inputs;
      const safe = isCount(divisor, definition) || isApart(divisor, condition, definition);
      return safe ? "factor" : "other";
    }
    return rules[by.primitive]?.(by.inputs, (input) => kinds.get(input) as Kind) ?? "other"; // known by now
  };
  const path = [hidden]; // a list, since calls within calls would be as many as a deep graph is long
  for (let value = path.at(-1); value; value = path.at(-1)) {
    const by = definition(value);
    const unknown = by && asksInputs(by) ? by.inputs.find((input) => !kinds.has(input)) : undefined;
    if (unknown) path.push(unknown);
    else kinds.set(path.pop() as Value, ruled(by));
  }
  return kinds.get(hidden) as Kind;
}

/** Whether the kind of what an operation makes follows from the kinds of what it takes. */
const asksInputs = ({ primitive }: Operation): boolean => (rules[primitive] ?? product) !== product;

/** Whether a divisor is how many elements of each window are its maximum: one at least. */
function isCount(divisor: Value, definition: Definition): boolean {
  const sum = definition(divisor);
  const mask = sum?.primitive === "window_reduce" ? definition(sum.inputs[0]) : undefined;
  if (mask?.primitive !== "where") return false;
  const [condition, one, zero] = mask.inputs;
  const by = definition(condition);
  return by?.primitive === "compare" && by.params.op === "equal" && fillOf(one) === 1 && fillOf(zero) === 0;
}

/** Whether a divisor is nothing that a condition asks about: neither is computed from what the other compares. */
function isApart(divisor: Value, condition: Value, definition: Definition): boolean {
  const compared = definition(condition)?.inputs ?? [condition];
  const before = ancestors([divisor], definition);
  return !compared.some((value) => before.has(value)) && !ancestors(compared, definition).has(divisor);
}

/** Values, and all that is computed on the way to them. */
function ancestors(values: readonly Value[], definition: Definition): ReadonlySet<Value> {
  const found = new Set<Value>();
  const open = values.filter(({ constant }) => !constant);
  for (let value = open.pop(); value; value = open.pop()) {
    if (found.has(value)) continue;
    found.add(value);
    open.push(...(definition(value)?.inputs ?? []).filter(({ constant }) => !constant));
  }
  return found;
}

const product: KindRule = () => "product";

/** As weak as the weakest of what it is made of, but for known zeros. */
const weakest: KindRule = (inputs, kind) => {
  const kinds = new Set(inputs.filter((input) => fillOf(input) !== 0).map(kind));
  return kinds.has("other") ? "other" : kinds.has("factor") ? "factor" : "product";
};

const rules: Partial<Record<Primitive, KindRule>> = {
  ...{ dot: product, contract: product, conv: product, conv_transpose: product, conv_filters: product },
  mul(inputs, kind) {
    const kinds = new Set(inputs.map(kind));
    return kinds.has("other") ? "other" : kinds.has("product") ? "product" : "factor";
  },
  where: ([, ...choices], kind) => weakest(choices, kind),
  ...Object.fromEntries(
    (
      [
        ...[
          "add",
          "sub",
          "neg",
          "min",
          "max",
          "reduce",
          "window_reduce",
          "window_repeat",
          "cast",
          "stop_gradient",
        ],
        ...["reshape", "transpose", "broadcast", "shrink", "pad", "concatenate", "split"],
      ] as Primitive[]
    ).map((primitive) => [primitive, weakest]),
  ),
};
