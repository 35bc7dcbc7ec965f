import { lax, numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { mapArrays, pushForward, valueAndPushForward } from "../engine/transform.ts";
import type { Layers } from "../nn/layer.ts";
import { objectiveOf, seenOf, trainOutputs } from "../problem/objective.ts";
import type { Problem } from "../problem/problem.ts";
import { coordinateNames, naturalArrays } from "../space/space.ts";
import type { TrainPoint } from "./train-point.ts";

/**
 * From what the response learns its columns of penalty weights and the like, which the prediction does not depend on:
 *
 * - `sampled`: as all others, from the training loss at perturbed hyperparameters, as in the papers;
 * - `implicit`: from the linear system of the implicit function theorem, whose right side is known exactly.
 */
export type ResponseObjective = "sampled" | "implicit";

/** A ray costs what a gradient costs; with more hyperparameters than this the response keeps learning from samples. */
const MOST_RAYS = 8;

/**
 * The rays along which the implicit objective is taken; it is the sum of what `curvatureAlong` gives on them.
 *
 * | symbol | meaning |
 * |---|---|
 * | G, P, M | Gauss-Newton matrix J' L_zz J of the data's loss, ∂²(penalty)/∂w² and ∂²L_T/∂w∂λ, at w0 and λ0 |
 * | z, u | outputs at w0, and their derivative J Θ ε along the response |
 * | Σ | diag(σ²) |
 *
 * At the best response (G + P) Θ + M = 0, if G stands for the Hessian of the data's loss. This is the minimum of
 *
 *     E_ε [ ½ (Θε)' (G + P) Θε + (Θε)' M ε ],   E_ε εε' = Σ,
 *
 * which is half the second derivative by t, at t = 0, of the training loss along the ray λ0 + t ε, w0 + t Θ ε with the outputs z + t u, but for
 * a term without Θ. Perturbations of finite size average terms of higher order in as well, and a term of first order that is all noise; here
 * there is neither. Nor is there noise of ε, since each coordinate has a ray of its own, σ_j e_j, and these add up to Σ: this is what counts. With a
 * random ray for each example the response learned no sooner than from antithetic pairs.
 *
 * It is Delta-STN's own objective in the limit of small perturbations, but for what these smooth: where a loss is not twice
 * differentiable in weights or hyperparameters, as with L1 penalties and rates of dropout, the response keeps learning from samples.
 *
 * Not in the papers of self-tuning networks; the system is that of implicit differentiation (Larsen et al. 1996), here solved once along with
 * training for all λ instead of for each hypergradient anew.
 *
 * @param sigma [size], borrowed
 */
export const rays = (at: TrainPoint, sigma: np.Array): readonly TrainPoint[] =>
  implicitCoordinates(at.problem).map((j) => {
    const own = sigma.ref.mul(maskOf(sigma, [j]));
    return { ...at, perturbation: own.reshape([1, -1]) };
  });

/** Half the second derivative of the training loss along a ray: [], of use for its derivative by Θ. Borrows. */
export function curvatureAlong(
  { problem, response, hypers, perturbation, batch, noise, ...taken }: TrainPoint,
  held: ArrayTree,
  theta: ArrayTree,
): np.Array {
  const seen = seenOf(taken);
  const layersAt = (h: np.Array): Layers => ({ ...response.layers(held, theta, h), ...seen });
  const here = naturalArrays(problem.space, hypers.ref);
  const [outputs, moved] = valueAndPushForward(
    (h: np.Array) => trainOutputs(problem, layersAt(h), batch, here, noise),
    [np.zerosLike(perturbation.ref)],
    [perturbation.ref],
  );
  const lossAt = (t: np.Array): np.Array => {
    const h = perturbation.ref.mul(t.ref);
    const z = mapArrays((value, u) => lax.stopGradient(value.ref).add(u.ref.mul(t.ref)), outputs, moved);
    t.dispose();
    const values = naturalArrays(problem.space, hypers.ref.add(h.ref));
    const { loss, penalty } = objectiveOf(problem, z, layersAt(h), batch, values);
    return loss.add(penalty);
  };
  const [zero, one] = [np.zeros([], { dtype: hypers.dtype }), np.ones([], { dtype: hypers.dtype })];
  const slopeAt = (t: np.Array) => pushForward(lossAt, [t], [one.ref]);
  return pushForward(slopeAt, [zero], [one]).mul(0.5);
}

/** The coordinates of which the response learns by the implicit objective: those of smooth hyperparameters, unless they are many. */
export function implicitCoordinates({ space, smooth = [] }: Problem): readonly number[] {
  const found = coordinateNames(space).flatMap((name, j) => (smooth.includes(name) ? [j] : []));
  return found.length <= MOST_RAYS ? found : [];
}

/** 1 at some coordinates, else 0, like an array [size] that is only looked at. */
export const maskOf = (like: np.Array, coordinates: readonly number[]): np.Array => {
  const mask = Array.from({ length: like.size }, (_, j) => (coordinates.includes(j) ? 1 : 0));
  return np.array(mask, { dtype: like.dtype });
};
