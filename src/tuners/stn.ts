import { lax, numpy as np } from "@jax-js/jax";

import { trainObjective } from "../problem/objective.ts";
import { naturalArrays } from "../space/space.ts";
import { meanObjective, rowCount } from "./antithetic.ts";
import type { SelfTuningMethod } from "./self-tuning-programs.ts";
import type { SelfTuningOptions } from "./self-tuning-options.ts";
import { selfTuning } from "./self-tuning.ts";
import type { Tuner } from "./tuner.ts";

/** Options of {@link stn}. */
export interface StnOptions extends SelfTuningOptions {
  /**
   * The response's input h: `absolute`, λ + ε as in the paper, or `centred`, ε alone. Both describe the same weights, w0 + Θ h, and end at
   * the same fit: a centred one makes w0 the weights at the current λ, and moves them along Θ whenever λ moves. Only the path differs: the
   * curvature of Θ is |λ|² + σ² times that of the weights with `absolute`, σ² times with `centred`, so that a λ far from 0, such as the
   * logarithm of a small penalty, makes the first one diverge at step sizes that suit the weights. Default `centred`, in the preset `paper` `absolute`.
   */
  readonly input?: "absolute" | "centred";
}

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
export const stn = ({ input = "absolute", ...options }: StnOptions = {}): Tuner =>
  selfTuning(
    {
      name: "stn",
      plainGradients: 0,
      ...origins[input],
      trainLoss({ responsePoints, batch: whole }, params, theta) {
        const parts = meanObjective(
          responsePoints.map((point) => {
            const { problem, response, hypers, perturbation, batch, noise } = point;
            const perturbed = hypers.ref.add(perturbation.ref); // [rows, size]
            const h = input === "centred" ? perturbation.ref : perturbed.ref;
            const layers = response.layers(params, theta, h);
            const natural = naturalArrays(problem.space, perturbed);
            return trainObjective(problem, layers, batch, natural, noise, point);
          }),
          rowCount(whole),
        );
        return [parts.loss.ref.add(parts.penalty.ref), parts];
      },
    },
    options,
  );

const origins = {
  absolute: { origin: (hypers: np.Array) => np.zerosLike(hypers), absolute: true },
  centred: { origin: (hypers: np.Array) => lax.stopGradient(hypers), rebases: true },
} satisfies Record<string, Pick<SelfTuningMethod, "origin" | "rebases" | "absolute">>;
