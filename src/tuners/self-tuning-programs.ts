import { numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree, Program } from "../engine/engine.ts";
import { gradients, mapArrays } from "../engine/transform.ts";
import type { LossInputs } from "../hypergrad/training-step.ts";
import { mean } from "../nn/mean.ts";
import { clipByGlobalNorm } from "../nn/optim/clip.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { rowsFrom } from "../nn/row-states.ts";
import { validLosses, type Objective } from "../problem/objective.ts";
import type { Batch, Problem } from "../problem/problem.ts";
import type { Response } from "../response/response.ts";
import { naturalArrays, onLogScale, tunableScales } from "../space/space.ts";
import { softplus } from "../space/transform.ts";
import { responsePoints } from "./antithetic.ts";
import { carrying, currentHypers, evaluationPrograms, respondPrograms, type TunedState } from "./evaluate.ts";
import type { Perturbations } from "./host.ts";
import { implicitCoordinates, maskOf, rays, type ResponseObjective } from "./implicit-response.ts";
import type { HeldHypers } from "./largest-decay.ts";
import { leftBehind, rowsTakenOver, takenOver, type ContinuesInput, type LeftInState } from "./taken-over.ts";
import type { TrainPoint, TrainStep } from "./train-point.ts";

/*
 * The programs of the self-tuning networks; the notation is that of self-tuning-options.ts.
 */

/** What a method of the family computes in its own way. */
export interface SelfTuningMethod {
  readonly name: string;
  /** The hyperparameters at which the response gives w0: zero, or λ0. [1, size] from λ: [1, size], which it consumes. */
  origin(hypers: np.Array): np.Array;
  /** Whether the origin is zero, so that w0 is not what the response gives at λ. */
  readonly absolute?: boolean;
  /** Whether w0 stays what the response gives at λ when λ moves, so that the response is the same function of λ from another origin. */
  readonly rebases?: boolean;
  /** The training loss whose gradients update w0 and Θ. Borrows the arrays of `at`. */
  trainLoss(at: TrainStep, params: ArrayTree, response: ArrayTree): [total: np.Array, reported: Objective];
  /** Minibatch gradients that one training step costs besides those of the response's points. */
  readonly plainGradients: number;
}

/** The parts of the state that are optimised; each has an optimizer's state beside it, `paramsOptimizer` and so on. */
export type Optimized = "params" | "response" | "hypers" | "scales";

/** The state of the family; `responseAverage` where hyperparameter steps follow one. */
export type SelfTuningState = TunedState &
  LeftInState &
  Record<"response" | `${Optimized}Optimizer`, ArrayTree> & { scales: np.Array; responseAverage?: ArrayTree };

/** The settings of the optimizers of the parts that a program moves. */
type SettingsInput<Part extends Optimized> = { settings: Record<Part, Record<string, np.Array>> };

/** What the programs that perturb λ are fed: z [rows, size] beside these. */
type PerturbedInputs<Part extends Optimized> = ContinuesInput &
  SettingsInput<Part> & { perturbation: np.Array };

/** All that the programs are made of. */
export interface SelfTuning {
  readonly method: SelfTuningMethod;
  readonly problem: Problem;
  readonly response: Response;
  readonly optimizers: Readonly<Record<Optimized, Optimizer>>;
  readonly clipNorm: number;
  readonly perturbations: Perturbations;
  readonly responseObjective: ResponseObjective;
  /** The share of the running average of Θ that a step keeps; 0 where hyperparameter steps follow Θ itself. */
  readonly averaging: number;
  /** Factor on the steps of hyperparameters that are not on a log scale. */
  readonly linearPace: number;
  readonly held: HeldHypers;
  /** What each coordinate counts in the entropy: [size]. */
  readonly counts: Float64Array;
  /** Rows of the training set. */
  readonly trainRows: number;
}

/** The programs of a method, by name. */
export const selfTuningPrograms = (parts: SelfTuning) => ({
  train: trainProgram(parts),
  trainWeights: weightsProgram(parts),
  tune: tuneProgram(parts),
  ...evaluationPrograms(parts.problem, (state: SelfTuningState) =>
    layersAt(parts, state, currentHypers(state)),
  ),
  ...respondPrograms(parts.problem, (state: SelfTuningState, hypers) => layersAt(parts, state, hypers)),
});

/** What {@link selfTuningPrograms} makes. */
export type SelfTuningPrograms = ReturnType<typeof selfTuningPrograms>;

/** The layers that the response gives at any λ: [1, size], which it consumes. */
function layersAt({ method, response }: SelfTuning, state: SelfTuningState, hypers: np.Array) {
  const h = hypers.sub(method.origin(currentHypers(state)));
  return carrying(response.layers(state.params, settledResponse(state), h), state);
}

/** One training step: w0 and Θ move by the gradients of the method's training loss. */
const trainProgram =
  (
    parts: SelfTuning,
  ): Program<
    SelfTuningState,
    LossInputs & PerturbedInputs<"params" | "response"> & PointInputs,
    Pick<Objective, "loss" | "penalty">
  > =>
  (state, inputs) => {
    const { method, problem, response, clipNorm } = parts;
    const sigma = softplus.apply(state.scales.ref);
    const at: TrainPoint = {
      problem,
      response,
      hypers: currentHypers(state),
      perturbation: inputs.perturbation.mul(sigma.ref),
      batch: inputs.batch,
      noise: inputs.noise,
      ...takenOver(state, inputs),
    };
    const step: TrainStep = { ...at, ...learntFrom(parts, at, sigma, inputs) };
    const { grads, reported } = gradients(
      (params: ArrayTree, theta: ArrayTree) => method.trainLoss(step, params, theta),
      tree.ref(state.params),
      tree.ref(state.response),
    );
    const { settings } = inputs;
    const changed = {
      ...moved(parts, "params", clipByGlobalNorm(grads[0], clipNorm), state, settings.params),
      ...moved(parts, "response", clipByGlobalNorm(grads[1], clipNorm), state, settings.response),
    };
    const [left, told] = leftBehind(reported);
    return [{ ...changed, ...averaged(parts, state, changed), ...left }, told];
  };

/** One training step of w0 alone, by the gradient of a method that trains Θ apart from it. */
const weightsProgram =
  (
    parts: SelfTuning,
  ): Program<
    SelfTuningState,
    LossInputs & ContinuesInput & SettingsInput<"params">,
    Pick<Objective, "loss" | "penalty">
  > =>
  (state, inputs) => {
    const { method, problem, response, clipNorm } = parts;
    const hypers = currentHypers(state);
    const step: TrainStep = {
      ...{ problem, response, hypers, perturbation: np.zerosLike(hypers.ref) },
      ...{ batch: inputs.batch, noise: inputs.noise },
      ...takenOver(state, inputs),
      ...{ responsePoints: [], rays: [] },
    };
    const { grads, reported } = gradients(
      (params: ArrayTree) => method.trainLoss(step, params, state.response),
      tree.ref(state.params),
    );
    const changed = moved(
      parts,
      "params",
      clipByGlobalNorm(grads[0], clipNorm),
      state,
      inputs.settings.params,
    );
    const [left, told] = leftBehind(reported);
    return [{ ...changed, ...left }, told];
  };

/** See {@link responsePoints}. */
type PointInputs = { perturbed?: Batch; turn?: np.Array };

/** What the response learns from in one step: samples of some coordinates, rays of the others. Consumes sigma. */
function learntFrom(
  { problem, perturbations, responseObjective, trainRows }: SelfTuning,
  at: TrainPoint,
  sigma: np.Array,
  { perturbed, turn }: PointInputs,
): Pick<TrainStep, "responsePoints" | "rays"> {
  const pointsAt = (at: TrainPoint) => responsePoints(at, perturbations, trainRows, perturbed, turn);
  const implicit = responseObjective === "implicit" ? implicitCoordinates(problem) : [];
  if (implicit.length === 0) return { responsePoints: pointsAt(at), rays: [] };
  const others = Array.from({ length: problem.space.size }, (_, j) => j).filter((j) => !implicit.includes(j));
  const sampled = { ...at, perturbation: at.perturbation.ref.mul(maskOf(sigma, others)) };
  return {
    responsePoints: others.length > 0 ? pointsAt(sampled) : [],
    rays: rays(at, sigma),
  };
}

/** One hyperparameter step: λ and s move by the gradients of the validation loss through the response. */
const tuneProgram =
  (
    parts: SelfTuning,
  ): Program<
    SelfTuningState,
    PerturbedInputs<"hypers" | "scales"> & { batch: Batch; entropyWeight: np.Array },
    Pick<Objective, "loss">
  > =>
  (state, inputs) => {
    const { method, problem, response, counts } = parts;
    const tunable = hostMask(tunableScales(problem.space));
    const taken = rowsTakenOver("valid", state, inputs);
    const loss = (hypers: np.Array, scales: np.Array): [np.Array, Pick<Objective, "loss" | "rowsLeft">] => {
      const sigma = softplus.apply(scales).mul(tunable(hypers));
      const row = hypers.reshape([1, -1]);
      const perturbed = row.ref.add(inputs.perturbation.ref.mul(sigma.ref)); // [rows, size]
      const h = perturbed.ref.sub(method.origin(row));
      const layers = carrying(response.layers(state.params, settledResponse(state), h), state);
      const natural = naturalArrays(problem.space, perturbed);
      const handed = rowsFrom(taken.rowsBefore);
      const seeing = { ...layers, ...handed.layers };
      const valid = mean(validLosses(problem, seeing, inputs.batch, natural));
      const bonus = entropy(sigma, tunable, hostMask(counts)).mul(inputs.entropyWeight.ref);
      return [valid.ref.sub(bonus), { loss: valid, ...handed.left() }];
    };
    const {
      grads,
      reported: { rowsLeft, ...told },
    } = gradients(loss, state.hypers.ref, state.scales.ref);
    const before = currentHypers(state);
    const from = before.ref.reshape([-1]);
    const { settings } = inputs;
    const changed = {
      ...paced(parts, from, moved(parts, "hypers", grads[0], state, settings.hypers)),
      ...moved(parts, "scales", grads[1], state, settings.scales),
      ...(rowsLeft && { validRows: rowsLeft }),
    };
    if (!method.rebases) return [changed, told];
    const step = currentHypers(changed).sub(before); // [1, size]
    const there = response.layers(state.params, state.response, step);
    return [{ ...changed, params: there.params() }, told];
  };

/** The Θ that answers for the weights: its running average, where one is kept. */
const settledResponse = ({
  responseAverage,
  response,
}: Pick<SelfTuningState, "responseAverage" | "response">): ArrayTree => responseAverage ?? response;

/** The running average of Θ after a step. */
function averaged(
  { averaging }: SelfTuning,
  state: Pick<SelfTuningState, "responseAverage">,
  changed: Pick<SelfTuningState, "response">,
): Pick<SelfTuningState, "responseAverage"> {
  if (!state.responseAverage) return {};
  const responseAverage = mapArrays(
    (average, now) => average.mul(averaging).add(now.ref.mul(1 - averaging)),
    state.responseAverage,
    changed.response,
  );
  return { responseAverage };
}

/** A part of the state after its optimizer's step, with that optimizer's new state. */
function moved<Part extends Optimized>(
  { optimizers }: SelfTuning,
  part: Part,
  grads: SelfTuningState[Part],
  state: SelfTuningState,
  settings: Record<string, np.Array>,
): WithOptimizer<Part> {
  const [values, optimizerState] = optimizers[part].update(
    grads,
    state[`${part}Optimizer`],
    state[part],
    settings,
  );
  return { [part]: values, [`${part}Optimizer`]: optimizerState } as WithOptimizer<Part>; // an optimizer keeps structures
}

type WithOptimizer<Part extends Optimized> = Pick<SelfTuningState, Part | `${Part}Optimizer`>;

/** A step from λ: [size] as far as it may go, in which hyperparameters on a linear scale go `linearPace` of the way. Borrows λ. */
function paced(
  { problem, linearPace, held }: SelfTuning,
  from: np.Array,
  moved: WithOptimizer<"hypers">,
): WithOptimizer<"hypers"> {
  if (linearPace === 1) return { ...moved, hypers: held(moved.hypers) };
  const shares = Float64Array.from(onLogScale(problem.space), (log) => (log ? 1 : linearPace));
  const step = moved.hypers.sub(from.ref).mul(hostMask(shares)(from));
  return { ...moved, hypers: held(from.ref.add(step)) };
}

/** H = Σ_j log(σ_j sqrt(2πe)) over the tunable scales, each as much as it counts. Consumes sigma: [size]. */
function entropy(sigma: np.Array, tunable: Mask, counts: Mask): np.Array {
  const mask = tunable(sigma);
  const held = np.subtract(1, mask.ref); // a held scale counts as 1 under the logarithm
  const weights = mask.mul(counts(sigma));
  return np
    .log(sigma.add(held))
    .add(0.5 * Math.log(2 * Math.PI * Math.E))
    .mul(weights)
    .sum();
}

/** A constant vector in the floating-point type of an array that is only looked at. */
type Mask = (like: np.Array) => np.Array;

const hostMask =
  (mask: Float64Array): Mask =>
  (like) =>
    np.array([...mask], { dtype: like.dtype });
