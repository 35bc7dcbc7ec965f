import { tree, type numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";

/** ⟨a, b⟩ over all leaves of two trees of one structure: []. Consumes both. */
export function treeProduct(a: ArrayTree, b: ArrayTree): np.Array {
  const others = tree.leaves<np.Array>(b);
  return tree
    .leaves<np.Array>(a)
    .map((leaf, i) => leaf.mul(others[i] as np.Array).sum())
    .reduce((sum, term) => sum.add(term));
}
