import { lax, type numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { stopped } from "../engine/transform.ts";
import { plainLayers, type Layers } from "../nn/layer.ts";
import {
  objectiveOf,
  seenOf,
  trainObjective,
  trainOutputs,
  type Objective,
  type Outputs,
} from "../problem/objective.ts";
import { naturalArrays } from "../space/space.ts";
import { meanObjective } from "./antithetic.ts";
import { curvatureAlong } from "./implicit-response.ts";
import type { SelfTuningMethod } from "./self-tuning-programs.ts";
import type { SelfTuningOptions } from "./self-tuning-options.ts";
import { selfTuning } from "./self-tuning.ts";
import type { TrainPoint } from "./train-point.ts";
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
    anchored("centered-stn", (predict, h) => predict(h)),
    options,
  );

/** The outputs of which Θ learns at h, by the network's outputs at any h: [rows, size]. Consumes h. */
export type ResponseOutputs = (predict: (h: np.Array) => Outputs, h: np.Array) => Outputs;

/** A method anchored at λ0: plain training of w0, and of Θ on outputs of its own with w0 held. */
export const anchored = (name: string, responseOutputs: ResponseOutputs): SelfTuningMethod => ({
  name,
  plainGradients: 1,
  origin: (hypers) => lax.stopGradient(hypers),
  trainLoss(at, params, theta) {
    const plain = objectiveAt(at, plainLayers(params), at.hypers.ref);
    const held: ArrayTree = stopped(params);
    const sampled = at.responsePoints.map(
      ({ problem, response, hypers, perturbation, batch, noise, ...taken }) => {
        const perturbed = naturalArrays(problem.space, hypers.ref.add(perturbation.ref));
        const seen = seenOf(taken);
        const layersAt = (h: np.Array): Layers => ({ ...response.layers(held, theta, h), ...seen });
        const predict = (h: np.Array) => trainOutputs(problem, layersAt(h), batch, perturbed, noise);
        const outputs = responseOutputs(predict, perturbation.ref);
        return objectiveOf(problem, outputs, layersAt(perturbation.ref), batch, perturbed);
      },
    );
    const moved = sampled.length > 0 ? [meanObjective(sampled)] : [];
    const curved = at.rays.map((ray) => curvatureAlong(ray, held, theta));
    const ofResponse = [...moved.flatMap(({ loss, penalty }) => [loss, penalty]), ...curved];
    const total = ofResponse.reduce((sum, part) => sum.add(part), plain.loss.ref.add(plain.penalty.ref));
    return [total, plain];
  },
});

const objectiveAt = (
  { problem, batch, noise, ...taken }: TrainPoint,
  layers: Layers,
  hypers: np.Array,
): Objective => trainObjective(problem, layers, batch, naturalArrays(problem.space, hypers), noise, taken);
