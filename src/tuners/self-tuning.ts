import { nn, numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree, Program, ProgramState } from "../engine/engine.ts";
import { gradients } from "../engine/transform.ts";
import { mean } from "../nn/mean.ts";
import { clipByGlobalNorm } from "../nn/optim/clip.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { rmsprop } from "../nn/optim/rmsprop.ts";
import { constant, type Schedule } from "../nn/optim/schedule.ts";
import { sgd } from "../nn/optim/sgd.ts";
import { validLosses, type Objective } from "../problem/objective.ts";
import type { Batch, Noise, Problem } from "../problem/problem.ts";
import { dense } from "../response/dense.ts";
import { factored } from "../response/factored.ts";
import type { Response } from "../response/response.ts";
import { initialScales, naturalArrays, tunableScales, unconstrainedStart } from "../space/space.ts";
import { inputError } from "../util/error.ts";
import { hostScalar, hostVector, scalarOf, type HostArray } from "../util/host-array.ts";
import { randomKey } from "../util/random.ts";
import { currentHypers, evaluationPrograms } from "./evaluate.ts";
import { optimizerSettings } from "./settings.ts";
import type { Host, StepReport, Tuner } from "./tuner.ts";

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
 * | τ     | weight of the perturbations' entropy | [] | `entropyWeight` |
 *
 * Repeated, after a warm-up without hyperparameter steps: `trainSteps` training steps, then `validSteps` times
 *
 *     λ -= α2 ∇_λ L_V(r(λ + ε)),   s -= α3 ∇_s ( L_V(r(λ + ε)) - τ H ),   H = Σ_j log(σ_j sqrt(2πe)).
 */
export interface SelfTuningOptions {
  /** For w0; default SGD with momentum 0.9. */
  readonly optimizer?: Optimizer;
  /** For Θ; default another of the same kind. */
  readonly responseOptimizer?: Optimizer;
  /** Default RMSprop. */
  readonly hyperOptimizer?: Optimizer;
  /** Default RMSprop. */
  readonly scaleOptimizer?: Optimizer;
  /** Step size α1 of the weights; default 0.03. */
  readonly learningRate?: number;
  /** Step size of the response; default α1. */
  readonly responseLearningRate?: number;
  /** Factor on both of these by training step; default constant. */
  readonly schedule?: Schedule;
  /** Step size α2 of the hyperparameters; default 0.01. */
  readonly hyperLearningRate?: number;
  /** Step size α3 of the perturbation scales; default 0.01. */
  readonly scaleLearningRate?: number;
  /** τ; default 0.001. */
  readonly entropyWeight?: number;
  /** Epochs at the start without hyperparameter steps; default 5. */
  readonly warmupEpochs?: number;
  /** Training steps between hyperparameter steps (T_train); default 5. */
  readonly trainSteps?: number;
  /** Hyperparameter steps each time (T_valid); default 1. */
  readonly validSteps?: number;
  /** Largest global norm of the gradient of w0 and of that of Θ; default no limit. */
  readonly clipNorm?: number;
  /** Default: `factored` for a problem written over layers, `dense` for any other. */
  readonly response?: Response;
}

/** What a method of the family computes in its own way. */
export interface SelfTuningMethod {
  readonly name: string;
  /** The hyperparameters at which the response gives w0: zero, or λ0. [1, size] from λ: [1, size], which it consumes. */
  origin(hypers: np.Array): np.Array;
  /** The training loss whose gradients update w0 and Θ. Borrows the arrays of `at`. */
  trainLoss(at: TrainPoint, params: ArrayTree, response: ArrayTree): [total: np.Array, reported: Objective];
  /** Minibatch gradients that one training step costs. */
  readonly gradientEvaluations: number;
}

/** Everything that a training loss depends on besides the weights. */
export interface TrainPoint {
  readonly problem: Problem;
  readonly response: Response;
  readonly hypers: np.Array; // λ: [1, size]
  readonly perturbation: np.Array; // ε: [rows, size]
  readonly batch: Batch;
  readonly noise: Noise;
}

/** Builds the tuner of one method of the family. */
export function selfTuning(
  method: SelfTuningMethod,
  {
    optimizer = sgd(),
    responseOptimizer = optimizer,
    hyperOptimizer = rmsprop(),
    scaleOptimizer = rmsprop(),
    learningRate = 0.03,
    responseLearningRate = learningRate,
    schedule = constant(),
    hyperLearningRate = 0.01,
    scaleLearningRate = 0.01,
    entropyWeight = 0.001,
    warmupEpochs = 5,
    trainSteps = 5,
    validSteps = 1,
    clipNorm = Infinity,
    response: chosenResponse,
  }: SelfTuningOptions,
): Tuner {
  return {
    name: method.name,
    prepare({ problem }, seed) {
      demandTunable(method.name, problem);
      const response = chosenResponse ?? (problem.layers ? factored : dense);
      const params = problem.init(randomKey(seed, "params"));
      const theta = response.init(params, problem.space.size, randomKey(seed, "response"));
      const hypers = hostVector(unconstrainedStart(problem.space));
      const scales = hostVector(initialScales(problem.space));

      const tune = async (host: Host, index: number): Promise<void> => {
        await host.run("tune", {
          batch: host.validBatch(index),
          perturbation: host.perturbation("valid", index),
          hyperSettings: optimizerSettings(hyperOptimizer, hyperLearningRate),
          scaleSettings: optimizerSettings(scaleOptimizer, scaleLearningRate),
          entropyWeight: hostScalar(entropyWeight),
        });
      };

      return {
        state: {
          params,
          response: theta,
          hypers,
          scales,
          paramsOptimizer: optimizer.init(params),
          responseOptimizer: responseOptimizer.init(theta),
          hypersOptimizer: hyperOptimizer.init(hypers),
          scalesOptimizer: scaleOptimizer.init(scales),
        },
        programs: {
          train: trainProgram(
            method,
            problem,
            response,
            { params: optimizer, response: responseOptimizer },
            clipNorm,
          ),
          tune: tuneProgram(method, problem, response, hyperOptimizer, scaleOptimizer),
          ...evaluationPrograms(problem, (state) => {
            const here = currentHypers(state);
            const h = here.ref.sub(method.origin(here));
            return response.layers(state.params as ArrayTree, state.response as ArrayTree, h);
          }),
        },
        learningRates: (step) => ({
          weights: learningRate * schedule(step),
          response: responseLearningRate * schedule(step),
          hyperparameters: hyperLearningRate,
          scales: scaleLearningRate,
        }),
        async advance(host, step): Promise<StepReport> {
          const outputs = await host.run("train", {
            ...host.trainInputs(step),
            perturbation: host.perturbation("train", step),
            settings: {
              params: optimizerSettings(optimizer, learningRate * schedule(step)),
              response: optimizerSettings(responseOptimizer, responseLearningRate * schedule(step)),
            },
          });
          const tuningSteps = tuningStepsAfter(
            step - warmupEpochs * host.stepsPerEpoch,
            trainSteps,
            validSteps,
          );
          for (const index of tuningSteps) await tune(host, index);
          return {
            loss: scalarOf(outputs.loss as HostArray),
            penalty: scalarOf(outputs.penalty as HostArray),
            gradientEvaluations: method.gradientEvaluations + tuningSteps.length,
          };
        },
      };
    },
  };
}

/** The indices of the hyperparameter steps due after the training step `step`, counted from the end of the warm-up. */
function tuningStepsAfter(step: number, trainSteps: number, validSteps: number): readonly number[] {
  if (step < 0 || (step + 1) % trainSteps !== 0) return [];
  const round = (step + 1) / trainSteps - 1;
  return Array.from({ length: validSteps }, (_, i) => round * validSteps + i);
}

const trainProgram =
  (
    method: SelfTuningMethod,
    problem: Problem,
    response: Response,
    optimizers: Readonly<Record<"params" | "response", Optimizer>>,
    clipNorm: number,
  ): Program =>
  (state, inputs) => {
    const sigma = nn.softplus((state.scales as np.Array).ref);
    const at: TrainPoint = {
      problem,
      response,
      hypers: currentHypers(state),
      perturbation: (inputs.perturbation as np.Array).mul(sigma),
      batch: inputs.batch as Batch,
      noise: inputs.noise as Noise,
    };
    const { grads, reported } = gradients(
      (params: ArrayTree, theta: ArrayTree) => method.trainLoss(at, params, theta),
      tree.ref(state.params as ArrayTree),
      tree.ref(state.response as ArrayTree),
    );
    const update = (grads: ArrayTree, part: "params" | "response") =>
      optimizers[part].update(
        clipByGlobalNorm(grads, clipNorm),
        state[`${part}Optimizer`] as ArrayTree,
        state[part] as ArrayTree,
        (inputs.settings as Record<string, Record<string, np.Array>>)[part] as Record<string, np.Array>,
      );
    const [params, paramsOptimizer] = update(grads[0], "params");
    const [theta, responseOptimizer] = update(grads[1], "response");
    return [{ params, response: theta, paramsOptimizer, responseOptimizer }, reported];
  };

const tuneProgram =
  (
    method: SelfTuningMethod,
    problem: Problem,
    response: Response,
    hyperOptimizer: Optimizer,
    scaleOptimizer: Optimizer,
  ): Program =>
  (state, inputs) => {
    const tunable = hostMask(tunableScales(problem.space));
    const loss = (hypers: np.Array, scales: np.Array): [np.Array, { loss: np.Array }] => {
      const sigma = nn.softplus(scales).mul(tunable(hypers));
      const row = hypers.reshape([1, -1]);
      const perturbed = row.ref.add((inputs.perturbation as np.Array).ref.mul(sigma.ref)); // [rows, size]
      const h = perturbed.ref.sub(method.origin(row));
      const layers = response.layers(state.params as ArrayTree, state.response as ArrayTree, h);
      const natural = naturalArrays(problem.space, perturbed);
      const valid = mean(validLosses(problem, layers, inputs.batch as Batch, natural));
      const bonus = entropy(sigma, tunable).mul((inputs.entropyWeight as np.Array).ref);
      return [valid.ref.sub(bonus), { loss: valid }];
    };
    const { grads, reported } = gradients(
      loss,
      (state.hypers as np.Array).ref,
      (state.scales as np.Array).ref,
    );
    const [hypers, hypersOptimizer] = hyperOptimizer.update(
      grads[0],
      state.hypersOptimizer as ArrayTree,
      state.hypers as ArrayTree,
      inputs.hyperSettings as Record<string, np.Array>,
    );
    const [scales, scalesOptimizer] = scaleOptimizer.update(
      grads[1],
      state.scalesOptimizer as ArrayTree,
      state.scales as ArrayTree,
      inputs.scaleSettings as Record<string, np.Array>,
    );
    const changed: ProgramState = { hypers, hypersOptimizer, scales, scalesOptimizer };
    return [changed, reported];
  };

/** H = Σ_j log(σ_j sqrt(2πe)) over the tunable scales. Consumes sigma: [size]. */
function entropy(sigma: np.Array, tunable: (like: np.Array) => np.Array): np.Array {
  const mask = tunable(sigma);
  const held = np.subtract(1, mask.ref); // a held scale counts as 1 under the logarithm
  return np
    .log(sigma.add(held))
    .add(0.5 * Math.log(2 * Math.PI * Math.E))
    .mul(mask)
    .sum();
}

/** A constant 0/1 vector in the floating-point type of an array that is only looked at. */
const hostMask =
  (mask: Float64Array) =>
  (like: np.Array): np.Array =>
    np.array([...mask], { dtype: like.dtype });

function demandTunable(method: string, { space, name }: Problem): void {
  if (space.size === 0) {
    throw inputError(
      `${method} must have at least one hyperparameter to tune, but "${name}" has none; add one, or use the method "fixed"`,
    );
  }
  const choices = space.names.filter((hyper) => space.hypers[hyper]?.kind === "choice");
  if (choices.length > 0) {
    throw inputError(
      `${method} must be able to differentiate the training loss by every hyperparameter, but ${choices.map((c) => `"${c}"`).join(", ")} of "${name}" chooses among options; hold it fixed, or make it an integer`,
    );
  }
}
