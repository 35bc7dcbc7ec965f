/*
 * What all forms of hyper-training share: their state and programs, and a step of the hypernetwork and of the hyperparameters.
 */
import type { numpy as np } from "@jax-js/jax";

import { gatherFields } from "../data/batches.ts";
import type { TrainInputs } from "../hypergrad/hypergrad.ts";
import { sgd } from "../nn/optim/sgd.ts";
import type { Task } from "../problem/problem.ts";
import { factoredHypernet, weightsOf } from "../response/hypernet.ts";
import { unconstrainedStart } from "../space/space.ts";
import { inputError } from "../util/error.ts";
import { gibibytes } from "../util/gibibytes.ts";
import { hostScalar, hostVector, scalarOf, type HostArray } from "../util/host-array.ts";
import { streamKey, permutationAt } from "../util/random.ts";
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
import type { OneAhead } from "./one-ahead.ts";
import { optimizerSettings } from "./settings.ts";
import { demandPlainExamples, demandTunable } from "./tunable.ts";
import type { Host } from "./host.ts";
import type { StepReport } from "./tuner.ts";
import type { HyperTrainingSettings } from "./hyper-training-options.ts";

/** State and programs of one hypernetwork; `center` is what the draws of a step are added to: [1, size]. */
export function preparedHyperTraining(
  name: string,
  task: Task,
  seed: number,
  settings: HyperTrainingSettings,
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

/** Weights that a hypernetwork answers with have no optimizer of their own; theirs is what trains weights by default. */
const plain = sgd();

const PLAIN_RATE = 0.03;

function fineTuningRows({ data, problem }: Task, { rows = 128 }: FineTuning, seed: number): TrainInputs {
  const order = permutationAt(streamKey(seed, "fine-tuning rows"), 0, data.train.rows);
  const count = Math.min(rows, data.train.rows);
  return {
    batch: gatherFields(data.train, order.subarray(0, count)),
    noise: drawNoise(problem.noise, seed, 2 ** 31, count), // a step that no run reaches
  };
}

function demandMemory({ hypernet, memoryLimit }: HyperTrainingSettings, size: number, weights: number): void {
  const bytes = hypernet.parameterCount(size, weights) * BYTES_PER_PARAMETER;
  if (bytes <= memoryLimit) return;
  const smaller = factoredHypernet();
  const needed = smaller.parameterCount(size, weights) * BYTES_PER_PARAMETER;
  throw inputError(
    `a hypernetwork must fit into memory (${gibibytes(memoryLimit)}), but the ${hypernet.name} one for ${size} hyperparameters and ${weights} weights takes ${gibibytes(bytes)}; a factored one of 10 units takes ${gibibytes(needed)}`,
  );
}

/** Bytes of φ, its gradient and Adam's two averages in float32. */
const BYTES_PER_PARAMETER = 4 * 4;

type HyperTrainingHost = Host<ReturnType<typeof preparedHyperTraining>["programs"]>;

/** A step of φ at the draws of the training's step. */
export async function trainStep(
  host: HyperTrainingHost,
  step: number,
  draws: OneAhead<HostArray>,
  { optimizer, learningRate, schedule, samples }: HyperTrainingSettings,
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

/** A step of λ^ on a validation minibatch. */
export const tuneStep = (
  host: HyperTrainingHost,
  index: number,
  { hyperOptimizer, hyperLearningRate, hyperPenalty }: HyperTrainingSettings,
) =>
  host.run("tune", {
    batch: host.validBatch(index),
    settings: optimizerSettings(hyperOptimizer, hyperLearningRate),
    hyperPenalty: hostScalar(hyperPenalty),
  });

/** What a step of training tells of itself. */
export const reportOf = (loss: HostArray, penalty: HostArray, gradientEvaluations: number): StepReport => ({
  loss: scalarOf(loss),
  penalty: scalarOf(penalty),
  gradientEvaluations,
});
