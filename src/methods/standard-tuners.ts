/*
 * The tuners as the library gives them: unless told otherwise, with the rhythm, the step sizes and the optimizers of the command line.
 */
import { centeredStn as paperCenteredStn } from "../tuners/centered-stn.ts";
import { deltaStn as paperDeltaStn } from "../tuners/delta-stn.ts";
import { drmad as paperDrmad } from "../tuners/drmad.ts";
import { fixed as plainFixed, type FixedOptions } from "../tuners/fixed.ts";
import { forwardUnrolled as paperForwardUnrolled, type ForwardOptions } from "../tuners/forward-unrolled.ts";
import {
  globalHyperTraining as paperGlobalHyperTraining,
  hyperTraining as paperHyperTraining,
  simplifiedHyperTraining as paperSimplifiedHyperTraining,
  type GlobalHyperTrainingOptions,
  type HyperTrainingOptions,
  type LocalHyperTrainingOptions,
} from "../tuners/hyper-training.ts";
import type { HypergradientOptions } from "../tuners/hypergradient-training.ts";
import {
  implicitCg as paperImplicitCg,
  implicitNeumann as paperImplicitNeumann,
  t1T2 as paperT1T2,
  type ImplicitOptions,
} from "../tuners/implicit.ts";
import type { ConjugateGradientOptions } from "../hypergrad/solve/cg.ts";
import type { NeumannOptions } from "../hypergrad/solve/neumann.ts";
import { reversible as paperReversible, type ReversibleOptions } from "../tuners/reversible.ts";
import type { SelfTuningOptions } from "../tuners/self-tuning.ts";
import { smash as paperSmash, type SmashOptions } from "../tuners/smash.ts";
import { stn as paperStn, type StnOptions } from "../tuners/stn.ts";
import { inputError } from "../util/error.ts";
import { unrolled as paperUnrolled } from "../tuners/unrolled.ts";
import type { WindowOptions } from "../tuners/unrolled-window.ts";
import { advising } from "./advice.ts";
import { centeredStnMethod } from "./centered-stn.ts";
import { deltaStnMethod } from "./delta-stn.ts";
import { demandOptionValues } from "./demand-option-values.ts";
import { drmadMethod } from "./drmad.ts";
import { fixedMethod } from "./fixed.ts";
import { forwardUnrolledMethod } from "./forward-unrolled.ts";
import { hyperTrainingGlobalMethod } from "./hyper-training-global.ts";
import { hyperTrainingSimplifiedMethod } from "./hyper-training-simplified.ts";
import { hyperTrainingMethod } from "./hyper-training.ts";
import { implicitCgMethod } from "./implicit-cg.ts";
import { implicitNeumannMethod } from "./implicit-neumann.ts";
import { reversibleMethod } from "./reversible.ts";
import { smashMethod } from "./smash.ts";
import { standard } from "./standard.ts";
import { ownOptions } from "../util/own-options.ts";
import { stnMethod } from "./stn.ts";
import { t1T2Method } from "./t1-t2.ts";
import { unrolledMethod } from "./unrolled.ts";

/** Known options, so that the compiler tells which are forgotten. */
type Known<O> = Readonly<Record<keyof Required<O>, true>>;

const selfTuningKnown = {
  ...{ optimizer: true, learningRate: true, schedule: true, clipNorm: true },
  ...{ hyperOptimizer: true, hyperLearningRate: true, linearPace: true, mostApart: true },
  ...{ scaleOptimizer: true, scaleLearningRate: true, entropyWeight: true },
  ...{ response: true, responseOptimizer: true, responseLearningRate: true, perturbations: true },
  ...{ warmupEpochs: true, trainSteps: true, validSteps: true },
} satisfies Known<Omit<SelfTuningOptions, "responseObjective" | "responseAveraging">>;

const anchoredKnown: Known<SelfTuningOptions> = {
  ...selfTuningKnown,
  ...{ responseObjective: true, responseAveraging: true },
};

/** The command line's settings beside what a user says: an optimizer of the user's own comes with no step size of ours. */
function besideOptimizer(
  usual: SelfTuningOptions,
  { responseOptimizer }: SelfTuningOptions,
): SelfTuningOptions {
  if (responseOptimizer === undefined) return usual;
  const { responseLearningRate: _ours, ...others } = usual;
  return others;
}

/**
 * Delta-STN: a response anchored at the current hyperparameters, learned with the network linearised in it. The method to start with: it tunes
 * what changes the training loss (regularisation, dropout, augmentation, loss weights) within one run; it cannot tune learning rates or the
 * architecture.
 *
 * ```ts
 * deltaStn(); // or deltaStn({ preset: "paper" }), as in the paper
 * ```
 *
 * @see Bae and Grosse, "Delta-STN", 2020, https://arxiv.org/abs/2010.13514
 */
export const deltaStn = standard<SelfTuningOptions>({
  method: deltaStnMethod,
  make: paperDeltaStn,
  beside: besideOptimizer,
  known: anchoredKnown,
  warmup: "warmupEpochs",
});

/** Centred self-tuning network: {@link deltaStn} without the linearisation, for small perturbations. */
export const centeredStn = standard<SelfTuningOptions>({
  method: centeredStnMethod,
  make: paperCenteredStn,
  beside: besideOptimizer,
  known: anchoredKnown,
  warmup: "warmupEpochs",
});

/** Self-tuning network: weights and response trained jointly. Prefer {@link deltaStn}; this is what the others are measured against. */
export const stn = standard<Omit<StnOptions, "responseObjective" | "responseAveraging">>({
  method: stnMethod,
  make: paperStn,
  known: { ...selfTuningKnown, input: true },
  warmup: "warmupEpochs",
});

const hyperTrainingKnown: Known<HyperTrainingOptions> = {
  ...{ hypernet: true, origin: true, samples: true, hyperPenalty: true, fineTuning: true, memoryLimit: true },
  ...{ optimizer: true, learningRate: true, schedule: true, clipNorm: true },
  ...{ hyperOptimizer: true, hyperLearningRate: true },
};

const { samples: _samples, ...simplifiedKnown } = hyperTrainingKnown;

/** Hyper-training: a hypernetwork in the place of the weights, for opaque losses and thousands of hyperparameters. */
export const hyperTraining = standard<LocalHyperTrainingOptions>({
  method: hyperTrainingMethod,
  make: paperHyperTraining,
  known: {
    ...hyperTrainingKnown,
    ...{ scale: true, perturbations: true, warmupEpochs: true, trainSteps: true, validSteps: true },
  },
  warmup: "warmupEpochs",
});

/** {@link hyperTraining} at the current hyperparameters alone. */
export const simplifiedHyperTraining = standard<
  Omit<LocalHyperTrainingOptions, "scale" | "samples" | "perturbations">
>({
  method: hyperTrainingSimplifiedMethod,
  make: paperSimplifiedHyperTraining,
  known: { ...simplifiedKnown, warmupEpochs: true, trainSteps: true, validSteps: true },
  warmup: "warmupEpochs",
});

/** {@link hyperTraining} over a whole range, after which only the hyperparameters move: to look at losses over the range. */
export const globalHyperTraining = standard<
  Omit<GlobalHyperTrainingOptions, "hypernetEpochs"> & Partial<GlobalHyperTrainingOptions>
>({
  method: hyperTrainingGlobalMethod,
  make({ hypernetEpochs, ...options }) {
    if (hypernetEpochs !== undefined) return paperGlobalHyperTraining({ ...options, hypernetEpochs });
    throw inputError(
      "hypernetEpochs must be given with the preset paper, but is missing; four fifths of a run are usual",
    );
  },
  known: { ...hyperTrainingKnown, distribution: true, hypernetEpochs: true },
  warmup: "hypernetEpochs",
});

const hypergradientKnown: Known<HypergradientOptions> = {
  ...{ optimizer: true, learningRate: true, schedule: true, scheduleSteps: true, warmupEpochs: true },
  ...{ hyperOptimizer: true, hyperLearningRate: true, hyperClip: true },
};

const windowKnown: Known<WindowOptions> = { ...hypergradientKnown, horizon: true, trainSteps: true };

/** Unrolled differentiation in reverse mode through the last steps: exact for them, whatever the optimizer. */
export const unrolled = standard<WindowOptions>({
  method: unrolledMethod,
  make: paperUnrolled,
  known: windowKnown,
  warmup: "warmupEpochs",
});

/** {@link unrolled} along the straight line between the ends of the window: two states of memory, an approximation. */
export const drmad = standard<WindowOptions>({
  method: drmadMethod,
  make: paperDrmad,
  known: windowKnown,
  warmup: "warmupEpochs",
});

const { optimizer: _optimizer, ...reversibleKnown } = windowKnown;

/** {@link unrolled} with gradient descent that runs backwards without losing a bit: for windows of hundreds of steps. */
export const reversible = standard<ReversibleOptions>({
  method: reversibleMethod,
  make: paperReversible,
  known: { ...reversibleKnown, momentum: true },
  warmup: "warmupEpochs",
});

/** Unrolled differentiation in forward mode: looks back to the warm-up, for a handful of hyperparameters. */
export const forwardUnrolled = standard<ForwardOptions>({
  method: forwardUnrolledMethod,
  make: paperForwardUnrolled,
  known: { ...hypergradientKnown, trainSteps: true },
  warmup: "warmupEpochs",
});

const implicitKnown: Known<ImplicitOptions> = { ...hypergradientKnown, trainSteps: true, curvature: true };

/** Implicit differentiation by conjugate gradient: the most exact of the implicit methods near a minimum. */
export const implicitCg = standard<ImplicitOptions & ConjugateGradientOptions>({
  method: implicitCgMethod,
  make: paperImplicitCg,
  known: { ...implicitKnown, tolerance: true, iterations: true, damping: true, warmStart: true },
  warmup: "warmupEpochs",
});

/** Implicit differentiation by a Neumann series: for many hyperparameters and large networks. */
export const implicitNeumann = standard<ImplicitOptions & NeumannOptions>({
  method: implicitNeumannMethod,
  make: paperImplicitNeumann,
  known: { ...implicitKnown, terms: true, step: true },
  warmup: "warmupEpochs",
});

/** Implicit differentiation with the identity for the Hessian: the cheapest. */
export const t1T2 = standard<Omit<ImplicitOptions, "curvature">>({
  method: t1T2Method,
  make: paperT1T2,
  known: { ...hypergradientKnown, trainSteps: true },
  warmup: "warmupEpochs",
});

const fixedKnown: Known<FixedOptions> = {
  ...{
    optimizer: true,
    learningRate: true,
    schedule: true,
    scheduleSteps: true,
    clipNorm: true,
    hypersAt: true,
  },
};

/** Options with known names and values, of tuners without presets. */
function checked<O extends object>(of: string, options: O, known: Known<O>): O {
  const own = ownOptions(of, options, known);
  demandOptionValues(own);
  return own;
}

/** Plain training with the hyperparameters held at their start, or along a path that is known beforehand: the baseline. */
export const fixed = (options: FixedOptions = {}) =>
  plainFixed(checked(fixedMethod.name, options, fixedKnown));

/** Chooses the architecture by one hypernetwork (SMASH), and trains it, in one run. */
export const smash = (options: SmashOptions) =>
  advising(
    paperSmash(
      checked<SmashOptions>(smashMethod.name, options, {
        ...fixedKnown,
        ...{ hypernetEpochs: true, candidates: true, hypernet: true },
        ...{ hypernetOptimizer: true, hypernetLearningRate: true },
      }),
    ),
  );
