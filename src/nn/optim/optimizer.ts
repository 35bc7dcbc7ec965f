import type { numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../../engine/engine.ts";
import { hostZeros, mapTree, type HostTree } from "../../util/host-array.ts";
import { objectWith } from "../../util/rule.ts";

/**
 * A rule that moves parameters against a gradient, as a pure pair: `init` makes the state, `update` takes one step.
 *
 * Settings are fed at every step, so that schedules need no recompilation and unrolled methods can tune them; what is no setting is
 * compiled in.
 * Values are those of PyTorch's optimizer of the same name.
 */
export interface Optimizer {
  readonly name: string;
  /** Names of the scalars that `update` is fed, for example `learningRate`. */
  readonly settings: readonly string[];
  /** A value for each setting. */
  readonly defaults: Readonly<Record<string, number>>;
  /** The state before the first step, a record of trees. */
  init(params: HostTree): HostTree;
  /**
   * One step: the new parameters and the new state, structures unchanged. Consumes all its arguments.
   *
   * @param grads in the parameters' structure, keys in the same order
   * @param settings one scalar [] per name in `settings`
   */
  update(
    grads: ArrayTree,
    state: ArrayTree,
    params: ArrayTree,
    settings: Record<string, np.Array>,
  ): [params: ArrayTree, state: ArrayTree];
}

/** Host zeros in the structure of the parameters. */
export const zerosLike = (params: HostTree): HostTree => mapTree(params, ({ shape }) => hostZeros(shape));

/** What an optimizer must be. */
export const anOptimizer = objectWith<Optimizer>("an optimizer, such as adam()", {
  settings: "object",
  init: "function",
  update: "function",
});
