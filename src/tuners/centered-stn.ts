import { lax } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { stopped } from "../engine/transform.ts";
import { plainLayers, type Layers } from "../nn/layer.ts";
import { trainObjective, type Objective } from "../problem/objective.ts";
import type { Hypers, Problem } from "../problem/problem.ts";
import { naturalArrays } from "../space/space.ts";
import { meanObjective } from "./antithetic.ts";
import type { SelfTuningMethod, TrainPoint } from "./self-tuning-programs.ts";
import { selfTuning, type SelfTuningOptions } from "./self-tuning.ts";
import type { Tuner } from "./tuner.ts";

/**
 * Centred self-tuning network: the response is anchored at the current hyperparameters, r(λ) = w0 + Θ (λ - λ0), and trained
 * apart from the weights,
 *
 *     w0 -= α1 ∇_w0 L_T(λ0, w0),     Θ -= α1 ∇_Θ E_ε L_T(λ0 + ε, w0 + Θ ε).
 *
 * So w0 follows plain training without bias. {@link deltaStn} also linearises the network in the response, which is better
 * where perturbations are large.
 *
 * @see Bae and Grosse, "Delta-STN", 2020, section 4.2, https://arxiv.org/abs/2010.13514
 */
export const centeredStn = (options: SelfTuningOptions = {}): Tuner =>
  selfTuning(
    anchored("centered-stn", ({ problem, batch, noise }, layers, hypers) =>
      trainObjective(problem, layers, batch, hypers, noise),
    ),
    options,
  );

/** The objective of Θ at perturbed hyperparameters, given the layers at w0 + Θ h. */
export type ResponseObjective = (
  at: TrainPoint,
  layers: Layers,
  hypers: Hypers,
  layersAt: (h: TrainPoint["perturbation"]) => Layers,
) => Objective;

/** A method anchored at λ0: plain training of w0, and of Θ on an objective of its own with w0 held. */
export const anchored = (name: string, responseObjective: ResponseObjective): SelfTuningMethod => ({
  name,
  plainGradients: 1,
  origin: (hypers) => lax.stopGradient(hypers),
  trainLoss(at, params, theta) {
    const { problem, response, hypers, batch, noise } = at;
    const plain = trainObjective(problem, plainLayers(params), batch, naturalsAt(problem, hypers.ref), noise);
    const held: ArrayTree = stopped(params);
    const layersAt = (h: TrainPoint["perturbation"]) => response.layers(held, theta, h);
    const moved = meanObjective(
      at.responsePoints.map((point) =>
        responseObjective(
          point,
          layersAt(point.perturbation.ref),
          naturalsAt(problem, hypers.ref.add(point.perturbation.ref)),
          layersAt,
        ),
      ),
    );
    const total = plain.loss.ref.add(plain.penalty.ref).add(moved.loss).add(moved.penalty);
    return [total, plain];
  },
});

const naturalsAt = (problem: Problem, hypers: TrainPoint["hypers"]): Hypers =>
  naturalArrays(problem.space, hypers);
