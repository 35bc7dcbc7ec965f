import { numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree, Program } from "../engine/engine.ts";
import { overRows, pushForward } from "../engine/transform.ts";
import type { Objective } from "../problem/objective.ts";
import type { Batch } from "../problem/problem.ts";
import { HostArray, mapTree, sizeOf, type HostTree } from "../util/host-array.ts";
import {
  trainingStep,
  trainObjectiveAt,
  validGradientProgram,
  type CarriedState,
  type Training,
  type TrainingState,
  type UpdateInputs,
} from "./training-step.ts";
import { treeProduct } from "./tree-product.ts";

/**
 * The programs of forward mode (Franceschi et al. 2017), over a state with `params`, `optimizer`, `hypers` and
 * `tangents`, which holds Z = ds/dλ, [size, ...] for each leaf of s:
 *
 * - `trainForward`: a training step and `Z_t = A_t Z_{t-1} + B_t`; outputs `loss` and `penalty`;
 * - `forwardGradient`: `dL_V/dλ = ∂L_V/∂λ + Z' ∂L_V/∂w` on a fed validation `batch`; outputs `hypers` and `loss`.
 *
 * The hypergradient is at hand at every step, without a trajectory: after r steps λ may move and training go on with the
 * same Z (real-time hyperparameter optimisation, RTHO), which is then that of a λ that moved on the way. Cost of a step:
 * one gradient and one product for each hyperparameter, all in one batched computation; memory: s once more for each
 * hyperparameter. For a handful of them.
 *
 * @see Franceschi, Donini, Frasconi and Pontil, "Forward and reverse gradient-based hyperparameter optimization", 2017,
 *   https://arxiv.org/abs/1703.01785
 */
export const forwardPrograms = (training: Training): ForwardPrograms => ({
  trainForward({ params, optimizer, hypers, tangents: before }, inputs) {
    const at = { params, optimizer };
    const objective = trainObjectiveAt(training.problem, tree.ref(at.params), hypers.ref, inputs);
    const pushed = (tangent: CarriedState, direction: np.Array): CarriedState =>
      pushForward(
        (carry: CarriedState, lambda: np.Array) => trainingStep(training, carry, lambda, inputs),
        [tree.ref(at), hypers.ref],
        [tangent, direction],
      );
    const directions = np.eye(hypers.size, hypers.size, { dtype: hypers.dtype });
    const tangents = overRows(pushed, before, directions);
    return [{ ...trainingStep(training, at, hypers, inputs), tangents }, objective];
  },
  forwardGradient(state, inputs) {
    const [, valid] = validGradientProgram(training.problem)(state, inputs);
    const along = (tangent: ArrayTree): np.Array => treeProduct(tangent, tree.ref(valid.params));
    const through = overRows(along, state.tangents.params); // [size]
    return [{}, { hypers: valid.hypers.add(through), loss: valid.loss }];
  },
});

/** Z beside what is trained. */
type ForwardState = TrainingState & { tangents: CarriedState };

/** The programs of {@link forwardPrograms}. */
export type ForwardPrograms = {
  readonly trainForward: Program<ForwardState, UpdateInputs, Objective>;
  readonly forwardGradient: Program<ForwardState, { batch: Batch }, { hypers: np.Array; loss: np.Array }>;
};

/** Z of an s that does not depend on λ: zeros, [size, ...] for each leaf. */
export const noTangents = (carry: HostTree, size: number): HostTree =>
  mapTree(carry, ({ shape }) => {
    const rows = [size, ...shape];
    return new HostArray(new Float32Array(sizeOf(rows)), rows);
  });
