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
} from "../tuners/hyper-training.ts";
import type {
  GlobalHyperTrainingOptions,
  LocalHyperTrainingOptions,
} from "../tuners/hyper-training-options.ts";
import {
  implicitCg as paperImplicitCg,
  implicitGradient as paperImplicitGradient,
  implicitNeumann as paperImplicitNeumann,
  t1T2 as paperT1T2,
  type ImplicitMethod,
  type ImplicitOptions,
} from "../tuners/implicit.ts";
import type { ConjugateGradientOptions } from "../hypergrad/solve/cg.ts";
import type { NeumannOptions } from "../hypergrad/solve/neumann.ts";
import { aSolver } from "../hypergrad/solve/solver.ts";
import { reversible as paperReversible, type ReversibleOptions } from "../tuners/reversible.ts";
import type { AnchoredOption, SelfTuningOptions } from "../tuners/self-tuning-options.ts";
import { smash as paperSmash, type SmashOptions } from "../tuners/smash.ts";
import { stn as paperStn, type StnOptions } from "../tuners/stn.ts";
import { inputError } from "../util/error.ts";
import { unrolled as paperUnrolled } from "../tuners/unrolled.ts";
import type { Tuner } from "../tuners/tuner.ts";
import type { WindowOptions } from "../tuners/unrolled-window.ts";
import { advising } from "./advice.ts";
import { centeredStnMethod } from "./centered-stn.ts";
import { deltaStnMethod } from "./delta-stn.ts";
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
import { ownOptions } from "../util/given.ts";
import { needed, text } from "../util/rule.ts";
import { stnMethod } from "./stn.ts";
import { t1T2Method } from "./t1-t2.ts";
import {
  anchoredRules,
  fixedRules,
  forwardRules,
  globalHyperTrainingRules,
  implicitCgRules,
  implicitNeumannRules,
  implicitRules,
  localHyperTrainingRules,
  reversibleRules,
  simplifiedHyperTrainingRules,
  smashRules,
  stnRules,
  windowRules,
} from "./tuner-options.ts";
import { unrolledMethod } from "./unrolled.ts";

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
  rules: anchoredRules,
  warmup: "warmupEpochs",
});

/** Centred self-tuning network: {@link deltaStn} without the linearisation, for small perturbations. */
export const centeredStn = standard<SelfTuningOptions>({
  method: centeredStnMethod,
  make: paperCenteredStn,
  beside: besideOptimizer,
  rules: anchoredRules,
  warmup: "warmupEpochs",
});

/** Self-tuning network: weights and response trained jointly. Prefer {@link deltaStn}; this is what the others are measured against. */
export const stn = standard<Omit<StnOptions, AnchoredOption>>({
  method: stnMethod,
  make: paperStn,
  rules: stnRules,
  warmup: "warmupEpochs",
});

/** Hyper-training: a hypernetwork in the place of the weights, for opaque losses and thousands of hyperparameters. */
export const hyperTraining = standard<LocalHyperTrainingOptions>({
  method: hyperTrainingMethod,
  make: paperHyperTraining,
  rules: localHyperTrainingRules,
  warmup: "warmupEpochs",
});

/** {@link hyperTraining} at the current hyperparameters alone. */
export const simplifiedHyperTraining = standard<
  Omit<LocalHyperTrainingOptions, "scale" | "samples" | "perturbations">
>({
  method: hyperTrainingSimplifiedMethod,
  make: paperSimplifiedHyperTraining,
  rules: simplifiedHyperTrainingRules,
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
  rules: globalHyperTrainingRules,
  warmup: "hypernetEpochs",
});

/** Unrolled differentiation in reverse mode through the last steps: exact for them, whatever the optimizer. */
export const unrolled = standard<WindowOptions>({
  method: unrolledMethod,
  make: paperUnrolled,
  rules: windowRules,
  warmup: "warmupEpochs",
});

/** {@link unrolled} along the straight line between the ends of the window: two states of memory, an approximation. */
export const drmad = standard<WindowOptions>({
  method: drmadMethod,
  make: paperDrmad,
  rules: windowRules,
  warmup: "warmupEpochs",
});

/** {@link unrolled} with gradient descent that runs backwards without losing a bit: for windows of hundreds of steps. */
export const reversible = standard<ReversibleOptions>({
  method: reversibleMethod,
  make: paperReversible,
  rules: reversibleRules,
  warmup: "warmupEpochs",
});

/** Unrolled differentiation in forward mode: looks back to the warm-up, for a handful of hyperparameters. */
export const forwardUnrolled = standard<ForwardOptions>({
  method: forwardUnrolledMethod,
  make: paperForwardUnrolled,
  rules: forwardRules,
  warmup: "warmupEpochs",
});

/** Implicit differentiation by conjugate gradient: the most exact of the implicit methods near a minimum. */
export const implicitCg = standard<ImplicitOptions & ConjugateGradientOptions>({
  method: implicitCgMethod,
  make: paperImplicitCg,
  rules: implicitCgRules,
  warmup: "warmupEpochs",
});

/** Implicit differentiation by a Neumann series: for many hyperparameters and large networks. */
export const implicitNeumann = standard<ImplicitOptions & NeumannOptions>({
  method: implicitNeumannMethod,
  make: paperImplicitNeumann,
  rules: implicitNeumannRules,
  warmup: "warmupEpochs",
});

/** Implicit differentiation with the identity for the Hessian: the cheapest. */
export const t1T2 = standard<Omit<ImplicitOptions, "curvature">>({
  method: t1T2Method,
  make: paperT1T2,
  rules: forwardRules,
  warmup: "warmupEpochs",
});

/**
 * Implicit differentiation with a solver of one's own.
 *
 * @throws {HypertrainError} for what is no solver, an option that is none of these, or whose value is none of its.
 */
export const implicitGradient = (method: ImplicitMethod, options: ImplicitOptions = {}): Tuner =>
  advising(
    paperImplicitGradient(
      ownOptions("implicitGradient", method, { name: needed(text), solver: needed(aSolver) }),
      ownOptions("implicitGradient", options, implicitRules),
    ),
  );

/**
 * Plain training with the hyperparameters held at their start, or along a path that is known beforehand: the baseline.
 *
 * @throws {HypertrainError} for an option that is none of these, or whose value is none of its.
 */
export const fixed = (options: FixedOptions = {}): Tuner =>
  plainFixed(ownOptions(fixedMethod.name, options, fixedRules));

/**
 * Chooses the architecture by one hypernetwork (SMASH), and trains it, in one run.
 *
 * @throws {HypertrainError} for an option that is none of these, or whose value is none of its.
 */
export const smash = (options: SmashOptions): Tuner =>
  advising(paperSmash(ownOptions(smashMethod.name, options, smashRules)));
