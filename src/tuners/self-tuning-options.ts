import type { Optimizer } from "../nn/optim/optimizer.ts";
import { rmsprop } from "../nn/optim/rmsprop.ts";
import { checkedSchedule, constant, type Schedule } from "../nn/optim/schedule.ts";
import { sgd } from "../nn/optim/sgd.ts";
import type { Response } from "../response/response.ts";
import type { Perturbations } from "./host.ts";
import type { ResponseObjective } from "./implicit-response.ts";
import type { Optimized } from "./self-tuning-programs.ts";

/**
 * What the self-tuning networks share: one training run that learns the weights, their response to the hyperparameters, the
 * hyperparameters and the scales at which these are perturbed.
 *
 * | symbol | meaning | shape | here |
 * |---|---|---|---|
 * | λ, λ0 | unconstrained hyperparameters; λ0 is their value now | [size] | `hypers` |
 * | σ     | perturbation scales, σ = softplus(s) | [size] | `scales` holds s |
 * | ε     | perturbation, ε = σ z with z standard normal | [rows, size] | `perturbation` is z |
 * | w0, Θ | base weights and response | trees | `params`, `response` |
 * | h     | the response's input, λ + ε minus the method's origin | [rows, size] | |
 * | L     | the method's training loss, on a minibatch | [] | `trainLoss` |
 * | a, Θ̄  | `responseAveraging`, and the running average of Θ that it keeps; Θ̄ = Θ where a = 0 | tree | `responseAverage` |
 * | τ     | weight of the perturbations' entropy | [] | `entropyWeight` |
 * | c     | what a coordinate counts in it: 1, or 1/m for each of m that move as one | [size] | `counts` |
 * | p     | 1 on a log scale, else `linearPace` | [size] | |
 *
 * Repeated, after a warm-up without hyperparameter steps: `trainSteps` training steps
 *
 *     w0 -= α1 ∇_w0 L,   Θ -= α_Θ ∇_Θ L,   Θ̄ = a Θ̄ + (1 - a) Θ,
 *
 * both gradients at the same w0 and Θ, those of Θ in every `responseEvery`-th step alone, then `validSteps` times
 *
 *     λ -= p α2 ∇_λ L_V(r(λ + ε)),   s -= α3 ∇_s ( L_V(r(λ + ε)) - τ H ),   H = Σ_j c_j log(σ_j sqrt(2πe)),
 *
 * where r has Θ̄ for its Θ, and ε_j is 0 and j no part of the sum where the hyperparameter's scale is not tuned. Each update is written for plain descent; an optimizer puts its own step in the place of
 * the gradient times a rate, and p scales that step. STN with a centred input then sets w0 to what the response, by Θ, gives at the new λ (`rebases`).
 */
export interface SelfTuningOptions {
  /** For w0; default SGD with momentum 0.9. */
  readonly optimizer?: Optimizer;
  /** For Θ; default Adam, for `stn` and in the preset `paper` another of the weights' kind. */
  readonly responseOptimizer?: Optimizer;
  /** Default Adam; in the preset `paper` RMSprop. */
  readonly hyperOptimizer?: Optimizer;
  /** Default RMSprop. */
  readonly scaleOptimizer?: Optimizer;
  /** Step size α1 of the weights; default 0.03. */
  readonly learningRate?: number;
  /** Step size of the response; default 0.003 for Adam where `responseOptimizer` is left out, else α1. */
  readonly responseLearningRate?: number;
  /** Factor on both of these by training step; default constant. */
  readonly schedule?: Schedule;
  /** Step size α2 of the hyperparameters; default 0.01. */
  readonly hyperLearningRate?: number;
  /**
   * Factor on the hyperparameter steps of those that are not on a log scale, such as dropout rates: their whole range is a few units of
   * λ, where a penalty's is ten or twenty; default 0.5, in the preset `paper` 1.
   */
  readonly linearPace?: number;
  /** Factor on α2 and α3; default `inverseTime` behind 1,000 hyperparameter steps, or behind those of 200 epochs where these are more, in the preset `paper` constant. */
  readonly hyperSchedule?: HyperPace;
  /** Step size α3 of the perturbation scales; default 0.01. */
  readonly scaleLearningRate?: number;
  /** τ; default 0.001. */
  readonly entropyWeight?: number;
  /** Epochs at the start without hyperparameter steps; default a fifth of the run, in the preset `paper` 5. */
  readonly warmupEpochs?: number;
  /** Training steps between hyperparameter steps (T_train); default 2, in the preset `paper` 5. */
  readonly trainSteps?: number;
  /** Hyperparameter steps each time (T_valid); default 1. */
  readonly validSteps?: number;
  /** Largest global norm of the gradient of w0 and of that of Θ; default no limit. */
  readonly clipNorm?: number;
  /** How the response's perturbations are drawn; default `paired`, for `stn` and in the preset `paper` `independent`. */
  readonly perturbations?: Perturbations;
  /**
   * From what the response learns its columns of hyperparameters that the problem calls `smooth`, such as L2 penalties: `sampled`, as in the
   * papers, or `implicit`. For a response anchored at the current λ, not for `stn`. Default `sampled`.
   */
  readonly responseObjective?: ResponseObjective;
  /**
   * The share of a running average of Θ that a training step keeps; hyperparameter steps follow the average. What Θ learns from is noisy, and
   * an optimizer such as Adam makes steps of noise as long as others: 1 / (1 - share) of them are averaged out. For a response anchored
   * at the current λ, not for `stn`. Default 0: Θ itself, as in the papers.
   */
  readonly responseAveraging?: number;
  /**
   * Training steps from one step of the response to the next; the others are plain training of w0. The response costs more than the weights do, and
   * changes slowly. It learns in those that hyperparameter steps follow, where `trainSteps` is a multiple of this. For a response anchored at the current λ, not for `stn`, which trains both as one. Default 1, as in the papers.
   */
  readonly responseEvery?: number;
  /** Default: `factored` for a problem written over layers, `dense` for any other. */
  readonly response?: Response;
  /**
   * Hyperparameters of one name up to which each is perturbed and answered for by itself; more of them are so together, and move as one.
   * Default 100, in the preset `paper` Infinity.
   */
  readonly mostApart?: number;
}

/**
 * A factor by hyperparameter step, counted from 0 and anew in a training that begins anew. An epoch has `perEpoch` of them; a schedule that has no use for that is one, too.
 */
export type HyperPace = (step: number, perEpoch: number) => number;

/** Options of a method whose response is anchored at the current λ, and trained apart from w0. */
export type AnchoredOption = "responseObjective" | "responseAveraging" | "responseEvery";

/** The step size of each part. */
export type Rates = Readonly<Record<Optimized, number>>;

/** Options with their defaults filled in. */
export type SelfTuningSettings = ReturnType<typeof withDefaults>;

/** The papers' defaults; those of the library and the command line stand in `methods/`. */
export function withDefaults({
  optimizer = sgd(),
  responseOptimizer = optimizer,
  hyperOptimizer = rmsprop(),
  scaleOptimizer = rmsprop(),
  learningRate = 0.03,
  responseLearningRate = learningRate,
  hyperLearningRate = 0.01,
  linearPace = 1,
  scaleLearningRate = 0.01,
  schedule = constant(),
  hyperSchedule = constant(),
  entropyWeight = 0.001,
  warmupEpochs = 5,
  trainSteps = 5,
  validSteps = 1,
  clipNorm = Infinity,
  perturbations = "independent",
  responseObjective = "sampled",
  responseAveraging: averaging = 0,
  responseEvery = 1,
  response,
  mostApart = Infinity,
}: SelfTuningOptions) {
  const optimizers: Readonly<Record<Optimized, Optimizer>> = {
    params: optimizer,
    response: responseOptimizer,
    hypers: hyperOptimizer,
    scales: scaleOptimizer,
  };
  const rates: Rates = {
    params: learningRate,
    response: responseLearningRate,
    hypers: hyperLearningRate,
    scales: scaleLearningRate,
  };
  return {
    optimizers,
    rates,
    schedule: checkedSchedule("schedule", schedule),
    hyperSchedule: checkedSchedule("hyperSchedule", hyperSchedule),
    entropyWeight,
    linearPace,
    warmupEpochs,
    trainSteps,
    validSteps,
    clipNorm,
    perturbations,
    responseObjective,
    averaging,
    responseEvery,
    response,
    mostApart,
  };
}

/** The step sizes of a training step: schedule and factor are those of training. */
export const trainingRates = (
  { rates, schedule }: Pick<SelfTuningSettings, "rates" | "schedule">,
  step: number,
  rateFactor = 1,
): Pick<Rates, "params" | "response"> => ({
  params: rates.params * schedule(step) * rateFactor,
  response: rates.response * schedule(step) * rateFactor,
});

/** The step sizes of a hyperparameter step. @param index in the training under way */
export function tuningRates(
  {
    rates,
    hyperSchedule,
    ...rhythm
  }: Pick<SelfTuningSettings, "rates" | "hyperSchedule" | "trainSteps" | "validSteps">,
  index: number,
  { stepsPerEpoch }: { readonly stepsPerEpoch: number },
): Pick<Rates, "hypers" | "scales"> {
  const perEpoch = (stepsPerEpoch / rhythm.trainSteps) * rhythm.validSteps;
  const factor = hyperSchedule(index, perEpoch);
  return { hypers: rates.hypers * factor, scales: rates.scales * factor };
}
