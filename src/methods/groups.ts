/*
 * What the methods of a family have in common.
 */
import type { HyperTrainingOptions } from "../tuners/hyper-training-options.ts";
import type { HypergradientOptions } from "../tuners/hypergradient-training.ts";
import type { Need } from "../tuners/need.ts";
import type { SelfTuningOptions } from "../tuners/self-tuning-options.ts";
import type { Warmup } from "./method.ts";
import type { OptionValues } from "./option.ts";
import {
  curvature,
  entropyWeight,
  fineTuneLr,
  fineTuneSteps,
  guard,
  horizon,
  hyperClip,
  hyperDecay,
  hyperLr,
  hyperOptimizer,
  hyperPenalty,
  hypernet,
  hypernetUnits,
  perturbations,
  rank,
  response,
  responseAveraging,
  responseEvery,
  responseLr,
  responseObjective,
  responseOptimizer,
  restart,
  scaleLr,
  trainSteps,
  trialEpochs,
  validBatchSize,
  validSteps,
  warmupEpochs,
} from "./options.ts";
import { settingInWords } from "./optimizers.ts";
import type { MethodTraining } from "./training.ts";

/** The warm-up of most methods. */
export const usualWarmup: Warmup = { share: 1 / 5, steps: 200 };

/** What all methods have that follow the gradient of the validation loss within one training. */
const following = {
  validBatchSize: validBatchSize(
    undefined,
    "512, or the batch size for simple-cnn, alexnet, vgg16 and resnet18 and on texts",
  ),
  guard: guard(
    undefined,
    "0.3 where there are more hyperparameters than half of these rows and that is ten rows or more, else 0",
  ),
  warmupEpochs: warmupEpochs(
    undefined,
    "a fifth of all, or 200 steps where time alone limits the run; at most a fifth of the time",
  ),
};

/** What plain training can do with a problem, and with its learning rates. */
export const likePlainTraining = ["carry", "augment", "plateau"] as const satisfies readonly Need[];

/** What self-tuning networks can besides. */
export const selfTuningCan: readonly Need[] = [...likePlainTraining, "respond", "restart"];

/** Hyperparameter steps, and the epochs of them, that have their whole length at least; measured in decision 50. */
const [WHOLE_STEPS, WHOLE_EPOCHS] = [1000, 200];

/** Options of self-tuning networks. */
export const selfTuningOptions = {
  hyperLr: hyperLr(0.01, "0.01, and half of that for hyperparameters that are not on a log scale"),
  hyperOptimizer: hyperOptimizer("adam"),
  hyperDecay: hyperDecay(
    undefined,
    `${WHOLE_STEPS}, or as many as ${WHOLE_EPOCHS} epochs hold where these are more`,
  ),
  trainSteps: trainSteps(2),
  validSteps: validSteps(1),
  ...following,
  scaleLr: scaleLr(0.01),
  entropyWeight: entropyWeight(0.001),
  responseLr: responseLr(undefined, `${settingInWords("responseRate")}, else that of the weights`),
  response: response("auto"),
  rank: rank(10),
  restart: restart(undefined, "auto"),
};

/** Of the step of penalties, what dropout rates and all others that are not on a log scale go; measured in decision 17. */
const LINEAR_PACE = 0.5;

/** Hyperparameters of one name that self-tuning networks still tell apart: measured at 9 and at 650. */
const MOST_APART = 100;

/** What a self-tuning network is made with, but for its response's training. */
export function selfTuningSettings(
  options: OptionValues<typeof selfTuningOptions>,
  training: MethodTraining,
): SelfTuningOptions {
  const { optimizer, learningRate, clipNorm } = training;
  const response = training.responseNamed(options.response, options.rank);
  return {
    ...{ optimizer, learningRate, schedule: training.schedule() },
    hyperLearningRate: options.hyperLr,
    hyperOptimizer: training.optimizerNamed(options.hyperOptimizer, 0),
    linearPace: LINEAR_PACE,
    hyperSchedule:
      options.hyperDecay === undefined
        ? training.inverseTime(WHOLE_STEPS, WHOLE_EPOCHS)
        : training.inverseTime(options.hyperDecay),
    mostApart: MOST_APART,
    scaleLearningRate: options.scaleLr,
    entropyWeight: options.entropyWeight,
    warmupEpochs: options.warmupEpochs ?? 0, // which the run's length settles
    ...{ trainSteps: options.trainSteps, validSteps: options.validSteps },
    ...(clipNorm !== undefined && { clipNorm }),
    ...(response && { response }),
  };
}

/** Options of those whose response is anchored at the current hyperparameters. */
export const anchoredOptions = {
  ...selfTuningOptions,
  responseOptimizer: responseOptimizer("adam"),
  perturbations: perturbations("paired"),
  responseObjective: responseObjective("sampled"),
  responseAveraging: responseAveraging(0),
  responseEvery: responseEvery(1),
};

/** What they are made with. */
export function anchoredSettings(
  options: OptionValues<typeof anchoredOptions>,
  training: MethodTraining,
): SelfTuningOptions {
  const {
    responseOptimizer: name,
    responseLr,
    perturbations,
    responseObjective,
    responseAveraging,
    responseEvery,
  } = options;
  return {
    ...selfTuningSettings(options, training),
    responseOptimizer: training.optimizerNamed(name),
    responseLearningRate: responseLr ?? training.responseRate(name) ?? training.learningRate,
    ...{ perturbations, responseObjective, responseAveraging, responseEvery },
  };
}

/** Options of hyper-training. */
export const hyperTrainingOptions = {
  hyperLr: hyperLr(0.005),
  hyperOptimizer: hyperOptimizer("adam"),
  ...following,
  hypernet: hypernet(
    undefined,
    "elementwise for one hyperparameter a weight, else linear or, beyond two million parameters, factored",
  ),
  hypernetUnits: hypernetUnits(undefined, "10 if factored, 50 if mlp"),
  hyperPenalty: hyperPenalty(0),
  fineTuneSteps: fineTuneSteps(0),
  fineTuneLr: fineTuneLr(0.01),
};

/** What hyper-training is made with. */
export function hyperTrainingSettings(
  options: OptionValues<typeof hyperTrainingOptions>,
  training: MethodTraining,
): HyperTrainingOptions {
  const { optimizer, learningRate, clipNorm, memoryLimit, batchSize: rows } = training;
  const { hyperPenalty, fineTuneSteps: steps, fineTuneLr } = options;
  const hypernet = training.hypernetNamed(options.hypernet, options.hypernetUnits);
  return {
    ...{ optimizer, learningRate, schedule: training.schedule(), hyperPenalty, memoryLimit },
    hyperLearningRate: options.hyperLr,
    hyperOptimizer: training.optimizerNamed(options.hyperOptimizer, 0),
    ...(hypernet && { hypernet }),
    ...(clipNorm !== undefined && { clipNorm }),
    ...(steps > 0 && { fineTuning: { steps, learningRate: fineTuneLr, rows } }),
  };
}

/** Options of methods that differentiate training itself. */
export const hypergradientOptions = {
  hyperLr: hyperLr(0.005),
  hyperOptimizer: hyperOptimizer("rmsprop"),
  hyperClip: hyperClip(undefined, "no limit"),
  ...following,
};

/** What methods that differentiate training itself are made with. */
export const hypergradientSettings = (
  options: OptionValues<typeof hypergradientOptions>,
  training: MethodTraining,
): HypergradientOptions => ({
  ...{ optimizer: training.optimizer, learningRate: training.learningRate, schedule: training.schedule() },
  hyperLearningRate: options.hyperLr,
  hyperOptimizer: training.optimizerNamed(options.hyperOptimizer, 0),
  ...(options.hyperClip !== undefined && { hyperClip: options.hyperClip }),
  warmupEpochs: options.warmupEpochs ?? 0, // which the run's length settles
});

/** Settings that these methods have no use for. */
export const unclipped = { clipNorm: "which cannot limit gradients" };

/** Those that go back through a window of steps. */
export const windowOptions = { ...hypergradientOptions, horizon: horizon(20) };

/** Those that solve with curvature. */
export const implicitOptions = (usual: "hessian" | "gauss-newton") => ({
  ...hypergradientOptions,
  trainSteps: trainSteps(2),
  curvature: curvature(usual),
});

/** Options of methods that train again and again. */
export const searchOptions = {
  trialEpochs: trialEpochs(undefined, "at least 10, and at least a thousand steps"),
};
