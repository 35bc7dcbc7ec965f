import { initCarried } from "../nn/carried.ts";
import type { Problem } from "../problem/problem.ts";
import { dense } from "../response/dense.ts";
import { factored } from "../response/factored.ts";
import { initialScales, unconstrainedStart } from "../space/space.ts";
import { inputError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { hostVector, type HostTree } from "../util/host-array.ts";
import { streamKey } from "../util/random.ts";
import { largestDecay } from "./largest-decay.ts";
import { firstTuning, tuningStepsBefore } from "./rhythm.ts";
import { trainingRates, tuningRates, withDefaults, type SelfTuningOptions } from "./self-tuning-options.ts";
import {
  selfTuningPrograms,
  type Optimized,
  type SelfTuning,
  type SelfTuningMethod,
} from "./self-tuning-programs.ts";
import { selfTuningStep } from "./self-tuning-step.ts";
import { optimizerSettings } from "./settings.ts";
import { demandTunable } from "./tunable.ts";
import { together } from "./together.ts";
import { preparedTuner, type Tuner } from "./tuner.ts";

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
      const streams = task.data.train.order === "streams";
      demandTunable(method.name, task);
      if (method.absolute) demandOwnWeights(method.name, problem);
      const whole = settings.response ?? (problem.layers ? factored : dense);
      const { mostApart } = settings;
      const { response, counts, perturbation, groups } = together(whole, problem.space, mostApart);
      const trainRows = task.data.train.rows;
      const held = largestDecay(task, settings.rates.params);
      const parts: SelfTuning = {
        ...{ ...settings, perturbations, method, problem, response },
        ...{ held, counts, trainRows },
      };
      return preparedTuner({
        state: initialState(parts, seed),
        programs: selfTuningPrograms(parts),
        remarks: groups.map(
          ({ name, width }) =>
            `${method.name} moves the ${width} hyperparameters of ${name} as one, since a response cannot tell more than ${mostApart} of one name apart; a method without a response moves each by itself`,
        ),
        followsPlateau: true,
        ...(whole.perMinibatch && { perMinibatch: true }),
        learningRates(step, rateFactor) {
          const { params: weights, response } = trainingRates(settings, step, rateFactor);
          const tuned = tuningStepsBefore(step, settings, { stepsPerEpoch });
          const { hypers: hyperparameters, scales } = tuningRates(settings, tuned, { stepsPerEpoch });
          return { weights, hyperparameters, response, scales };
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
            optimizerSettings(settings.optimizers.params, trainingRates(settings, step, rateFactor).params),
        },
        advance: selfTuningStep(parts, { settings, perturbation, streams }),
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
