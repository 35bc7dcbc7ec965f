import type { numpy as np } from "@jax-js/jax";

import { inputError } from "../util/error.ts";

/**
 * Demands that all examples share the response's input, for what needs one set of weights.
 *
 * @throws {HypertrainError} if h: [rows, size] has more than one row.
 */
export function sharedInput(h: np.Array): void {
  if (h.shape[0] === 1) return;
  throw inputError(
    `a loss or penalty that reads whole parameters must see one set of weights per minibatch, but the hyperparameters are perturbed per example; set \`perturb: "minibatch"\` for all of them`,
  );
}
