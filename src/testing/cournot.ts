import type { numpy as np } from "@jax-js/jax";

import type { Problem, Task } from "../problem/problem.ts";
import { real, type RealOptions } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { hostVector } from "../util/host-array.ts";
import { perturbationRules } from "../space/perturbation.ts";
import { ownOptions } from "../util/given.ts";
import { needed, number, optionsOf } from "../util/rule.ts";

/** A market with two firms. */
export interface CournotOptions {
  /** a: the price where nothing is sold. */
  readonly highestPrice: number;
  /** c: what making one unit costs, below a. */
  readonly cost: number;
  /** What the leader makes at first; default 0. */
  readonly start?: number;
  /** How the leader's quantity is perturbed, once a minibatch. */
  readonly perturbation?: Pick<RealOptions, "scale" | "tuneScale">;
}

type Perturbed = NonNullable<CournotOptions["perturbation"]>;

const { scale, tuneScale } = perturbationRules;
const market = { highestPrice: needed(number()), cost: needed(number()) };

/**
 * A leader and a follower (Stackelberg 1934) in Cournot's duopoly: two firms make q1 and q2 of one good, whose price is
 * a - q1 - q2; the follower sees q1 before it chooses.
 *
 * As a bilevel problem: the hyperparameter q1 is the leader's, the weight q2 the follower's, and both losses are losses of money,
 * L_T = -(a - q1 - q2 - c) q2 and L_V = -(a - q1 - q2 - c) q1. So validation depends on the hyperparameter itself and not only on the
 * response, which is affine: {@link followerQuantity}. The equilibrium is {@link leaderQuantity}.
 *
 * @throws {HypertrainError} for an option that is none of these, or whose value is none of its.
 */
export function cournot(options: CournotOptions): Task {
  const rules = { ...market, start: number(), perturbation: optionsOf<Perturbed>({ scale, tuneScale }) };
  const { highestPrice, cost, start = 0, perturbation = {} } = ownOptions("cournot", options, rules);
  const margin = highestPrice - cost;
  const lossOf = (own: np.Array, other: np.Array): np.Array =>
    own.ref.mul(own.add(other).sub(margin)).reshape([1]);
  const problem: Problem = {
    name: "cournot",
    space: createSpace({ leader: real(start, { perturb: "minibatch", ...perturbation }) }),
    noise: {},
    init: () => ({ follower: hostVector([0]) }),
    predict: (layers) => (layers.params() as { follower: np.Array }).follower, // [1]
    loss: (follower, _batch, { leader }) => lossOf(follower as np.Array, leader as np.Array),
    validLoss: (follower, _batch, { leader }) => lossOf(leader as np.Array, follower as np.Array),
  };
  const nothing = { rows: 1, fields: {} };
  return { problem, data: { train: nothing, valid: nothing } };
}

/** The follower's best response to q1, (a - c - q1) / 2. @throws {HypertrainError} for another option. */
export function followerQuantity(
  options: Pick<CournotOptions, "highestPrice" | "cost">,
  leader: number,
): number {
  const { highestPrice, cost } = ownOptions("followerQuantity", options, market);
  return (highestPrice - cost - leader) / 2;
}

/** What the leader makes in equilibrium, (a - c) / 2; the follower then makes half of it. @throws {HypertrainError} for another option. */
export function leaderQuantity(options: Pick<CournotOptions, "highestPrice" | "cost">): number {
  const { highestPrice, cost } = ownOptions("leaderQuantity", options, market);
  return (highestPrice - cost) / 2;
}
