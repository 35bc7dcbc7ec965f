import { numpy as np } from "@jax-js/jax";

import type { Problem } from "../problem/problem.ts";
import { mlpHypernet } from "../response/hypernet.ts";
import { normalHypers } from "../space/distribution.ts";
import { initialScales, unconstrainedStart } from "../space/space.ts";
import { softplus } from "../space/transform.ts";
import { inputError } from "../util/error.ts";
import { HostArray, hostZeros } from "../util/host-array.ts";
import { streamKey, normalsAt } from "../util/random.ts";
import { currentHypers } from "./evaluate.ts";
import { oneAhead } from "./one-ahead.ts";
import { firstTuning, sinceWarmup, tuningStepsAfter } from "./rhythm.ts";
import { preparedTuner, type Tuner } from "./tuner.ts";
import {
  withDefaults,
  type LocalHyperTrainingOptions,
  type GlobalHyperTrainingOptions,
  type HyperTrainingSettings,
} from "./hyper-training-options.ts";
import { preparedHyperTraining, trainStep, tuneStep, reportOf } from "./hyper-training-steps.ts";

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
      const prepared = preparedHyperTraining("hyper-training-global", task, seed, settings, () =>
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

/** Makes the draws of each step [samples, size], which are added to λ^. */
type DrawsOf = (
  problem: Problem,
  settings: HyperTrainingSettings,
  seed: number,
) => (step: number) => HostArray;

function jointTraining(name: string, options: LocalHyperTrainingOptions, drawsOf: DrawsOf): Tuner {
  return {
    name,
    prepare(task, seed) {
      const settings = withDefaults(options, task.problem);
      const draws = oneAhead(drawsOf(task.problem, settings, seed));
      const rhythm = { warmupEpochs: 0, trainSteps: 1, validSteps: 1, ...options };
      return preparedTuner({
        ...preparedHyperTraining(name, task, seed, settings, currentHypers),
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
