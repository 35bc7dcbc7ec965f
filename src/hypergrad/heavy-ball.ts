import { tree, type numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { mapArrays } from "../engine/transform.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { zerosLike } from "../nn/optim/optimizer.ts";
import { sgdRules, type SgdOptions } from "../nn/optim/sgd.ts";
import { ownOptions } from "../util/given.ts";

/**
 * `sgd` with momentum as a setting: `m = mu m + g`, `p -= lr m`, where mu is fed at every step.
 *
 * For methods that tune momentum itself; any other is better off with `sgd`, which compiles it in and saves a pass over
 * the weights.
 *
 * @throws {HypertrainError} for a momentum outside [0, 1), a step size below 0, or another option.
 */
export function heavyBall(options: SgdOptions = {}): Optimizer {
  const { learningRate = 0.01, momentum = 0.9 } = ownOptions("heavyBall", options, sgdRules);
  return {
    name: "heavy-ball",
    settings: ["learningRate", "momentum"],
    defaults: { learningRate, momentum },
    init: (params) => ({ momentum: zerosLike(params) }),
    update(grads, state, params, settings) {
      const { learningRate: lr, momentum: mu } = settings as Record<"learningRate" | "momentum", np.Array>;
      const last = state as { momentum: ArrayTree };
      const m = mapArrays((m, g) => mu.ref.mul(m).add(g), last.momentum, grads);
      const moved = mapArrays((p, m) => p.sub(lr.ref.mul(m)), params, tree.ref(m));
      tree.dispose([lr, mu]);
      return [moved, { momentum: m }];
    },
  };
}
