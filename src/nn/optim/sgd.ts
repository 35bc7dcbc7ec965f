/**
 * Stochastic gradient descent, with the definitions of PyTorch's `torch.optim.SGD` (no dampening, no weight decay).
 *
 * | symbol | meaning | name |
 * |---|---|---|
 * | p, g | a parameter and its gradient | `params`, `grads` |
 * | m    | momentum, at first 0, so that the first step has m = g | state `momentum` |
 * | mu   | share of m that is kept; compiled in, which saves an engine a pass over the weights | option `momentum` |
 * | lr   | step size | setting `learningRate` |
 */
import { tree, numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../../engine/engine.ts";
import { mapArrays } from "../../engine/transform.ts";
import { ownOptions } from "../../util/given.ts";
import { fromZero, share, type Rules } from "../../util/rule.ts";
import { zerosLike, type Optimizer } from "./optimizer.ts";

/** Where the settings of {@link sgd} start. */
export interface SgdOptions {
  /** Step size; default 0.01. */
  readonly learningRate?: number;
  /** Share of the momentum that is kept, in [0, 1); default 0.9. */
  readonly momentum?: number;
}

/** What options of {@link sgd} must be. */
export const sgdRules = { learningRate: fromZero, momentum: share } satisfies Rules<SgdOptions>;

/**
 * Gradient descent with momentum: `m = mu m + g`, `p -= lr m`.
 *
 * @throws {HypertrainError} for a momentum outside [0, 1), a step size below 0, or another option.
 */
export const sgd = (options: SgdOptions = {}): Optimizer =>
  descent("sgd", options, (momentum) => tree.ref(momentum));

/**
 * Gradient descent with Nesterov's momentum, PyTorch's `nesterov=True`: `m = mu m + g`, `p -= lr (g + mu m)`.
 *
 * @throws {HypertrainError} for a momentum outside [0, 1), a step size below 0, or another option.
 */
export const nesterov = (options: SgdOptions = {}): Optimizer =>
  descent("nesterov", options, (momentum, grads, mu) =>
    mapArrays((m, g) => g.add(scaled(m, mu)), tree.ref(momentum), tree.ref(grads)),
  );

/**
 * Gradient descent without momentum, and so without a state: `p -= lr g`.
 *
 * @throws {HypertrainError} for another option, or a step size below 0.
 */
export function gradientDescent(options: Pick<SgdOptions, "learningRate"> = {}): Optimizer {
  const { learningRate = 0.01 } = ownOptions("gradientDescent", options, { learningRate: fromZero });
  return {
    name: "gradient-descent",
    settings: ["learningRate"],
    defaults: { learningRate },
    init: () => ({}),
    update(grads, state, params, settings) {
      const { learningRate: lr } = settings as Record<"learningRate", np.Array>;
      const moved = mapArrays((p, g) => p.sub(lr.ref.mul(g)), params, grads);
      lr.dispose();
      return [moved, state];
    },
  };
}

/** `direction` makes what a step follows of the new momentum, the gradient and mu; it borrows all three. */
function descent(
  name: string,
  options: SgdOptions,
  direction: (momentum: ArrayTree, grads: ArrayTree, mu: number) => ArrayTree,
): Optimizer {
  const { learningRate = 0.01, momentum: mu = 0.9 } = ownOptions(name, options, sgdRules);
  return {
    name,
    settings: ["learningRate"],
    defaults: { learningRate },
    init: (params) => ({ momentum: zerosLike(params) }),
    update(grads, state, params, settings) {
      const { learningRate: lr } = settings as Record<"learningRate", np.Array>;
      const last = state as { momentum: ArrayTree };
      const momentum = mapArrays((m, g) => scaled(m, mu).add(g), last.momentum, tree.ref(grads));
      const moved = mapArrays((p, d) => p.sub(lr.ref.mul(d)), params, direction(momentum, grads, mu));
      tree.dispose([grads, lr]);
      return [moved, { momentum }];
    },
  };
}

/** An array times a constant in its own precision. Consumes it. */
const scaled = (array: np.Array, by: number): np.Array => array.mul(np.array(by, { dtype: array.dtype }));
