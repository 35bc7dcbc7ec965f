import { tree, type numpy as np } from "@jax-js/jax";

import type { ArrayTree, Program } from "../engine/engine.ts";
import { gradients } from "../engine/transform.ts";
import { demandSettings } from "../hypergrad/optimizer-hypers.ts";
import { settingsAt, type UpdateInputs } from "../hypergrad/training-step.ts";
import { initCarried } from "../nn/carried.ts";
import { plainLayers } from "../nn/layer.ts";
import { clipByGlobalNorm } from "../nn/optim/clip.ts";
import { sgd } from "../nn/optim/sgd.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { checkedSchedule, constant, type Schedule } from "../nn/optim/schedule.ts";
import { trainObjective, type Objective } from "../problem/objective.ts";
import type { Problem } from "../problem/problem.ts";
import { naturalArrays, startValues, unconstrainedStart } from "../space/space.ts";
import { hostVector, scalarOf } from "../util/host-array.ts";
import { streamKey } from "../util/random.ts";
import { carrying, currentHypers, evaluationPrograms, type TunedState } from "./evaluate.ts";
import { trainingSettings, weightRate, type WeightTraining } from "./settings.ts";
import { leftBehind, takenOver, type ContinuesInput, type LeftInState } from "./taken-over.ts";
import { preparedTuner, type Tuner } from "./tuner.ts";

/** How the weights are trained. */
export interface FixedOptions {
  /** Default: SGD with momentum 0.9. */
  readonly optimizer?: Optimizer;
  /** Step size of the weights; default 0.03. */
  readonly learningRate?: number;
  /** Factor on the weights' step size by training step; default constant. */
  readonly schedule?: Schedule;
  /** Largest global norm of the gradient; default no limit. */
  readonly clipNorm?: number;
  /** T: the training steps that a setting of the optimizer is spread over which is a hyperparameter with a shape. */
  readonly scheduleSteps?: number;
  /** λ at a training step, unconstrained: [size]. Default: the start throughout. */
  readonly hypersAt?: (step: number) => Float64Array;
}

/**
 * Plain training with the hyperparameters held at their start, or along a path that is known beforehand: the baseline of every comparison, and what a black-box search
 * runs once per trial. A setting of the optimizer may be one of them (`withOptimizerHypers`).
 */
export function fixed({
  optimizer = sgd(),
  learningRate = 0.03,
  schedule = constant(),
  clipNorm = Infinity,
  scheduleSteps,
  hypersAt,
}: FixedOptions = {}): Tuner {
  const training: WeightTraining = {
    optimizer,
    learningRate,
    schedule: checkedSchedule("schedule", schedule),
    ...(scheduleSteps !== undefined && { scheduleSteps }),
  };
  return {
    name: "fixed",
    prepare(task, seed) {
      const { problem } = task;
      demandSettings(task, optimizer, scheduleSteps);
      const params = problem.init(streamKey(seed, "params"), startValues(problem.space));
      return preparedTuner({
        state: {
          params,
          hypers: hostVector(hypersAt?.(0) ?? unconstrainedStart(problem.space)),
          optimizer: optimizer.init(params),
          ...(problem.carried && { carried: initCarried(problem.carried) }),
        },
        programs: {
          train: hypersAt
            ? moving(trainProgram(problem, optimizer, clipNorm))
            : trainProgram(problem, optimizer, clipNorm),
          ...evaluationPrograms(problem, (state) => carrying(plainLayers(state.params), state)),
        },
        followsPlateau: true,
        learningRates: (step, rateFactor) => weightRate(task, lowered(training, rateFactor), step),
        handsOn: ["train"],
        async advance(host, step) {
          const { loss, penalty } = await host.run("train", {
            ...(await host.trainInputs(step, hypersAt && { at: hypersAt(step) })),
            ...host.continues?.("train", step),
            settings: trainingSettings(task, lowered(training, host.rateFactor?.()), step),
            ...(hypersAt && { hypers: hostVector(hypersAt(step)) }),
          });
          return { loss: scalarOf(loss), penalty: scalarOf(penalty), gradientEvaluations: 1 };
        },
      });
    },
  };
}

/** Training whose schedule has a factor besides. */
const lowered = (training: WeightTraining, rateFactor = 1): WeightTraining => ({
  ...training,
  schedule: (step) => training.schedule(step) * rateFactor,
});

/** Training with the hyperparameters of the state or, where they move, with those that are fed. */
type FixedTraining = Program<
  TunedState & LeftInState & { optimizer: ArrayTree },
  UpdateInputs & ContinuesInput & { hypers?: np.Array },
  Pick<Objective, "loss" | "penalty">
>;

/** A step at the hyperparameters that it is fed, which then are the state's. */
const moving =
  (step: FixedTraining): FixedTraining =>
  (state, inputs) => {
    const { hypers = state.hypers } = inputs;
    const [changed, reported] = step({ ...state, hypers }, inputs);
    return [{ ...changed, hypers: hypers.ref }, reported];
  };

const trainProgram =
  (problem: Problem, optimizer: Optimizer, clipNorm: number): FixedTraining =>
  (state, inputs) => {
    const objective = (params: ArrayTree): [np.Array, Objective] => {
      const hypers = naturalArrays(problem.space, currentHypers(state));
      const parts = trainObjective(
        problem,
        plainLayers(params),
        inputs.batch,
        hypers,
        inputs.noise,
        takenOver(state, inputs),
      );
      return [parts.loss.ref.add(parts.penalty.ref), parts];
    };
    const { grads, reported } = gradients(objective, tree.ref(state.params));
    const [params, optimizerState] = optimizer.update(
      clipByGlobalNorm(grads[0], clipNorm),
      state.optimizer,
      state.params,
      settingsAt({ problem, optimizer }, state.hypers.ref, inputs),
    );
    const [left, told] = leftBehind(reported);
    return [{ params, optimizer: optimizerState, ...left }, told];
  };
