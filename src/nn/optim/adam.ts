/**
 * Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015), with the definitions of `torch.optim.Adam`.
 *
 * | symbol | meaning | name |
 * |---|---|---|
 * | p, g   | a parameter and its gradient | `params`, `grads` |
 * | m, v   | running averages of g and of g squared, at first 0 | state `first`, `second` |
 * | b1, b2 | share of m and of v that is kept | `beta1`, `beta2` |
 * | c1, c2 | bias corrections 1 - b1^t and 1 - b2^t at step t | state `firstWeight`, `secondWeight` |
 * | lr, e  | step size; what keeps the quotient finite | setting `learningRate`; `epsilon` |
 *
 * c = 1 - b^t follows c <- b c + (1 - b) from 0: it is the running average of ones. So kept, it needs no power and loses no
 * digits, where 1 - 0.999^t in float32 loses four at first.
 */
import { numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree } from "../../engine/engine.ts";
import { mapArrays } from "../../engine/transform.ts";
import { ownOptions } from "../../util/given.ts";
import { fromZero, share } from "../../util/rule.ts";
import { hostZeros } from "../../util/host-array.ts";
import { zerosLike, type Optimizer } from "./optimizer.ts";
import { squareRoot } from "./square-root.ts";

/** The constants of {@link adam}, and where its setting starts. */
export interface AdamOptions {
  /** Step size; default 0.001. */
  readonly learningRate?: number;
  /** Share of the gradient's average that is kept, in [0, 1); default 0.9. */
  readonly beta1?: number;
  /** Share of the squared gradient's average that is kept, in [0, 1); default 0.999. */
  readonly beta2?: number;
  /** Added to the square root; default 1e-8. */
  readonly epsilon?: number;
}

/**
 * Adam: `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g^2`, `p -= lr (m / c1) / (sqrt(v / c2) + e)`.
 *
 * @throws {HypertrainError} if a beta is outside [0, 1), or for an option that is none of these.
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const {
    learningRate = 0.001,
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
  } = ownOptions("adam", options, {
    ...{ learningRate: fromZero, beta1: share, beta2: share, epsilon: fromZero },
  });
  return {
    name: "adam",
    settings: ["learningRate"],
    defaults: { learningRate },
    init: (params) => ({
      first: zerosLike(params),
      second: zerosLike(params),
      firstWeight: hostZeros([]),
      secondWeight: hostZeros([]),
    }),
    update(grads, state, params, settings) {
      const { learningRate: lr } = settings as Record<"learningRate", np.Array>;
      const last = state as AdamState;
      const first = mapArrays((m, g) => m.mul(beta1).add(g.mul(1 - beta1)), last.first, tree.ref(grads));
      const second = mapArrays((v, g) => v.mul(beta2).add(np.square(g).mul(1 - beta2)), last.second, grads);
      const firstWeight = last.firstWeight.mul(beta1).add(1 - beta1); // c1
      const secondWeight = last.secondWeight.mul(beta2).add(1 - beta2); // c2
      // lr (m / c1) / (sqrt(v / c2) + e) with sqrt(c2) above and below: a pass less over all parameters
      const scale = np.sqrt(secondWeight.ref);
      const step = lr.mul(scale.ref).div(firstWeight.ref);
      const least = scale.mul(epsilon);
      const moved = mapArrays(
        (p, m, v) => p.sub(m.mul(step.ref).div(squareRoot(v).add(least.ref))),
        params,
        tree.ref(first),
        tree.ref(second),
      );
      step.dispose();
      least.dispose();
      return [moved, { first, second, firstWeight, secondWeight }];
    },
  };
}

type AdamState = { first: ArrayTree; second: ArrayTree; firstWeight: np.Array; secondWeight: np.Array };
