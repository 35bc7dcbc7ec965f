/*
 * What the options of the library's tuners must be. Those that are flags of the command line, too, have the bounds that `options.ts` and the methods' own
 * files say once for both.
 */
import { cgRules, type ConjugateGradientOptions } from "../hypergrad/solve/cg.ts";
import { neumannRules, type NeumannOptions } from "../hypergrad/solve/neumann.ts";
import { anOptimizer } from "../nn/optim/optimizer.ts";
import { aSchedule } from "../nn/optim/schedule.ts";
import { aHypernet } from "../response/hypernet.ts";
import { aResponse } from "../response/response.ts";
import type { HyperDistribution } from "../space/distribution.ts";
import type { FixedOptions } from "../tuners/fixed.ts";
import type { ForwardOptions } from "../tuners/forward-unrolled.ts";
import type { FineTuning } from "../tuners/hyper-training-programs.ts";
import type {
  GlobalHyperTrainingOptions,
  HyperTrainingOptions,
  LocalHyperTrainingOptions,
} from "../tuners/hyper-training-options.ts";
import type { HypergradientOptions } from "../tuners/hypergradient-training.ts";
import type { ImplicitOptions } from "../tuners/implicit.ts";
import type { ReversibleOptions } from "../tuners/reversible.ts";
import type { AnchoredOption, HyperPace, SelfTuningOptions } from "../tuners/self-tuning-options.ts";
import type { SmashOptions } from "../tuners/smash.ts";
import type { StnOptions } from "../tuners/stn.ts";
import type { WindowOptions } from "../tuners/unrolled-window.ts";
import {
  count,
  fromZero,
  functionOf,
  limit,
  needed,
  number,
  objectWith,
  oneOf,
  optionsOf,
  orInfinity,
  type Rules,
} from "../util/rule.ts";
import { hyperTrainingMethod } from "./hyper-training.ts";
import { typeOf } from "./option.ts";
import * as own from "./options.ts";
import { smashMethod } from "./smash.ts";
import { stnMethod } from "./stn.ts";

/** How weights are trained. */
const trained = { optimizer: anOptimizer, learningRate: fromZero, schedule: aSchedule };

/** How hyperparameters are moved. */
const moved = { hyperOptimizer: anOptimizer, hyperLearningRate: typeOf(own.hyperLr) };

const rhythm = {
  warmupEpochs: orInfinity(typeOf(own.warmupEpochs)),
  trainSteps: typeOf(own.trainSteps),
  validSteps: typeOf(own.validSteps),
};

const selfTuning: Rules<Omit<SelfTuningOptions, AnchoredOption>> = {
  ...{ ...trained, ...moved, ...rhythm, clipNorm: limit },
  ...{
    linearPace: fromZero,
    hyperSchedule: functionOf<HyperPace>("of the hyperparameter step, such as constant()"),
    mostApart: orInfinity(fromZero),
  },
  ...{ scaleOptimizer: anOptimizer, scaleLearningRate: typeOf(own.scaleLr) },
  ...{ entropyWeight: typeOf(own.entropyWeight), perturbations: typeOf(own.perturbations) },
  ...{ response: aResponse, responseOptimizer: anOptimizer, responseLearningRate: typeOf(own.responseLr) },
};

/** Of {@link SelfTuningOptions}. */
export const anchoredRules: Rules<SelfTuningOptions> = {
  ...selfTuning,
  responseObjective: typeOf(own.responseObjective),
  responseAveraging: typeOf(own.responseAveraging),
  responseEvery: typeOf(own.responseEvery),
};

/** Of {@link StnOptions}. */
export const stnRules: Rules<Omit<StnOptions, AnchoredOption>> = {
  ...selfTuning,
  input: stnMethod.options.stnInput.type,
};

const fineTuning: Rules<FineTuning> = {
  steps: needed(typeOf(own.fineTuneSteps)),
  learningRate: needed(typeOf(own.fineTuneLr)),
  rows: count,
};

const hyperTraining: Rules<HyperTrainingOptions> = {
  ...{ ...trained, ...moved, clipNorm: limit, memoryLimit: limit },
  ...{ hypernet: aHypernet, origin: oneOf("start", "zero"), samples: typeOf(own.samples) },
  ...{ hyperPenalty: typeOf(own.hyperPenalty), fineTuning: optionsOf(fineTuning) },
};

/** Of {@link LocalHyperTrainingOptions}. */
export const localHyperTrainingRules: Rules<LocalHyperTrainingOptions> = {
  ...{ ...hyperTraining, ...rhythm, scale: fromZero },
  perturbations: hyperTrainingMethod.options.perturbations.type,
};

const { samples: _samples, ...alone } = hyperTraining;

/** Of what trains at the current hyperparameters alone. */
export const simplifiedHyperTrainingRules: Rules<
  Omit<LocalHyperTrainingOptions, "scale" | "samples" | "perturbations">
> = { ...alone, ...rhythm };

/** Of {@link GlobalHyperTrainingOptions}. */
export const globalHyperTrainingRules: Rules<Partial<GlobalHyperTrainingOptions>> = {
  ...hyperTraining,
  distribution: objectWith<HyperDistribution>("a distribution, such as normalHypers({ mean: 0, sd: 1 })", {
    name: "string",
    sample: "function",
  }),
  hypernetEpochs: rhythm.warmupEpochs,
};

/** Of {@link HypergradientOptions}. */
const hypergradient: Rules<HypergradientOptions> = {
  ...{ ...trained, ...moved, scheduleSteps: limit },
  ...{ hyperClip: orInfinity(typeOf(own.hyperClip)), warmupEpochs: rhythm.warmupEpochs },
};

/** Of {@link WindowOptions}. */
export const windowRules: Rules<WindowOptions> = {
  ...{ ...hypergradient, trainSteps: rhythm.trainSteps },
  horizon: typeOf(own.horizon),
};

const { optimizer: _optimizer, ...reversed } = windowRules;

/** Of {@link ReversibleOptions}. */
export const reversibleRules: Rules<ReversibleOptions> = {
  ...reversed,
  momentum: number({ above: 0, below: 1 }),
};

/** Of {@link ForwardOptions}. */
export const forwardRules: Rules<ForwardOptions> = { ...hypergradient, trainSteps: rhythm.trainSteps };

/** Of {@link ImplicitOptions}. */
export const implicitRules: Rules<ImplicitOptions> = { ...forwardRules, curvature: typeOf(own.curvature) };

/** Of those of `implicitCg`. */
export const implicitCgRules: Rules<ImplicitOptions & ConjugateGradientOptions> = {
  ...implicitRules,
  ...cgRules,
};

/** Of those of `implicitNeumann`. */
export const implicitNeumannRules: Rules<ImplicitOptions & NeumannOptions> = {
  ...implicitRules,
  ...neumannRules,
};

/** Of {@link FixedOptions}. */
export const fixedRules: Rules<FixedOptions> = {
  ...{ ...trained, clipNorm: limit, scheduleSteps: limit },
  hypersAt: functionOf<(step: number) => Float64Array>("of the training step"),
};

/** Of {@link SmashOptions}. */
export const smashRules: Rules<SmashOptions> = {
  ...fixedRules,
  hypernetEpochs: needed(smashMethod.options.warmupEpochs.type),
  candidates: smashMethod.options.candidates.type,
  hypernet: aHypernet,
  hypernetOptimizer: anOptimizer,
  hypernetLearningRate: smashMethod.options.hypernetLr.type,
};
