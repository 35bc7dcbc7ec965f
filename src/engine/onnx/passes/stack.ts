import { sizeOf } from "../../../util/host-array.ts";
import { value, type Graph, type Operation, type Value } from "../graph.ts";
import type { Contraction } from "./contract.ts";
import { inOrder, usersOf } from "./order.ts";

/**
 * Multiplies what meets the same matrix at once: `x A`, `y A` and `z A` become three slices of `[x; y; z] A`.
 *
 * A product of a few hundred rows reads and packs its matrix as often as it is called; one of 384 rows takes about 30 % less time
 * than three of 128. That pays for the copies in and out where the matrix is large.
 */
export function stack(graph: Graph): Graph {
  return candidates(graph).reduce((g, products) => stackIndependent(g, products), graph);
}

/** The least number of elements of a common matrix. */
const LARGE = 500_000;

/** Products of rows with the same matrix and in the same order of axes. */
function candidates({ operations }: Graph): Operation[][] {
  const byMatrix = Map.groupBy(operations.filter(multipliesRows), ({ inputs }) => inputs[1] as Value);
  const alike = [...byMatrix.values()].flatMap((products) => [
    ...Map.groupBy(products, ({ params }) => JSON.stringify(params)).values(),
  ]);
  return alike.filter((products) => products.length > 1);
}

/** Whether an operation is `x A` with a large matrix A, and rows that come first in x and in the result. */
function multipliesRows({ primitive, inputs, params }: Operation): boolean {
  if (primitive !== "contract" || inputs.length !== 2) return false;
  const [x, matrix] = inputs as [Value, Value];
  const { left, right, out } = params as Contraction;
  const row = left[0] as number;
  return (
    [x.shape, matrix.shape, left, right, out].every(({ length }) => length === 2) &&
    out[0] === row &&
    !right.includes(row) &&
    x.dtype === matrix.dtype &&
    sizeOf(matrix.shape) >= LARGE
  );
}

function stackIndependent(graph: Graph, products: readonly Operation[]): Graph {
  const stacked = independent(graph, products);
  if (stacked.length < 2) return graph;
  const [first] = stacked as [Operation];
  const { dtype } = first.outputs[0] as Value;
  const xs = stacked.map(({ inputs }) => inputs[0] as Value);
  const sizes = xs.map(({ shape }) => shape[0] as number);
  const rows = sizes.reduce((sum, size) => sum + size, 0);
  const together = value([rows, (xs[0] as Value).shape[1] as number], dtype);
  const product = value([rows, (first.outputs[0] as Value).shape[1] as number], dtype);
  const operations: Operation[] = [
    { primitive: "concatenate", inputs: xs, params: { axis: 0 }, outputs: [together] },
    { ...first, inputs: [together, first.inputs[1] as Value], outputs: [product] },
    {
      primitive: "split",
      inputs: [product],
      params: { axis: 0, sizes },
      outputs: stacked.map(({ outputs }) => outputs[0] as Value),
    },
  ];
  const others = graph.operations.filter((operation) => !stacked.includes(operation));
  return inOrder({ ...graph, operations: [...others, ...operations] });
}

/** Those of some operations that do not follow from each other: the first, and all that need no result of those taken. */
function independent(graph: Graph, products: readonly Operation[]): Operation[] {
  const users = usersOf(graph);
  const following = new Set<Operation>();
  const follow = ({ outputs }: Operation): void => {
    for (const user of outputs.flatMap((output) => users.get(output) ?? [])) {
      if (following.has(user)) continue;
      following.add(user);
      follow(user);
    }
  };
  return graph.operations.filter((operation) => {
    if (!products.includes(operation) || following.has(operation)) return false;
    follow(operation);
    return true;
  });
}
