import type { numpy as np } from "@jax-js/jax";

import { adam } from "../../src/nn/optim/adam.ts";
import type { Optimizer } from "../../src/nn/optim/optimizer.ts";

/** Adam as the authors' code restarts it at every step: its bias corrections stay those of the first step. */
export const restartedAdam: Optimizer = {
  ...adam(),
  name: "restarted-adam",
  update(grads, state, params, settings) {
    const { firstWeight, secondWeight, ...averages } = state as Record<string, np.Array>;
    const none = {
      firstWeight: (firstWeight as np.Array).mul(0),
      secondWeight: (secondWeight as np.Array).mul(0),
    };
    return adam().update(grads, { ...averages, ...none }, params, settings);
  },
};
