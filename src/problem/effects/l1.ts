import { numpy as np } from "@jax-js/jax";

import { flatWeights, weightPenalty } from "../penalty.ts";

/** A penalty that makes weights 0: λ Σ |w|. */
export const l1Effect = weightPenalty({
  name: "l1",
  about: "λ Σ |w|; `.each`: of every weight and bias",
  readsWeights: true,
  smooth: false,
  decays: false,
  shared: (at, layers, weight) => np.absolute(flatWeights(at, layers)).sum().mul(weight),
  each: (weights, weight) => np.absolute(weights).mul(weight).sum(-1),
});
