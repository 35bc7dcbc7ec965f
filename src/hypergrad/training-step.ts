import { tree, type numpy as np } from "@jax-js/jax";

import type { ArrayTree, NoArrays, Program } from "../engine/engine.ts";
import { gradient, gradients } from "../engine/transform.ts";
import { plainLayers } from "../nn/layer.ts";
import { mean } from "../nn/mean.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { trainObjective, validLosses, type Objective } from "../problem/objective.ts";
import type { Batch, Noise, Problem } from "../problem/problem.ts";
import { naturalArrays } from "../space/space.ts";
import { hyperOfSetting } from "./optimizer-hypers.ts";

/** What is trained, and how. */
export interface Training {
  readonly problem: Problem;
  readonly optimizer: Optimizer;
}

/** s: what training carries from one step to the next. */
export type CarriedState = { params: ArrayTree; optimizer: ArrayTree };

/** The inputs of the training loss. */
export type LossInputs = { batch: Batch; noise: Noise };

/** The inputs of a training step; its `settings` are those of the optimizer, see {@link settingsAt}. */
export type UpdateInputs = LossInputs & { settings: Record<string, np.Array> };

/**
 * Φ: one training step from s at λ [size], both of which it consumes. Differentiable in both.
 *
 * @param inputs `batch`, `noise` and `settings`, borrowed; see {@link settingsAt} for settings that are hyperparameters.
 */
export function trainingStep(
  training: Training,
  carry: CarriedState,
  hypers: np.Array,
  inputs: UpdateInputs,
): CarriedState {
  const grads = gradient(
    (at: ArrayTree) => trainLoss(training.problem, at, hypers.ref, inputs),
    tree.ref(carry.params),
  );
  return updated(training, grads, carry, hypers, inputs);
}

/** The rest of Φ once the gradient is known: the optimizer's update, as a function of it, of s and of λ. Consumes all three. */
export function updated(
  training: Training,
  grads: ArrayTree,
  { params, optimizer }: CarriedState,
  hypers: np.Array,
  inputs: Pick<UpdateInputs, "settings">,
): CarriedState {
  const settings = settingsAt(training, hypers, inputs);
  const [moved, state] = training.optimizer.update(grads, optimizer, params, settings);
  return { params: moved, optimizer: state };
}

/** L_T on a minibatch: []. Consumes the weights and λ [size], borrows the inputs. */
export function trainLoss(
  problem: Problem,
  params: ArrayTree,
  hypers: np.Array,
  inputs: LossInputs,
): np.Array {
  const { loss, penalty } = trainObjectiveAt(problem, params, hypers, inputs);
  return loss.add(penalty);
}

/** L_T in its two parts. Consumes the weights and λ [size], borrows the inputs. */
export function trainObjectiveAt(
  problem: Problem,
  params: ArrayTree,
  hypers: np.Array,
  { batch, noise }: LossInputs,
): Objective {
  const natural = naturalArrays(problem.space, hypers.reshape([1, -1]));
  return trainObjective(problem, plainLayers(params), batch, natural, noise);
}

/**
 * The optimizer's settings at λ [size], which it consumes.
 *
 * @param inputs `settings`, borrowed. Where a setting is a hyperparameter, what is fed is a factor on it, which a schedule
 *   may use; where it is one with a shape, a factor on each element, 0 but at the step's.
 */
export function settingsAt(
  { problem, optimizer }: Training,
  hypers: np.Array,
  { settings: fed }: Pick<UpdateInputs, "settings">,
): Record<string, np.Array> {
  const natural = naturalArrays(problem.space, hypers.reshape([1, -1]));
  return Object.fromEntries(
    optimizer.settings.map((setting) => {
      const value = (fed[setting] as np.Array).ref;
      const tuned = natural[hyperOfSetting(problem.space, setting)?.[0] ?? ""];
      return [setting, tuned ? tuned.ref.reshape(value.shape).mul(value).sum() : value];
    }),
  );
}

/** The state of plain training: s and λ [size]. */
export type TrainingState = CarriedState & { hypers: np.Array };

/** One training step. */
export const trainProgram =
  (training: Training): Program<TrainingState, UpdateInputs, Objective> =>
  ({ params, optimizer, hypers }, inputs) => {
    const objective = (at: ArrayTree): [np.Array, Objective] => {
      const parts = trainObjectiveAt(training.problem, at, hypers.ref, inputs);
      return [parts.loss.ref.add(parts.penalty.ref), parts];
    };
    const { grads, reported } = gradients(objective, tree.ref(params));
    return [updated(training, grads[0], { params, optimizer }, hypers, inputs), reported];
  };

/** On a `batch` of validation data `loss` and its gradients `params`, v, and `hypers`, the direct part of dL_V/dλ. */
export type ValidGradientProgram = Program<
  Pick<TrainingState, "params" | "hypers">,
  { batch: Batch },
  { params: ArrayTree; hypers: np.Array; loss: np.Array }
>;

/** The validation loss and its gradients. */
export const validGradientProgram =
  (problem: Problem): ValidGradientProgram =>
  (state, { batch }) => {
    const loss = (params: ArrayTree, hypers: np.Array): [np.Array, { loss: np.Array }] => {
      const natural = naturalArrays(problem.space, hypers.reshape([1, -1]));
      const value = mean(validLosses(problem, plainLayers(params), batch, natural));
      return [value.ref, { loss: value }];
    };
    const { grads, reported } = gradients(loss, state.params, state.hypers);
    return [{}, { params: grads[0], hypers: grads[1], ...reported }];
  };

/** λ [size] and the state of its optimizer. */
export type HyperStepState = { hypers: np.Array; hypersOptimizer: ArrayTree };

/** A hypergradient [size], and the settings of λ's optimizer. */
export type HyperStepInputs = { gradient: np.Array; settings: Record<string, np.Array> };

/** The hyperparameter step. @param held makes of where it ends where it may end, consuming that; default the same */
export const hyperStepProgram =
  (
    optimizer: Optimizer,
    held: (hypers: np.Array) => np.Array = (hypers) => hypers,
  ): Program<HyperStepState, HyperStepInputs, NoArrays> =>
  (state, { gradient, settings }) => {
    const [hypers, hypersOptimizer] = optimizer.update(
      gradient,
      state.hypersOptimizer,
      state.hypers,
      settings,
    );
    return [{ hypers: held(hypers as np.Array), hypersOptimizer }, {}]; // an optimizer keeps structures
  };
