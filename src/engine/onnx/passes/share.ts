import type { Graph, Primitive } from "../graph.ts";
import type { Constant, Value } from "../value.ts";
import { rewrite } from "./rewrite.ts";

/** Computes once what is computed twice from the same values (common subexpressions). */
export function share(graph: Graph): Graph {
  const names = new Map<unknown, number>();
  const nameOf = (thing: unknown): number => {
    if (!names.has(thing)) names.set(thing, names.size);
    return names.get(thing) as number;
  };
  const describe = (v: Value): string => {
    if (!v.constant) return `v${nameOf(v)}`;
    return `${v.dtype}[${v.shape.join()}]${describeConstant(v.constant)}`;
  };
  const describeConstant = (constant: Constant): string =>
    constant.kind === "fill"
      ? `=${Object.is(constant.value, -0) ? "-0" : constant.value}`
      : `#${nameOf(constant.data)}`;

  const seen = new Map<string, readonly Value[]>();
  return rewrite(graph, ({ primitive, inputs, params, outputs }) => {
    const results = outputs.map(({ shape, dtype }) => `${dtype}[${shape.join()}]`);
    const operands = inputs.map(describe);
    if (commutative.has(primitive)) operands.sort();
    const key = JSON.stringify([primitive, operands, params, results]);
    const earlier = seen.get(key);
    if (!earlier) seen.set(key, outputs);
    return earlier;
  });
}

/** Primitives whose operands may be exchanged: the two halves of the gradient of x², for example, are g x and x g. */
const commutative: ReadonlySet<Primitive> = new Set<Primitive>(["add", "mul", "min", "max", "bit_combine"]);
