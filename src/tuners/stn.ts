import { numpy as np } from "@jax-js/jax";

import { trainObjective } from "../problem/objective.ts";
import { naturalArrays } from "../space/space.ts";
import { meanObjective } from "./antithetic.ts";
import { selfTuning, type SelfTuningOptions } from "./self-tuning.ts";
import type { Tuner } from "./tuner.ts";

/**
 * Self-tuning network: weights and response are trained jointly on the loss at perturbed hyperparameters,
 *
 *     (w0, Θ) -= α1 ∇ E_ε L_T(λ + ε, w0 + Θ (λ + ε)).
 *
 * The joint fit biases w0, since a penalty on the response leaks into it, and is badly conditioned away from λ = 0; prefer
 * {@link deltaStn}. Kept as the method that the others are measured against.
 *
 * @see MacKay, Vicol, Lorraine, Duvenaud, Grosse, "Self-tuning networks", 2019, https://arxiv.org/abs/1903.03088
 */
export const stn = (options: SelfTuningOptions = {}): Tuner =>
  selfTuning(
    {
      name: "stn",
      plainGradients: 0,
      origin: (hypers) => np.zerosLike(hypers),
      trainLoss({ responsePoints }, params, theta) {
        const parts = meanObjective(
          responsePoints.map(({ problem, response, hypers, perturbation, batch, noise }) => {
            const perturbed = hypers.ref.add(perturbation.ref); // [rows, size]
            const layers = response.layers(params, theta, perturbed.ref);
            return trainObjective(problem, layers, batch, naturalArrays(problem.space, perturbed), noise);
          }),
        );
        return [parts.loss.ref.add(parts.penalty.ref), parts];
      },
    },
    options,
  );
