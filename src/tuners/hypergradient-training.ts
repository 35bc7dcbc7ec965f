import type { OnHost } from "../engine/engine.ts";
import { clippedHypergradient } from "../hypergrad/clip.ts";
import { demandSettings, tunedSettings, withoutOptimizerHypers } from "../hypergrad/optimizer-hypers.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { rmsprop } from "../nn/optim/rmsprop.ts";
import { checkedSchedule, constant, type Schedule } from "../nn/optim/schedule.ts";
import { sgd } from "../nn/optim/sgd.ts";
import type { Objective } from "../problem/objective.ts";
import type { Task } from "../problem/problem.ts";
import { unconstrainedStart } from "../space/space.ts";
import { inputError } from "../util/error.ts";
import { hostVector, scalarOf, type HostArray, type HostArrays } from "../util/host-array.ts";
import { streamKey } from "../util/random.ts";
import { optimizerSettings, weightRate } from "./settings.ts";
import { demandPlainExamples, demandTunable } from "./tunable.ts";

/** What all methods that train plainly and follow a hypergradient have in common. */
export interface HypergradientOptions {
  /** For the weights; default SGD with momentum 0.9. */
  readonly optimizer?: Optimizer;
  /** For the hyperparameters; default RMSprop. */
  readonly hyperOptimizer?: Optimizer;
  /** Step size of the weights; default 0.03. */
  readonly learningRate?: number;
  /** Factor on it by training step; default constant. */
  readonly schedule?: Schedule;
  /** Step size of the hyperparameters; default 0.005, in the preset `paper` 0.01. */
  readonly hyperLearningRate?: number;
  /**
   * c, the largest norm of a hypergradient, over all hyperparameters: a longer one is made as long, one that is not finite
   * is left out. Default no limit.
   */
  readonly hyperClip?: number;
  /** Epochs at the start without hyperparameter steps; default a fifth of the run, in the preset `paper` 5. */
  readonly warmupEpochs?: number;
  /**
   * T, the training steps that a setting of the optimizer is spread over which is a hyperparameter with a shape; default
   * for methods with windows their `trainSteps`.
   */
  readonly scheduleSteps?: number;
}

/** The options with their defaults. */
export type HypergradientSettings = Required<Omit<HypergradientOptions, "scheduleSteps">> &
  Pick<HypergradientOptions, "scheduleSteps">;

/**
 * The options with the papers' defaults; those of the library and the command line, which `HypergradientOptions` tells, stand in `methods/`.
 *
 * @throws {HypertrainError} unless `hyperClip` is above 0.
 */
export function withDefaults({
  optimizer = sgd(),
  hyperOptimizer = rmsprop(),
  learningRate = 0.03,
  schedule = constant(),
  hyperLearningRate = 0.01,
  hyperClip = Infinity,
  warmupEpochs = 5,
  scheduleSteps,
}: HypergradientOptions): HypergradientSettings {
  if (!(hyperClip > 0)) {
    throw inputError(`hyperClip must be above 0, but got ${hyperClip}; leave it out for no limit`);
  }
  return {
    optimizer,
    hyperOptimizer,
    learningRate,
    schedule: checkedSchedule("schedule", schedule),
    hyperLearningRate,
    hyperClip,
    warmupEpochs,
    ...(scheduleSteps !== undefined && { scheduleSteps }),
  };
}

/** The state of plain training and of the hyperparameters' optimizer. */
export function initialState(
  { problem }: Task,
  { optimizer, hyperOptimizer }: HypergradientSettings,
  seed: number,
) {
  const params = problem.init(streamKey(seed, "params"));
  const hypers = hostVector(unconstrainedStart(problem.space));
  return {
    params,
    hypers,
    optimizer: optimizer.init(params),
    hypersOptimizer: hyperOptimizer.init(hypers),
  };
}

/** The step sizes in force at a step; a learning rate that is tuned is among the hyperparameters instead. */
export const ratesAt =
  (task: Task, settings: HypergradientSettings) =>
  (step: number): Readonly<Record<string, number>> => ({
    ...weightRate(task, settings, step),
    hyperparameters: settings.hyperLearningRate,
  });

/** What the hyperparameter step is fed: the hypergradient, no longer than it may be, and the optimizer's settings. */
export const tuneInputs = (
  { hyperOptimizer, hyperLearningRate, hyperClip }: HypergradientSettings,
  hypergradient: HostArray,
): { readonly gradient: HostArray; readonly settings: HostArrays } => ({
  gradient: clippedHypergradient(hypergradient, hyperClip),
  settings: optimizerSettings(hyperOptimizer, hyperLearningRate),
});

/** What a training step reports. */
export const reportedLosses = ({ loss, penalty }: OnHost<Pick<Objective, "loss" | "penalty">>) => ({
  loss: scalarOf(loss),
  penalty: scalarOf(penalty),
});

/**
 * Demands hyperparameters of the losses or of the optimizer.
 *
 * @throws {HypertrainError} where the optimizer lacks one, or where the losses do not depend on one of the others.
 */
export function demandUnrollable(
  method: string,
  task: Task,
  { optimizer, scheduleSteps }: HypergradientSettings,
): void {
  demandSettings(task, optimizer, scheduleSteps);
  demandPlainExamples(method, task);
  const others = withoutOptimizerHypers(task);
  if (others.problem.space.names.length > 0 || tunedSettings(task).length === 0)
    demandTunable(method, others);
}
