import { numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree, Program } from "../engine/engine.ts";
import { gradient, gradients, mapArrays, overRows } from "../engine/transform.ts";
import type { LossInputs, UpdateInputs } from "../hypergrad/training-step.ts";
import { plainLayers, type Layers } from "../nn/layer.ts";
import { mean } from "../nn/mean.ts";
import { clipByGlobalNorm } from "../nn/optim/clip.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { trainObjective, validLosses, type Objective } from "../problem/objective.ts";
import type { Problem } from "../problem/problem.ts";
import { unflattened, type Hypernet } from "../response/hypernet.ts";
import { naturalArrays, unconstrainedStart } from "../space/space.ts";
import type { HostTree } from "../util/host-array.ts";
import { currentHypers, type TunedState } from "./evaluate.ts";

/*
 * The programs of hyper-training; the notation is that of hyper-training.ts.
 */

/** Gradient descent from the hypernetwork's output: `w <- w - learningRate ∇_w L_T(w, λ)`, on a fixed set of training rows. */
export interface FineTuning {
  readonly steps: number;
  readonly learningRate: number;
  /** Rows drawn once from the training data; default 128. */
  readonly rows?: number;
}

/** φ and λ^ with their optimizers, and the rows of fine-tuning. */
export type HyperTrainingState = TunedState &
  Record<"paramsOptimizer" | "hypersOptimizer", ArrayTree> & { fineTuning?: LossInputs };

/** All that the programs are made of. */
export interface HyperTraining {
  readonly problem: Problem;
  readonly hypernet: Hypernet;
  /** The structure of the weights. */
  readonly like: HostTree;
  /** What the hypernetwork sees of λ. */
  readonly origin: "start" | "zero";
  readonly optimizer: Optimizer;
  readonly hyperOptimizer: Optimizer;
  readonly clipNorm: number;
  readonly fineTuning: FineTuning | undefined;
  /** What the draws of a step are added to: [1, size]. */
  center(state: HyperTrainingState): np.Array;
}

/** One step of φ on the training loss at several λ. */
export const trainProgram =
  (parts: HyperTraining): Program<HyperTrainingState, UpdateInputs & { draws: np.Array }, Objective> =>
  (state, { batch, noise, draws, settings }) => {
    const { problem, optimizer, clipNorm } = parts;
    const points = parts.center(state).add(draws); // [samples, size]
    const atRow = (flat: np.Array, row: np.Array): Objective => {
      const hypers = row.reshape([1, -1]);
      const params = fineTuned(parts, state, unflattened(flat, parts.like), hypers.ref);
      return trainObjective(problem, plainLayers(params), batch, naturalArrays(problem.space, hypers), noise);
    };
    const loss = (phi: ArrayTree): [np.Array, Objective] => {
      const each = overRows(atRow, weightsAt(parts, phi, points.ref), points.ref);
      const objective = { loss: mean(each.loss), penalty: mean(each.penalty) };
      return [objective.loss.ref.add(objective.penalty.ref), objective];
    };
    const { grads, reported } = differentiated(parts, loss, state.params);
    const [params, paramsOptimizer] = optimizer.update(
      clipByGlobalNorm(grads, clipNorm),
      state.paramsOptimizer,
      state.params,
      settings,
    );
    return [{ params, paramsOptimizer }, reported];
  };

/** One step of λ^ on the validation loss through the hypernetwork. */
export const tuneProgram =
  (
    parts: HyperTraining,
  ): Program<
    HyperTrainingState,
    Pick<UpdateInputs, "batch" | "settings"> & { hyperPenalty: np.Array },
    { loss: np.Array }
  > =>
  (state, { batch, settings, hyperPenalty }) => {
    const { problem, hyperOptimizer } = parts;
    const objective = (hypers: np.Array): [np.Array, { loss: np.Array }] => {
      const layers = layersAt(parts, state, hypers.ref.reshape([1, -1]));
      const natural = naturalArrays(problem.space, hypers.ref.reshape([1, -1]));
      const loss = mean(validLosses(problem, layers, batch, natural));
      const start = startOf(problem, hypers);
      const away = np.square(hypers.sub(start)).sum().mul(0.5);
      return [loss.ref.add(away.mul(hyperPenalty.ref)), { loss }];
    };
    const { grads, reported } = differentiated(parts, objective, state.hypers);
    const [hypers, hypersOptimizer] = hyperOptimizer.update(
      grads,
      state.hypersOptimizer,
      state.hypers,
      settings,
    );
    return [{ hypers: hypers as np.Array, hypersOptimizer }, reported]; // an optimizer keeps structures
  };

/**
 * The gradient of a loss and what it reports. Borrows `at`.
 *
 * jax-js (0.1.25) returns auxiliary values of the wrong trace where the loss takes a gradient itself, as fine-tuning does; then they
 * are computed once more, which an engine that shares equal operations does not.
 */
function differentiated<At extends ArrayTree, Reported extends ArrayTree>(
  { fineTuning }: HyperTraining,
  loss: (at: At) => [total: np.Array, reported: Reported],
  at: At,
): { grads: At; reported: Reported } {
  if (!fineTuning) {
    const { grads, reported } = gradients(loss, tree.ref(at));
    return { grads: grads[0], reported };
  }
  const grads = gradient((value: At) => loss(value)[0], tree.ref(at));
  return { grads, reported: loss(tree.ref(at))[1] };
}

/** The training objective at λ^, nothing moved. */
export const objectiveProgram =
  (parts: HyperTraining): Program<HyperTrainingState, LossInputs, Objective> =>
  (state, { batch, noise }) => {
    const layers = layersAt(parts, state, currentHypers(state));
    const hypers = naturalArrays(parts.problem.space, currentHypers(state));
    return [{}, trainObjective(parts.problem, layers, batch, hypers, noise)];
  };

/** w_φ(λ) for every row of λ [samples, size], which it consumes: [samples, weights]. */
function weightsAt({ hypernet, origin, problem }: HyperTraining, phi: ArrayTree, hypers: np.Array): np.Array {
  if (origin === "zero") return hypernet.apply(phi, hypers);
  return hypernet.apply(phi, hypers.sub(startOf(problem, hypers)));
}

/** λ_start: [size], in the type of an array that is only looked at. */
const startOf = ({ space }: Problem, { dtype }: np.Array): np.Array =>
  np.array([...unconstrainedStart(space)], { dtype });

/** Of the state, what w_φ(λ) follows from. */
type HypernetState = Pick<HyperTrainingState, "params" | "fineTuning">;

/** The layers of w_φ(λ) for one λ: [1, size], which it consumes. */
export function layersAt(parts: HyperTraining, state: HypernetState, hypers: np.Array): Layers {
  const flat = weightsAt(parts, state.params, hypers.ref).reshape([-1]);
  return plainLayers(fineTuned(parts, state, unflattened(flat, parts.like), hypers));
}

/** The weights after the ordinary steps that follow the hypernetwork, differentiable in both. Consumes params and hypers. */
function fineTuned(
  { problem, fineTuning }: HyperTraining,
  { fineTuning: rows }: Pick<HyperTrainingState, "fineTuning">,
  params: ArrayTree,
  hypers: np.Array,
): ArrayTree {
  if (!fineTuning || !rows) return params;
  const { batch, noise } = rows;
  const natural = naturalArrays(problem.space, hypers);
  const rate = (like: np.Array) => np.array(fineTuning.learningRate, { dtype: like.dtype });
  let current = params;
  for (let step = 0; step < fineTuning.steps; step++) {
    const objective = (at: ArrayTree): np.Array => {
      const { loss, penalty } = trainObjective(problem, plainLayers(at), batch, natural, noise);
      return loss.add(penalty);
    };
    const grads = gradient(objective, tree.ref(current));
    current = mapArrays((w, g) => w.sub(g.mul(rate(w))), current, grads);
  }
  return current;
}
