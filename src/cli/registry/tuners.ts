/** What the names of methods, optimizers, schedules, responses and hypernetworks stand for. */
import { totalmem } from "node:os";

import { heavyBall } from "../../hypergrad/heavy-ball.ts";
import { adam } from "../../nn/optim/adam.ts";
import type { Optimizer } from "../../nn/optim/optimizer.ts";
import { rmsprop } from "../../nn/optim/rmsprop.ts";
import { type Schedule, constant, cosine, stepDecay } from "../../nn/optim/schedule.ts";
import { sgd } from "../../nn/optim/sgd.ts";
import { dense } from "../../response/dense.ts";
import { factored } from "../../response/factored.ts";
import { gate } from "../../response/gate.ts";
import {
  type Hypernet,
  elementwiseHypernet,
  factoredHypernet,
  linearHypernet,
  mlpHypernet,
} from "../../response/hypernet.ts";
import { lowRank } from "../../response/low-rank.ts";
import type { Response } from "../../response/response.ts";
import { centeredStn } from "../../tuners/centered-stn.ts";
import { deltaStn } from "../../tuners/delta-stn.ts";
import { drmad } from "../../tuners/drmad.ts";
import { type FixedOptions, fixed } from "../../tuners/fixed.ts";
import { forwardUnrolled } from "../../tuners/forward-unrolled.ts";
import {
  type HyperTrainingOptions,
  globalHyperTraining,
  hyperTraining,
  simplifiedHyperTraining,
} from "../../tuners/hyper-training.ts";
import type { HypergradientOptions } from "../../tuners/hypergradient-training.ts";
import { implicitCg, implicitNeumann, t1T2 } from "../../tuners/implicit.ts";
import { reversible } from "../../tuners/reversible.ts";
import { smash } from "../../tuners/smash.ts";
import { type StnOptions, stn } from "../../tuners/stn.ts";
import type { Tuner } from "../../tuners/tuner.ts";
import { unrolled } from "../../tuners/unrolled.ts";
import { inputError } from "../../util/error.ts";
import { shown } from "../../util/text.ts";
import { type Config, DEFAULT_CANDIDATES, isHyperTraining, optimizerOf } from "../config.ts";

/** Of the step of penalties, what dropout rates and all others that are not on a log scale go; measured in decision 17. */
const LINEAR_PACE = 0.5;

/**
 * The tuner of a configuration.
 *
 * @param hypersAt where the hyperparameters go, for the method `fixed`
 * @throws {HypertrainError} for settings that do not go together.
 */
export function tunerOf(config: Config, stepsPerEpoch: number, hypersAt?: FixedOptions["hypersAt"]): Tuner {
  const name = optimizerOf(config);
  const { rate, make } = optimizerFor(config, name);
  if (isHyperTraining(config.method)) return hyperTrainingOf(config, make, rate, stepsPerEpoch);
  const { lr = rate, momentum, hyperLr = 0.01, hyperOptimizer = "adam", scaleLr, clipNorm } = config;
  const hypergradient = hypergradientTuners[config.method];
  if (hypergradient) {
    requireMomentum(name, momentum);
    return hypergradient(config, hypergradientOptions(config, make, rate, stepsPerEpoch));
  }
  if (config.method === "smash") return smashOf(config, make, rate, stepsPerEpoch);
  const joint = config.method === "stn"; // w0 and Θ are one
  const { responseOptimizer = joint ? name : "adam" } = config;
  const { responseRate = lr, make: makeForResponse } = optimizers[responseOptimizer];
  requireMomentum(name, momentum);
  const optimizer = make(momentum);
  const { entropyWeight, warmupEpochs = 0, trainSteps, validSteps } = config; // the command line settles the warm-up
  const response = responses[config.response](config);
  return tuners[config.method as keyof typeof tuners]({
    optimizer,
    learningRate: lr,
    schedule: schedules[config.schedule](config, stepsPerEpoch),
    hyperLearningRate: hyperLr,
    hyperOptimizer: optimizers[hyperOptimizer].make(0),
    linearPace: LINEAR_PACE,
    scaleLearningRate: scaleLr,
    responseOptimizer: joint && responseOptimizer === name ? optimizer : makeForResponse(),
    responseLearningRate: config.responseLr ?? (joint ? lr : responseRate),
    ...(clipNorm !== undefined && { clipNorm }),
    ...(hypersAt && { hypersAt }),
    ...(response && { response }),
    perturbations: config.perturbations ?? (joint ? "independent" : "paired"), // pairs would halve the rows of w0 as well
    ...{ entropyWeight, warmupEpochs, trainSteps, validSteps },
    ...(joint
      ? { input: config.stnInput ?? "centred" }
      : {
          responseObjective: config.responseObjective ?? "sampled",
          responseAveraging: config.responseAveraging ?? 0,
        }),
  });
}

/** A tuner that chooses the architecture; the schedule is that of the training after it. */
function smashOf(
  config: Config,
  make: (momentum?: number) => Optimizer,
  rate: number,
  stepsPerEpoch: number,
): Tuner {
  const { lr = rate, momentum, clipNorm, hypernetLr, candidates = DEFAULT_CANDIDATES, warmupEpochs } = config;
  if (config.problem === undefined && config.model !== "mlp") {
    throw inputError(
      `--method smash must have --model mlp, whose architecture it chooses, but got ${shown(config.model)}; take that, or another method`,
    );
  }
  requireMomentum(optimizerOf(config), momentum);
  if (warmupEpochs === 0) {
    throw inputError(
      "--warmup-epochs must be above 0 for smash, whose hypernetwork they train, but got 0; two fifths of a run are usual",
    );
  }
  if (config.patience !== undefined) {
    throw inputError(
      `--patience must be left out for smash, whose losses rise where its training starts anew, but got ${config.patience}`,
    );
  }
  const hypernetEpochs = warmupEpochs ?? Math.ceil((4 * DEFAULT_CANDIDATES) / stepsPerEpoch);
  const epochs = config.epochs && config.epochs - hypernetEpochs - candidates / stepsPerEpoch;
  const hypernet = hypernets[config.hypernet](config);
  return smash({
    optimizer: make(momentum),
    learningRate: lr,
    schedule: schedules[config.schedule]({ ...config, epochs }, stepsPerEpoch),
    hypernetLearningRate: hypernetLr,
    ...{ hypernetEpochs, candidates },
    ...(hypernet && { hypernet }),
    ...(clipNorm !== undefined && { clipNorm }),
  });
}

/** What makes an optimizer; one that is fed its momentum, where that is a hyperparameter. */
function optimizerFor(
  { hyper }: Config,
  name: ReturnType<typeof optimizerOf>,
): (typeof optimizers)[typeof name] {
  const found = optimizers[name];
  if (name !== "sgd" || hyper?.momentum === undefined) return found;
  return { ...found, make: (momentum = 0.9) => heavyBall({ momentum }) };
}

/** A tuner that trains a hypernetwork; its penalty, its samples and its own steps are for these methods alone. */
function hyperTrainingOf(
  config: Config,
  make: (momentum?: number) => Optimizer,
  rate: number,
  stepsPerEpoch: number,
): Tuner {
  const { lr = rate, momentum, hyperPenalty, clipNorm, samples, trainSteps, validSteps } = config;
  requireMomentum(optimizerOf(config), momentum);
  const { warmupEpochs = 0, fineTuneSteps, fineTuneLr, batchSize } = config; // the command line settles the warm-up
  const hypernet = hypernets[config.hypernet](config);
  const options: HyperTrainingOptions = {
    optimizer: make(momentum),
    learningRate: lr,
    schedule: schedules[config.schedule](config, stepsPerEpoch),
    ...hyperStepsOf(config),
    hyperPenalty,
    memoryLimit: totalmem(),
    ...(hypernet && { hypernet }),
    ...(clipNorm !== undefined && { clipNorm }),
    ...(samples !== undefined && { samples }),
    ...(fineTuneSteps > 0 && {
      fineTuning: { steps: fineTuneSteps, learningRate: fineTuneLr, rows: batchSize },
    }),
  };
  if (config.method === "hyper-training-global") {
    return globalHyperTraining({ ...options, hypernetEpochs: warmupEpochs });
  }
  const joint = { ...options, warmupEpochs, trainSteps, validSteps };
  if (config.method === "hyper-training-simplified") return simplifiedHyperTraining(joint);
  const { perturbations = "independent" } = config;
  if (perturbations !== "full") return hyperTraining({ ...joint, perturbations });
  throw inputError(
    `--perturbations must be independent or paired for hyper-training, whose samples share each minibatch, but got full`,
  );
}

/** What the methods that differentiate training itself have in common. */
function hypergradientOptions(
  config: Config,
  make: (momentum?: number) => Optimizer,
  rate: number,
  stepsPerEpoch: number,
): HypergradientOptions {
  const { lr = rate, momentum, hyperClip, warmupEpochs = 0, clipNorm, method } = config;
  if (clipNorm !== undefined) {
    throw inputError(
      `--clip-norm must be left out for ${method}, which cannot limit gradients, but got ${clipNorm}`,
    );
  }
  return {
    optimizer: make(momentum),
    learningRate: lr,
    schedule: schedules[config.schedule](config, stepsPerEpoch),
    ...hyperStepsOf(config),
    ...(hyperClip !== undefined && { hyperClip }),
    warmupEpochs,
  };
}

/** How the methods that are not self-tuning networks move the hyperparameters; they have an optimizer of their own. */
const hyperStepsOf = ({ hyperLr = 0.005, hyperOptimizer }: Config) => ({
  hyperLearningRate: hyperLr,
  ...(hyperOptimizer && { hyperOptimizer: optimizers[hyperOptimizer].make(0) }),
});

type MakeHypergradientTuner = (config: Config, options: HypergradientOptions) => Tuner;

const hypergradientTuners: Readonly<Partial<Record<Config["method"], MakeHypergradientTuner>>> = {
  unrolled: ({ horizon }, options) => unrolled({ ...options, horizon }),
  "forward-unrolled": ({ trainSteps }, options) => forwardUnrolled({ ...options, trainSteps }),
  reversible: ({ horizon, momentum = 0.9, optimizer = "sgd" }, { optimizer: _own, ...options }) => {
    if (optimizer === "sgd") return reversible({ ...options, horizon, momentum });
    throw inputError(
      `--optimizer must be sgd for reversible, whose steps can be taken back, but got ${optimizer}`,
    );
  },
  drmad: ({ horizon }, options) => drmad({ ...options, horizon }),
  "implicit-cg": ({ trainSteps, ...config }, options) =>
    implicitCg({ ...options, ...curvatureOf(config), trainSteps }),
  "implicit-neumann": ({ trainSteps, ...config }, options) =>
    implicitNeumann({ ...options, ...curvatureOf(config), trainSteps }),
  "t1-t2": ({ trainSteps }, options) => t1T2({ ...options, trainSteps }),
};

const curvatureOf = ({ curvature }: Pick<Config, "curvature">) => ({
  ...(curvature !== undefined && { curvature }),
});

function requireMomentum(optimizer: string, momentum: number | undefined): void {
  if (momentum === undefined || optimizer !== "adam") return;
  throw inputError(`--momentum must be left out for adam, which has none, but got ${momentum}`);
}

const tuners = {
  "delta-stn": deltaStn,
  "centered-stn": centeredStn,
  stn,
  fixed,
} satisfies Readonly<Partial<Record<Config["method"], (options: StnOptions) => Tuner>>>;

const hypernets: Readonly<Record<Config["hypernet"], (config: Config) => Hypernet | undefined>> = {
  auto: () => undefined,
  elementwise: () => elementwiseHypernet(),
  linear: () => linearHypernet(),
  factored: ({ hypernetUnits = 10 }) => factoredHypernet({ units: hypernetUnits }),
  mlp: ({ hypernetUnits = 50 }) => mlpHypernet({ hidden: [hypernetUnits] }),
};

const optimizers: Readonly<
  Record<
    ReturnType<typeof optimizerOf>,
    { readonly rate: number; readonly responseRate?: number; make(momentum?: number): Optimizer }
  >
> = {
  sgd: { rate: 0.03, make: (momentum = 0.9) => sgd({ momentum }) },
  adam: { rate: 0.001, responseRate: 0.003, make: () => adam() },
  rmsprop: { rate: 0.001, responseRate: 0.001, make: (momentum = 0) => rmsprop({ momentum }) },
};

const responses: Readonly<Record<Config["response"], (config: Config) => Response | undefined>> = {
  auto: () => undefined,
  factored: () => factored,
  gate: () => gate,
  dense: () => dense,
  "low-rank": ({ rank = 10 }) => lowRank(rank),
};

const schedules: Readonly<Record<Config["schedule"], (config: Config, stepsPerEpoch: number) => Schedule>> = {
  constant: () => constant(),
  cosine({ epochs }, stepsPerEpoch) {
    if (epochs !== undefined) return cosine({ steps: Math.ceil(epochs * stepsPerEpoch) });
    throw inputError("--schedule cosine must come with --epochs, at which it ends, but got none; add it");
  },
  step({ decayEpochs, decayFactor = 0.2 }, stepsPerEpoch) {
    if (decayEpochs)
      return stepDecay({ at: decayEpochs.map((epoch) => epoch * stepsPerEpoch), factor: decayFactor });
    throw inputError(
      "--schedule step must come with --decay-epochs, at which it lowers the learning rate, but got none; add for example --decay-epochs 60,120",
    );
  },
};
