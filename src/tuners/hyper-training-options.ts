import { adam } from "../nn/optim/adam.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { checkedSchedule, constant, type Schedule } from "../nn/optim/schedule.ts";
import type { Problem } from "../problem/problem.ts";
import {
  elementwiseHypernet,
  factoredHypernet,
  linearHypernet,
  weightsOf,
  type Hypernet,
} from "../response/hypernet.ts";
import type { HyperDistribution } from "../space/distribution.ts";
import { inputError } from "../util/error.ts";
import { streamKey } from "../util/random.ts";
import type { FineTuning } from "./hyper-training-programs.ts";

/**
 * Hyper-training (Lorraine and Duvenaud 2018): a hypernetwork w_φ(λ) takes the place of the weights, and φ is trained on the
 * training loss at sampled hyperparameters; the hyperparameters follow the validation gradient through it.
 *
 * | symbol | meaning | shape | here |
 * |---|---|---|---|
 * | φ     | the hypernetwork's parameters | a tree | `params` |
 * | λ^    | the current unconstrained hyperparameters | [size] | `hypers` |
 * | λ     | the sampled ones of one step | [samples, size] | `points` |
 * | σ     | standard deviation of the local p(λ | λ^) | [size] | |
 * | α, β  | step sizes of φ and of λ^ | [] | `learningRate`, `hyperLearningRate` |
 *
 *     φ -= α ∇_φ mean over λ of L_T(w_φ(λ), λ),     λ^ -= β ∇_λ^ ( L_V(w_φ(λ^)) + ½ ρ |λ^ - λ_start|² ).
 *
 * @see Lorraine and Duvenaud, "Stochastic hyperparameter optimization through hypernetworks", 2018,
 *   https://arxiv.org/abs/1802.09419
 */
export interface HyperTrainingOptions {
  /**
   * Default for `hyperTraining`: elementwise where there is one hyperparameter a weight; else linear, or factored with 10 units
   * where that would be more than two million parameters. For `globalHyperTraining`: `mlpHypernet()`.
   */
  readonly hypernet?: Hypernet;
  /**
   * What the hypernetwork sees of λ: `start` feeds λ - λ_start, so that training starts at the hypernetwork's own bias; `zero` feeds λ
   * itself, as the paper does, which throws thousands of hyperparameters far from 0 off their feet. Default `start`.
   */
  readonly origin?: "start" | "zero";
  /** For φ; default Adam. */
  readonly optimizer?: Optimizer;
  /** For λ^; default Adam. */
  readonly hyperOptimizer?: Optimizer;
  /** α; default 0.001. */
  readonly learningRate?: number;
  /** Factor on α by training step; default constant. */
  readonly schedule?: Schedule;
  /** β; default 0.005, in the preset `paper` 0.01. */
  readonly hyperLearningRate?: number;
  /** Sampled hyperparameters of one training step, each with weights of its own; default 2, for the global one 10. */
  readonly samples?: number;
  /** Largest global norm of the gradient of φ; default no limit. */
  readonly clipNorm?: number;
  /** ρ, weight of a penalty on the hyperparameters themselves (hyper-regularisation); default 0. */
  readonly hyperPenalty?: number;
  /** Ordinary training steps that follow the hypernetwork's output, differentiated through; default none. */
  readonly fineTuning?: FineTuning;
  /** Bytes that φ with its gradient and its optimizer's state may take; default 4 GiB. */
  readonly memoryLimit?: number;
}

/** Options of `hyperTraining`. */
export interface LocalHyperTrainingOptions extends HyperTrainingOptions {
  /** σ for all hyperparameters; default the `scale` of each in the space. */
  readonly scale?: number;
  /**
   * `paired` draws λ^ + ε and λ^ - ε, of an odd number of samples the last alone. All samples share the minibatch and its noise, so
   * that pairs cost nothing and what they cancel is what `responsePoints` says. Default `independent`, as in the paper.
   */
  readonly perturbations?: "independent" | "paired";
  /** Epochs at the start without hyperparameter steps; default a fifth of the run, in the preset `paper` 0. */
  readonly warmupEpochs?: number;
  /** Training steps between hyperparameter steps; default 2, in the preset `paper` 1. */
  readonly trainSteps?: number;
  /** Hyperparameter steps each time; default 1. */
  readonly validSteps?: number;
}

/** Options of `globalHyperTraining`. */
export interface GlobalHyperTrainingOptions extends HyperTrainingOptions {
  /** p(λ); default normal around the start with each hyperparameter's `scale` as its standard deviation. */
  readonly distribution?: HyperDistribution;
  /** Epochs that train the hypernetwork; after them only λ^ moves. Default four fifths of the run; in the preset `paper` it must be given. */
  readonly hypernetEpochs: number;
}

/** Those options with what stands for the ones left out. */
export type HyperTrainingSettings = ReturnType<typeof withDefaults>;

/** With the papers' defaults; those of the library and the command line, which `HyperTrainingOptions` tells, stand in `methods/`. */
export function withDefaults(options: HyperTrainingOptions, { space, init }: Problem) {
  const weights = weightsOf(init(streamKey(0, "params")));
  const { learningRate = 0.001, hyperLearningRate = 0.01, samples = 2 } = options;
  if (!Number.isInteger(samples) || samples < 1) {
    throw inputError(`samples must be a positive integer, but got ${samples}; 2 is usual`);
  }
  return {
    hypernet: options.hypernet ?? usualHypernet(space.size, weights),
    origin: options.origin ?? "start",
    optimizer: options.optimizer ?? adam(),
    hyperOptimizer: options.hyperOptimizer ?? adam(),
    schedule: checkedSchedule("schedule", options.schedule ?? constant()),
    clipNorm: options.clipNorm ?? Infinity,
    hyperPenalty: options.hyperPenalty ?? 0,
    memoryLimit: options.memoryLimit ?? 2 ** 32,
    fineTuning: options.fineTuning,
    ...{ learningRate, hyperLearningRate, samples },
  };
}

function usualHypernet(size: number, weights: number): Hypernet {
  if (size === weights && size > 1) return elementwiseHypernet();
  const linear = linearHypernet();
  return linear.parameterCount(size, weights) > LARGE_HYPERNET ? factoredHypernet() : linear;
}

/** Parameters beyond which the linear hypernetwork gives way to the factored one. */
const LARGE_HYPERNET = 2e6;
