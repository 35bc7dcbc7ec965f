import { ownOptions } from "../../util/given.ts";
import { positive } from "../../util/rule.ts";
import type { LinearSolver } from "./solver.ts";

/** What stands for the inverse. */
export interface IdentityOptions {
  /** The multiple of the identity; T1-T2 has the inner learning rate here, which the hyperparameters' own makes up for. Default 1. */
  readonly scale?: number;
}

/**
 * `q = a v`: the inverse Hessian is taken to be a multiple of the identity, as in T1-T2 (Luketina et al. 2016), which
 * differentiates through the last training step alone. No products; the sign of the hypergradient is often right, its
 * size is not.
 *
 * @see Luketina, Berglund, Greff and Raiko, "Scalable gradient-based tuning of continuous regularization
 *   hyperparameters", 2016, https://arxiv.org/abs/1511.06727
 * @throws {HypertrainError} for a scale that is not positive, or another option.
 */
export function identity(options: IdentityOptions = {}): LinearSolver {
  const { scale = 1 } = ownOptions("identity", options, { scale: positive });
  return {
    name: "identity",
    warmStart: false,
    solve: (_, v) => Promise.resolve({ solution: v.map((value) => scale * value), products: 0 }),
  };
}
