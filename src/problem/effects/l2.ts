import { numpy as np } from "@jax-js/jax";

import { weightPenalty } from "../penalty.ts";

/** Weight decay: ½ λ Σ w². */
export const l2Effect = weightPenalty({
  name: "l2",
  about: "weight decay, ½ λ Σ w²; `.each`: of every weight and bias",
  readsWeights: false,
  smooth: true,
  decays: true,
  shared: (at, layers, weight) =>
    layers
      .map((layer) => at.squaredNorm(layer))
      .reduce((a, b) => a.add(b))
      .mul(weight)
      .mul(0.5),
  each: (weights, weight) => np.square(weights).mul(weight).sum(-1).mul(0.5),
});
