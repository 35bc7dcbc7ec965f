import { ownOptions } from "../../util/given.ts";
import { count, positive, type Rules } from "../../util/rule.ts";
import { plusScaled } from "../flat.ts";
import type { LinearSolver } from "./solver.ts";

/** How many terms, of what step. */
export interface NeumannOptions {
  /** K, terms of the series; K - 1 products with H. Default 20. */
  readonly terms?: number;
  /** a: must be below 2 / (largest eigenvalue of H) for the series to converge; the inner learning rate is a good one. Default 0.01. */
  readonly step?: number;
}

/** What options of {@link neumann} must be. */
export const neumannRules: Rules<NeumannOptions> = { terms: count, step: positive };

/**
 * The Neumann series, `q = a Σ_{j<K} (I - a H)^j v` (Lorraine, Vicol and Duvenaud 2020).
 *
 * At a minimum of the training loss it is what differentiating K steps of gradient descent of step size a gives, without
 * a trajectory. It damps directions of little curvature (below 1 / (a K)), which makes it robust where conjugate gradient
 * is exact. Memory: v, two of the series and H's product, in double precision.
 *
 * @see Lorraine, Vicol and Duvenaud, "Optimizing millions of hyperparameters by implicit differentiation", 2020,
 *   https://arxiv.org/abs/1911.02590
 * @throws {HypertrainError} if `terms` is not a positive integer or `step` is not positive, or for another option.
 */
export function neumann(options: NeumannOptions = {}): LinearSolver {
  const { terms = 20, step = 0.01 } = ownOptions("neumann", options, neumannRules);
  return {
    name: "neumann",
    warmStart: false,
    async solve(product, v) {
      let term = v; // (I - a H)^j v
      let sum = v;
      for (let j = 1; j < terms; j++) {
        term = plusScaled(term, await product(term), -step);
        sum = plusScaled(sum, term, 1);
      }
      return { solution: sum.map((value) => step * value), products: terms - 1 };
    },
  };
}
