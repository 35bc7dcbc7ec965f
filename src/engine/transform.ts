import { jvp, lax, tree, valueAndGrad, type numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "./engine.ts";

/*
 * jax-js's transformations with the types of array trees. Its own signatures infer trees from function types, which a tree
 * whose structure is only known at run time does not satisfy; the casts that this takes live here and nowhere else.
 */

/**
 * The gradients of a scalar loss by each of the trees, and what the loss reports beside its value. Consumes the trees.
 *
 * @param loss returns the scalar to differentiate and auxiliary arrays
 */
export function gradients<const Trees extends readonly ArrayTree[], Reported extends ArrayTree>(
  loss: (...trees: Trees) => [total: np.Array, reported: Reported],
  ...trees: Trees
): { grads: Trees; reported: Reported } {
  const differentiate = valueAndGrad(loss as never, {
    argnums: trees.map((_, i) => i),
    hasAux: true,
  }) as unknown as (...at: Trees) => [[np.Array, Reported], Trees];
  const [[total, reported], grads] = differentiate(...trees);
  total.dispose();
  return { grads, reported };
}

/** `f(at) + f'(at) direction` by one forward-mode product. Consumes `at` and `direction`. */
export function linearization(f: (at: np.Array) => ArrayTree, at: np.Array, direction: np.Array): ArrayTree {
  const product = jvp as unknown as (
    f: (at: np.Array) => ArrayTree,
    at: [np.Array],
    direction: [np.Array],
  ) => [ArrayTree, ArrayTree];
  const [value, derivative] = product(f, [at], [direction]);
  return mapArrays((a, b) => a.add(b as np.Array), value, derivative);
}

/** Applies `leaf` to the arrays of trees of one structure. */
export const mapArrays = <Tree extends ArrayTree>(
  leaf: (array: np.Array, ...others: np.Array[]) => np.Array,
  first: Tree,
  ...rest: ArrayTree[]
): Tree => tree.map(leaf as never, first as never, ...(rest as never[])) as Tree;

/** The same values with no derivative. Borrows. */
export const stopped = (arrays: ArrayTree): ArrayTree =>
  mapArrays((leaf) => lax.stopGradient(leaf.ref) as np.Array, arrays);
