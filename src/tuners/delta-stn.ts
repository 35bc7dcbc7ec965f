import { numpy as np } from "@jax-js/jax";

import { linearization } from "../engine/transform.ts";
import { anchored } from "./centered-stn.ts";
import type { SelfTuningOptions } from "./self-tuning-options.ts";
import { selfTuning } from "./self-tuning.ts";
import type { Tuner } from "./tuner.ts";

/**
 * Delta-STN: a centred self-tuning network whose prediction is linearised in the response,
 *
 *     y' = f(x, w0, λ + ε, ξ) + J_yw Θ ε,
 *
 * so that large perturbations do not spoil the response's Jacobian. `J_yw Θ ε` is one forward-mode product: the derivative of
 * the prediction by the response's input h, at h = 0, in direction ε, one direction per example; λ + ε inside dropout is held
 * fixed. Penalties see the perturbed weights in full.
 *
 * The method to start with: it tunes what changes the training loss (regularisation, dropout, augmentation, loss weights)
 * within one run; it cannot tune learning rates or the architecture.
 *
 * ```ts
 * deltaStn({ learningRate: 0.03 });
 * ```
 *
 * @see Bae and Grosse, "Delta-STN: Efficient bilevel optimization for neural networks using structured response Jacobians",
 *   2020, https://arxiv.org/abs/2010.13514
 */
export const deltaStn = (options: SelfTuningOptions = {}): Tuner =>
  selfTuning(
    anchored("delta-stn", (predict, h) => linearization(predict, np.zerosLike(h.ref), h)),
    options,
  );
