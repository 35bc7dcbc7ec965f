import { numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree } from "../../engine/engine.ts";
import { mapArrays } from "../../engine/transform.ts";
import { demandGiven } from "../../util/given.ts";
import { either, limit, named } from "../../util/rule.ts";
import { anArray } from "../an-array.ts";

const aNorm = either(limit, anArray);

/**
 * Scales a gradient down where its norm over all arrays together exceeds `maxNorm`: by `min(1, maxNorm / (norm + 1e-6))`, as
 * PyTorch's `clip_grad_norm_`. Infinity leaves it as it is. Consumes its arguments.
 *
 * @throws {HypertrainError} for what is no tree of arrays, and no norm.
 */
export function clipByGlobalNorm(grads: ArrayTree, maxNorm: np.Array | number): ArrayTree {
  demandGiven(
    "clipByGlobalNorm",
    { grads, maxNorm },
    { grads: either(anArray, named("arrays")), maxNorm: aNorm },
  );
  if (maxNorm === Infinity) return grads;
  const squares = tree.leaves<np.Array>(grads).map((g) => np.square(g.ref).sum());
  const norm = np.sqrt(squares.reduce((total, square) => total.add(square)));
  const factor = np.minimum(np.divide(maxNorm, norm.add(1e-6)), 1);
  const clipped = mapArrays((g) => g.mul(factor.ref), grads);
  factor.dispose();
  return clipped;
}
