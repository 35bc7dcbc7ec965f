import type { numpy as np } from "@jax-js/jax";

import { initCarried } from "../nn/carried.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { rmsprop } from "../nn/optim/rmsprop.ts";
import { constant, type Schedule } from "../nn/optim/schedule.ts";
import { sgd } from "../nn/optim/sgd.ts";
import type { Problem } from "../problem/problem.ts";
import { dense } from "../response/dense.ts";
import { factored } from "../response/factored.ts";
import type { Response } from "../response/response.ts";
import { initialScales, unconstrainedStart } from "../space/space.ts";
import { inputError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { hostScalar, hostVector, scalarOf, type HostArrays, type HostTree } from "../util/host-array.ts";
import { streamKey } from "../util/random.ts";
import { recordOf } from "../util/record.ts";
import { carrying, currentHypers, evaluationPrograms, respondPrograms } from "./evaluate.ts";
import type { Perturbations, ViewsWanted } from "./host.ts";
import { implicitCoordinates, type ResponseObjective } from "./implicit-response.ts";
import {
  settledResponse,
  trainProgram,
  tuneProgram,
  weightsProgram,
  type Optimized,
  type SelfTuning,
  type SelfTuningMethod,
  type SelfTuningState,
} from "./self-tuning-programs.ts";
import { firstTuning, learnsInStep, learnsOfStreams, tuningStepsAfter, turnOfStreams } from "./rhythm.ts";
import { optimizerSettings } from "./settings.ts";
import { demandTunable } from "./tunable.ts";
import { together } from "./together.ts";
import { preparedTuner, type Tuner } from "./tuner.ts";

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

/** Options of a method whose response is anchored at the current λ, and trained apart from w0. */
export type AnchoredOption = "responseObjective" | "responseAveraging" | "responseEvery";

/** Builds the tuner of one method of the family. */
export function selfTuning(method: SelfTuningMethod, options: SelfTuningOptions): Tuner {
  const settings = withDefaults(options);
  return {
    name: method.name,
    prepare(task, seed, { epochs, stepsPerEpoch }) {
      const { problem } = task;
      demandLearning(settings, epochs * stepsPerEpoch);
      const joint = method.plainGradients === 0;
      const { perturbations: asked } = settings;
      // where all that trains is the response's, each row must leave something for the next
      const perturbations = joint && problem.rowStates && asked === "paired" ? "full" : asked;
      const { responseEvery } = settings;
      const streams = task.data.train.order === "streams";
      demandTunable(method.name, task);
      if (method.absolute) demandOwnWeights(method.name, problem);
      const whole = settings.response ?? (problem.layers ? factored : dense);
      const { mostApart } = settings;
      const { response, counts, perturbation, groups } = together(whole, problem.space, mostApart);
      const trainRows = task.data.train.rows;
      const parts: SelfTuning = { ...settings, perturbations, method, problem, response, counts, trainRows };
      return preparedTuner({
        state: initialState(parts, seed),
        programs: {
          train: trainProgram(parts),
          trainWeights: weightsProgram(parts),
          tune: tuneProgram(parts),
          ...evaluationPrograms(problem, (state: SelfTuningState) =>
            layersAt(parts, state, currentHypers(state)),
          ),
          ...respondPrograms(problem, (state: SelfTuningState, hypers) => layersAt(parts, state, hypers)),
        },
        remarks: groups.map(
          ({ name, width }) =>
            `${method.name} moves the ${width} hyperparameters of ${name} as one, since a response cannot tell more than ${mostApart} of one name apart; a method without a response moves each by itself`,
        ),
        followsPlateau: true,
        learningRates(step, rateFactor) {
          const { params: weights, hypers: hyperparameters, ...others } = ratesAt(settings, step, rateFactor);
          return { weights, hyperparameters, ...others };
        },
        tunesFrom: (stepsPerEpoch) => firstTuning(settings, stepsPerEpoch),
        trained: [
          ...["params", "response", "paramsOptimizer", "responseOptimizer", ...averages(settings)],
          ...(problem.carried ? ["carried"] : []),
          ...(problem.rowStates ? ["trainRows", "validRows"] : []),
        ],
        handsOn: ["train", "valid"],
        plainTraining: {
          optimizer: settings.optimizers.params,
          optimizerState: "paramsOptimizer",
          settingsAt: (step, rateFactor) =>
            optimizerSettings(settings.optimizers.params, ratesAt(settings, step, rateFactor).params),
        },
        async advance(host, step, begun) {
          const rates = ratesAt(settings, step, host.rateFactor?.());
          const began = host.began?.() ?? 0;
          const due = tuningStepsAfter(step - began, settings, host);
          const learns = (at: number) =>
            streams ? learnsOfStreams(at, responseEvery, host) : learnsInStep(at - began, settings, host);
          const views: ViewsWanted = {
            ...{ plain: !joint, tunesNext: due.length > 0 },
            perturbations: (at) => (learns(at) ? perturbations : undefined),
          };
          const train = async () => {
            const inputs = { ...(await host.trainInputs(step, views)), ...host.continues?.("train", step) };
            const { loss, penalty } = learns(step)
              ? await host.run("train", {
                  ...inputs,
                  ...(streams && { turn: hostScalar(turnOfStreams(step, responseEvery, host)) }),
                  perturbation: perturbation(host.perturbation("train", step)),
                  settings: settingsOf(parts, rates, ["params", "response"]),
                })
              : await host.run("trainWeights", { ...inputs, settings: settingsOf(parts, rates, ["params"]) });
            return { loss: scalarOf(loss), penalty: scalarOf(penalty) };
          };
          const { loss, penalty } = begun ?? (await train());
          const first = begun?.tuned ?? 0;
          let tuned = first;
          for (; tuned < due.length; tuned++) {
            if (tuned > first && (await host.stop?.())) break;
            const index = began * settings.validSteps + (due[tuned] as number); // not those before a restart again
            await host.run("tune", {
              batch: host.validBatch(index),
              ...host.continues?.("valid", index),
              perturbation: perturbation(host.perturbation("valid", index)),
              settings: settingsOf(parts, rates, ["hypers", "scales"]),
              entropyWeight: hostScalar(settings.entropyWeight),
            });
          }
          return {
            ...{ loss, penalty },
            ...(tuned < due.length && { tuned }),
            gradientEvaluations:
              method.plainGradients + (learns(step) ? responseGradients(parts) : 0) + due.length,
          };
        },
      });
    },
  };
}

/** Demands that the response learns in a run of so many steps. @throws {HypertrainError} */
function demandLearning({ responseEvery }: Pick<SelfTuningOptions, "responseEvery">, steps: number): void {
  if (responseEvery === undefined || !(responseEvery > steps)) return;
  throw inputError(
    `${optionText("responseEvery")} must be at most the training steps of the run, ${Math.floor(steps)}, or no response is learned, but got ${responseEvery}; lower it`,
  );
}

/** Demands that no layer takes another's w0, where that is not the weight which a trained model has. */
function demandOwnWeights(method: string, { name, layers = [] }: Problem): void {
  const tied = layers.find(({ kind }) => kind === "tied-linear");
  if (!tied) return;
  throw inputError(
    `${method} with the input "absolute" must have a network whose layers have weights of their own, but "${tied.name}" of "${name}" shares the embedding's; take ${optionText("stnInput", "centred")}, or a linear layer in its place`,
  );
}

/** The gradients that the response's part of a training step costs. */
function responseGradients({ problem, perturbations, responseObjective }: SelfTuning): number {
  const rays = responseObjective === "implicit" ? implicitCoordinates(problem).length : 0;
  if (rays === problem.space.size) return rays;
  return rays + (perturbations === "full" ? 2 : 1);
}

type Rates = Readonly<Record<Optimized, number>>;

/** The papers' defaults; those of the library and the command line stand in `methods/`. */
function withDefaults({
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
    schedule,
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

/** Schedule and factor are those of training; hyperparameters and scales keep their rates. */
const ratesAt = (
  { rates, schedule }: { rates: Rates; schedule: Schedule },
  step: number,
  rateFactor = 1,
): Rates => ({
  ...rates,
  params: rates.params * schedule(step) * rateFactor,
  response: rates.response * schedule(step) * rateFactor,
});

const settingsOf = <Part extends Optimized>(
  { optimizers }: SelfTuning,
  rates: Rates,
  parts: readonly Part[],
): Readonly<Record<Part, HostArrays>> =>
  recordOf(parts, (part) => optimizerSettings(optimizers[part], rates[part]));

function initialState(
  { problem, response, optimizers, averaging }: SelfTuning,
  seed: number,
): Record<string, HostTree> {
  const params = problem.init(streamKey(seed, "params"));
  const parts: Record<Optimized, HostTree> = {
    params,
    response: response.init(problem.layers ?? [], params, problem.space.size, streamKey(seed, "response")),
    hypers: hostVector(unconstrainedStart(problem.space)),
    scales: hostVector(initialScales(problem.space)),
  };
  const states = Object.entries(parts).map(([part, tree]) => [
    `${part}Optimizer`,
    optimizers[part as Optimized].init(tree),
  ]);
  const averages = averaging === 0 ? {} : { responseAverage: parts.response };
  return {
    ...parts,
    ...averages,
    ...Object.fromEntries(states),
    ...(problem.carried && { carried: initCarried(problem.carried) }),
  };
}

const averages = ({ averaging }: Pick<SelfTuning, "averaging">) =>
  averaging === 0 ? [] : ["responseAverage"];

/** The layers that the response gives at any λ: [1, size], which it consumes. */
function layersAt({ method, response }: SelfTuning, state: SelfTuningState, hypers: np.Array) {
  const h = hypers.sub(method.origin(currentHypers(state)));
  return carrying(response.layers(state.params, settledResponse(state), h), state);
}
