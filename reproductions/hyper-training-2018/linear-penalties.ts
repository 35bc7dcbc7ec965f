import { numpy as np } from "@jax-js/jax";

import type { Problem } from "../../src/problem/problem.ts";
import { real } from "../../src/space/real.ts";
import type { RealHyper } from "../../src/space/values.ts";
import { createSpace, type Space } from "../../src/space/space.ts";
import { CLASSES, elementary, WEIGHTS, weightsIn } from "./elementary.ts";

/** What shares one L2 penalty: a class's column of weights with its bias, or nothing, so that there are 10 penalties or 7,850. */
export type Grouping = "class" | "weight";

/** The number of penalties. */
export const penaltiesOf = (grouping: Grouping): number => (grouping === "class" ? CLASSES : WEIGHTS);

/**
 * The elementary model with the loss `50 MSE - 1.3836 + Σ_i exp(λ_g(i)) w_i²` over all 7,850 weights, biases included; every λ starts
 * at `start` and is unbounded.
 */
export function linearWithPenalties(grouping: Grouping, start: number): Problem {
  const rows = penaltiesOf(grouping) / CLASSES;
  return {
    ...elementary("paper", start),
    name: `linear, a penalty for each ${grouping}`,
    space: createSpace({ l2: penalties(grouping, Math.exp(start)) }),
    penalty(layers, { l2 }) {
      const { weight, bias } = weightsIn(layers);
      const all = np.concatenate([weight, bias.reshape([1, CLASSES])]); // [785, 10]
      return np
        .square(all)
        .mul((l2 as np.Array).reshape([rows, CLASSES]))
        .sum();
    },
  };
}

/** The same penalties for searches, which need a range: each λ uniform from `low` to `high`. */
export const searchedPenalties = (grouping: Grouping, low: number, high: number): Space =>
  createSpace({
    l2: penalties(grouping, Math.exp((low + high) / 2), { low: Math.exp(low), high: Math.exp(high) }),
  });

const penalties = (
  grouping: Grouping,
  start: number,
  range: { readonly low?: number; readonly high?: number } = {},
): RealHyper => real(start, { ...range, log: true, perturb: "minibatch", shape: [penaltiesOf(grouping)] });

/** The mean squared error over examples and outputs whose loss is `50 MSE - 1.3836`. */
export const squaredErrorOf = (loss: number): number => (loss - 0.5 * Math.log(2 * Math.PI * 0.01)) / 50;
