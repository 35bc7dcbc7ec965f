import { demandSettings, tunedSettings, withoutOptimizerHypers } from "../hypergrad/optimizer-hypers.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { rmsprop } from "../nn/optim/rmsprop.ts";
import { constant, type Schedule } from "../nn/optim/schedule.ts";
import { sgd } from "../nn/optim/sgd.ts";
import type { Task } from "../problem/problem.ts";
import { unconstrainedStart } from "../space/space.ts";
import { hostVector, scalarOf, type HostArray, type HostTree } from "../util/host-array.ts";
import { randomKey } from "../util/random.ts";
import { optimizerSettings } from "./settings.ts";
import { demandTunable } from "./tunable.ts";

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
  /** Step size of the hyperparameters; default 0.01. */
  readonly hyperLearningRate?: number;
  /** Epochs at the start without hyperparameter steps; default 5. */
  readonly warmupEpochs?: number;
}

/** The options with their defaults. */
export const withDefaults = ({
  optimizer = sgd(),
  hyperOptimizer = rmsprop(),
  learningRate = 0.03,
  schedule = constant(),
  hyperLearningRate = 0.01,
  warmupEpochs = 5,
}: HypergradientOptions): Required<HypergradientOptions> => ({
  optimizer,
  hyperOptimizer,
  learningRate,
  schedule,
  hyperLearningRate,
  warmupEpochs,
});

/** The state of plain training and of the hyperparameters' optimizer. */
export function initialState(
  { problem }: Task,
  { optimizer, hyperOptimizer }: Required<HypergradientOptions>,
  seed: number,
) {
  const params = problem.init(randomKey(seed, "params"));
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
  (task: Task, { learningRate, schedule, hyperLearningRate }: Required<HypergradientOptions>) =>
  (step: number): Readonly<Record<string, number>> => ({
    ...(!tunedSettings(task).includes("learningRate") && { weights: learningRate * schedule(step) }),
    hyperparameters: hyperLearningRate,
  });

/** What the inner optimizer is fed at a step: its settings, or where one is tuned the factor on it. */
export function settingsAt(
  task: Task,
  { optimizer, learningRate, schedule }: Required<HypergradientOptions>,
  step: number,
): HostTree {
  const tuned = tunedSettings(task);
  const factors = Object.fromEntries(tuned.map((setting) => [setting, 1]));
  const own = tuned.includes("learningRate") ? 1 : learningRate;
  return optimizerSettings(
    { ...optimizer, defaults: { ...optimizer.defaults, ...factors } },
    own * schedule(step),
  );
}

/** What the hyperparameters' optimizer is fed. */
export const hyperSettings = ({
  hyperOptimizer,
  hyperLearningRate,
}: Required<HypergradientOptions>): HostTree => optimizerSettings(hyperOptimizer, hyperLearningRate);

/** Training steps since the warm-up; negative during it. */
export const sinceWarmup = (
  step: number,
  { warmupEpochs }: Pick<Required<HypergradientOptions>, "warmupEpochs">,
  stepsPerEpoch: number,
): number => (warmupEpochs === 0 ? step : step - Math.ceil(warmupEpochs * stepsPerEpoch));

/** What a training step reports. */
export const objectiveOf = ({ loss, penalty }: Readonly<Record<string, HostTree>>) => ({
  loss: scalarOf(loss as HostArray),
  penalty: scalarOf(penalty as HostArray),
});

/**
 * Demands hyperparameters of the losses or of the optimizer.
 *
 * @throws {HypertrainError} where the optimizer lacks one, or where the losses do not depend on one of the others.
 */
export function demandUnrollable(method: string, task: Task, optimizer: Optimizer): void {
  demandSettings(task, optimizer);
  const others = withoutOptimizerHypers(task);
  if (others.problem.space.names.length > 0 || tunedSettings(task).length === 0)
    demandTunable(method, others);
}
