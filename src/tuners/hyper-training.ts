import { numpy as np } from "@jax-js/jax";

import { gatherFields } from "../data/batches.ts";
import type { TrainInputs } from "../hypergrad/hypergrad.ts";
import { adam } from "../nn/optim/adam.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { checkedSchedule, constant, type Schedule } from "../nn/optim/schedule.ts";
import { sgd } from "../nn/optim/sgd.ts";
import type { Problem, Task } from "../problem/problem.ts";
import {
  elementwiseHypernet,
  factoredHypernet,
  linearHypernet,
  mlpHypernet,
  weightsOf,
  type Hypernet,
} from "../response/hypernet.ts";
import { normalHypers, type HyperDistribution } from "../space/distribution.ts";
import { initialScales, unconstrainedStart } from "../space/space.ts";
import { softplus } from "../space/transform.ts";
import { inputError } from "../util/error.ts";
import { gibibytes } from "../util/gibibytes.ts";
import { HostArray, hostScalar, hostVector, hostZeros, scalarOf } from "../util/host-array.ts";
import { streamKey, normalsAt, permutationAt } from "../util/random.ts";
import { currentHypers, evaluationPrograms, respondPrograms } from "./evaluate.ts";
import {
  layersAt,
  objectiveProgram,
  trainProgram,
  tuneProgram,
  type FineTuning,
  type HyperTraining,
  type HyperTrainingState,
} from "./hyper-training-programs.ts";
import { drawNoise } from "./noise.ts";
import { oneAhead, type OneAhead } from "./one-ahead.ts";
import { optimizerSettings } from "./settings.ts";
import { firstTuning, sinceWarmup, tuningStepsAfter } from "./rhythm.ts";
import { demandPlainExamples, demandTunable } from "./tunable.ts";
import type { Host } from "./host.ts";
import { preparedTuner, type StepReport, type Tuner } from "./tuner.ts";

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
   * Default for {@link hyperTraining}: elementwise where there is one hyperparameter a weight; else linear, or factored with 10 units
   * where that would be more than two million parameters. For {@link globalHyperTraining}: `mlpHypernet()`.
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

/** Options of {@link hyperTraining}. */
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

/**
 * Algorithm 3, joint and local: λ ~ N(λ^, σ² I) around the current hyperparameters, both updates in turn. A linear hypernetwork
 * is enough, since it must be right near λ^ only; an elementwise or a factored one tunes as many hyperparameters as weights.
 *
 * For opaque losses and thousands of hyperparameters; for a few on a layered network `deltaStn` answers for each example.
 */
export const hyperTraining = (options: LocalHyperTrainingOptions = {}): Tuner =>
  jointTraining("hyper-training", options, ({ space }, { samples }, seed) => {
    const sigma =
      options.scale === undefined ? scalesOf({ space }) : Array<number>(space.size).fill(options.scale);
    const key = streamKey(seed, "hyperparameter samples");
    const { perturbations = "independent" } = options;
    return (step) => {
      const draws = normalsAt(key, step, samples * space.size).map(
        (z, i) => z * (sigma[i % space.size] as number),
      );
      return new HostArray(perturbations === "paired" ? mirrored(draws, space.size) : draws, [
        samples,
        space.size,
      ]);
    };
  });

/** The second half of the rows [samples, size] becomes the negative of the first. Changes the draws. */
function mirrored(draws: Float64Array<ArrayBuffer>, size: number): Float64Array<ArrayBuffer> {
  const half = Math.floor(draws.length / size / 2) * size;
  for (let i = 0; i < half; i++) draws[half + i] = -(draws[i] as number);
  return draws;
}

/** Algorithm 4: as {@link hyperTraining} with λ = λ^; what moves λ^ is all that φ sees of other hyperparameters. */
export const simplifiedHyperTraining = (
  options: Omit<LocalHyperTrainingOptions, "scale" | "samples" | "perturbations"> = {},
): Tuner =>
  jointTraining("hyper-training-simplified", { ...options, samples: 1 }, ({ space }) => {
    const none = hostZeros([1, space.size]);
    return () => none;
  });

/** Options of {@link globalHyperTraining}. */
export interface GlobalHyperTrainingOptions extends HyperTrainingOptions {
  /** p(λ); default normal around the start with each hyperparameter's `scale` as its standard deviation. */
  readonly distribution?: HyperDistribution;
  /** Epochs that train the hypernetwork; after them only λ^ moves. Default four fifths of the run; in the preset `paper` it must be given. */
  readonly hypernetEpochs: number;
}

/**
 * Algorithm 2, global: first φ alone on λ ~ p(λ), then λ^ by the validation gradient through a hypernetwork that stays. Once
 * trained it predicts the losses at any λ where p(λ) has mass (`responseCurve`).
 *
 * @throws {HypertrainError} where p(λ) has one point only.
 */
export function globalHyperTraining(options: GlobalHyperTrainingOptions): Tuner {
  const { hypernetEpochs, hypernet = mlpHypernet() } = options;
  const rhythm = { warmupEpochs: hypernetEpochs, trainSteps: 1, validSteps: 1 };
  return {
    name: "hyper-training-global",
    prepare(task, seed) {
      const { space } = task.problem;
      const settings = withDefaults({ samples: 10, ...options, hypernet }, task.problem);
      const prepared = prepare("hyper-training-global", task, seed, settings, () =>
        np.zeros([1, space.size]),
      );
      const start = Array.from(unconstrainedStart(space));
      const { distribution = normalHypers({ mean: start, sd: scalesOf(task.problem) }) } = options;
      if (distribution.points < 2) {
        throw inputError(
          `p(λ) of hyper-training-global must have more than one point, but ${distribution.name} has ${distribution.points}; widen it, or use hyper-training, which learns the response around one point`,
        );
      }
      const key = streamKey(seed, "hyperparameter samples");
      const draws = oneAhead((step) => distribution.sample(key, step, settings.samples, space.size));
      return preparedTuner({
        ...prepared,
        tunesFrom: (stepsPerEpoch) => firstTuning(rhythm, stepsPerEpoch),
        async advance(host, step) {
          const since = sinceWarmup(step, rhythm, host);
          if (since < 0) return trainStep(host, step, draws, settings);
          await tuneStep(host, since, settings);
          const { loss, penalty } = await host.run("objective", await host.trainInputs(step));
          return reportOf(loss, penalty, 1);
        },
      });
    },
  };
}

const scalesOf = ({ space }: Pick<Problem, "space">): number[] =>
  Array.from(initialScales(space), softplus.forward);

type Settings = ReturnType<typeof withDefaults>;

/** Makes the draws of each step [samples, size], which are added to λ^. */
type DrawsOf = (problem: Problem, settings: Settings, seed: number) => (step: number) => HostArray;

function jointTraining(name: string, options: LocalHyperTrainingOptions, drawsOf: DrawsOf): Tuner {
  return {
    name,
    prepare(task, seed) {
      const settings = withDefaults(options, task.problem);
      const draws = oneAhead(drawsOf(task.problem, settings, seed));
      const rhythm = { warmupEpochs: 0, trainSteps: 1, validSteps: 1, ...options };
      return preparedTuner({
        ...prepare(name, task, seed, settings, currentHypers),
        tunesFrom: (stepsPerEpoch) => firstTuning(rhythm, stepsPerEpoch),
        async advance(host, step) {
          const report = await trainStep(host, step, draws, settings);
          const due = tuningStepsAfter(step, rhythm, host);
          for (const index of due) await tuneStep(host, index, settings);
          return { ...report, gradientEvaluations: settings.samples + due.length };
        },
      });
    },
  };
}

type HyperTrainingHost = Host<ReturnType<typeof prepare>["programs"]>;

async function trainStep(
  host: HyperTrainingHost,
  step: number,
  draws: OneAhead<HostArray>,
  { optimizer, learningRate, schedule, samples }: Settings,
): Promise<StepReport> {
  const running = host.run("train", {
    ...(await host.trainInputs(step)),
    draws: draws.take(step),
    settings: optimizerSettings(optimizer, learningRate * schedule(step)),
  });
  draws.prepare();
  const { loss, penalty } = await running;
  return reportOf(loss, penalty, samples);
}

const tuneStep = (
  host: HyperTrainingHost,
  index: number,
  { hyperOptimizer, hyperLearningRate, hyperPenalty }: Settings,
) =>
  host.run("tune", {
    batch: host.validBatch(index),
    settings: optimizerSettings(hyperOptimizer, hyperLearningRate),
    hyperPenalty: hostScalar(hyperPenalty),
  });

const reportOf = (loss: HostArray, penalty: HostArray, gradientEvaluations: number): StepReport => ({
  loss: scalarOf(loss),
  penalty: scalarOf(penalty),
  gradientEvaluations,
});

/** Parameters beyond which the linear hypernetwork gives way to the factored one. */
const LARGE_HYPERNET = 2e6;

function usualHypernet(size: number, weights: number): Hypernet {
  if (size === weights && size > 1) return elementwiseHypernet();
  const linear = linearHypernet();
  return linear.parameterCount(size, weights) > LARGE_HYPERNET ? factoredHypernet() : linear;
}

/** With the papers' defaults; those of the library and the command line, which `HyperTrainingOptions` tells, stand in `methods/`. */
function withDefaults(options: HyperTrainingOptions, { space, init }: Problem) {
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

/** Weights that a hypernetwork answers with have no optimizer of their own; theirs is what trains weights by default. */
const plain = sgd();
const PLAIN_RATE = 0.03;

/** State and programs of one hypernetwork; `center` is what the draws of a step are added to: [1, size]. */
function prepare(
  name: string,
  task: Task,
  seed: number,
  settings: Settings,
  center: (state: HyperTrainingState) => np.Array,
) {
  const { problem } = task;
  demandPlainExamples(name, task);
  demandTunable(name, task);
  const like = problem.init(streamKey(seed, "params"));
  demandMemory(settings, problem.space.size, weightsOf(like));
  const params = settings.hypernet.init(problem.space.size, like, streamKey(seed, "hypernetwork"));
  const hypers = hostVector(unconstrainedStart(problem.space));
  const parts: HyperTraining = { problem, like, center, ...settings };
  return {
    state: {
      params,
      hypers,
      paramsOptimizer: settings.optimizer.init(params),
      hypersOptimizer: settings.hyperOptimizer.init(hypers),
      ...(settings.fineTuning && { fineTuning: fineTuningRows(task, settings.fineTuning, seed) }),
    },
    programs: {
      train: trainProgram(parts),
      tune: tuneProgram(parts),
      objective: objectiveProgram(parts),
      ...evaluationPrograms(problem, (state: HyperTrainingState) =>
        layersAt(parts, state, currentHypers(state)),
      ),
      ...respondPrograms(problem, (state: HyperTrainingState, at) => layersAt(parts, state, at)),
    },
    plainTraining: { optimizer: plain, settingsAt: () => optimizerSettings(plain, PLAIN_RATE) },
    learningRates: (step: number) => ({
      hypernetwork: settings.learningRate * settings.schedule(step),
      hyperparameters: settings.hyperLearningRate,
    }),
  };
}

function fineTuningRows({ data, problem }: Task, { rows = 128 }: FineTuning, seed: number): TrainInputs {
  const order = permutationAt(streamKey(seed, "fine-tuning rows"), 0, data.train.rows);
  const count = Math.min(rows, data.train.rows);
  return {
    batch: gatherFields(data.train, order.subarray(0, count)),
    noise: drawNoise(problem.noise, seed, 2 ** 31, count), // a step that no run reaches
  };
}

/** Bytes of φ, its gradient and Adam's two averages in float32. */
const BYTES_PER_PARAMETER = 4 * 4;

function demandMemory({ hypernet, memoryLimit }: Settings, size: number, weights: number): void {
  const bytes = hypernet.parameterCount(size, weights) * BYTES_PER_PARAMETER;
  if (bytes <= memoryLimit) return;
  const smaller = factoredHypernet();
  const needed = smaller.parameterCount(size, weights) * BYTES_PER_PARAMETER;
  throw inputError(
    `a hypernetwork must fit into memory (${gibibytes(memoryLimit)}), but the ${hypernet.name} one for ${size} hyperparameters and ${weights} weights takes ${gibibytes(bytes)}; a factored one of 10 units takes ${gibibytes(needed)}`,
  );
}
