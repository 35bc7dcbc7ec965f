/**
 * RMSprop (Tieleman and Hinton, lecture 6.5 of "Neural networks for machine learning", 2012), with the definitions of
 * `torch.optim.RMSprop` (not centred, no weight decay).
 *
 * | symbol | meaning | name |
 * |---|---|---|
 * | p, g  | a parameter and its gradient | `params`, `grads` |
 * | v, a  | running average of g squared, at first 0; share of it that is kept | state `square`; `alpha` |
 * | m, mu | momentum of the scaled gradient, at first 0; share of it that is kept | state and setting `momentum` |
 * | lr, e | step size; what keeps the quotient finite | setting `learningRate`; `epsilon` |
 */
import { numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree } from "../../engine/engine.ts";
import { mapArrays } from "../../engine/transform.ts";
import { ownOptions } from "../../util/given.ts";
import { fromZero, share } from "../../util/rule.ts";
import { zerosLike, type Optimizer } from "./optimizer.ts";
import { squareRoot } from "./square-root.ts";

/** The constants of {@link rmsprop}, and where its settings start. */
export interface RmspropOptions {
  /** Step size; default 0.01. */
  readonly learningRate?: number;
  /** Share of the momentum that is kept, in [0, 1); default 0. */
  readonly momentum?: number;
  /** Share of the squared gradient's average that is kept, in [0, 1); default 0.99. */
  readonly alpha?: number;
  /** Added to the square root; default 1e-8. */
  readonly epsilon?: number;
}

/**
 * RMSprop: `v = a v + (1 - a) g^2`, `m = mu m + g / (sqrt(v) + e)`, `p -= lr m`.
 *
 * @throws {HypertrainError} if momentum or alpha is outside [0, 1), or for an option that is none of these.
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  const {
    learningRate = 0.01,
    momentum = 0,
    alpha = 0.99,
    epsilon = 1e-8,
  } = ownOptions("rmsprop", options, {
    ...{ learningRate: fromZero, momentum: share, alpha: share, epsilon: fromZero },
  });
  return {
    name: "rmsprop",
    settings: ["learningRate", "momentum"],
    defaults: { learningRate, momentum },
    init: (params) => ({ square: zerosLike(params), momentum: zerosLike(params) }),
    update(grads, state, params, settings) {
      const { learningRate: lr, momentum: mu } = settings as Record<"learningRate" | "momentum", np.Array>;
      const last = state as RmspropState;
      const square = mapArrays(
        (v, g) => v.mul(alpha).add(np.square(g).mul(1 - alpha)),
        last.square,
        tree.ref(grads),
      );
      const m = mapArrays(
        (m, g, v) => mu.ref.mul(m).add(g.div(squareRoot(v).add(epsilon))),
        last.momentum,
        grads,
        tree.ref(square),
      );
      const moved = mapArrays((p, m) => p.sub(lr.ref.mul(m)), params, tree.ref(m));
      tree.dispose([lr, mu]);
      return [moved, { square, momentum: m }];
    },
  };
}

type RmspropState = { square: ArrayTree; momentum: ArrayTree };
