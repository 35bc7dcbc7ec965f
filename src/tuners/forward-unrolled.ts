import { forwardPrograms, noTangents } from "../hypergrad/forward.ts";
import { gradientEvaluations } from "../hypergrad/hypergrad.ts";
import { hyperStepProgram, trainProgram } from "../hypergrad/training-step.ts";
import { plainLayers } from "../nn/layer.ts";
import { evaluationPrograms } from "./evaluate.ts";
import {
  demandUnrollable,
  initialState,
  reportedLosses,
  ratesAt,
  tuneInputs,
  withDefaults,
  type HypergradientOptions,
} from "./hypergradient-training.ts";
import { trainingSettings } from "./settings.ts";
import { largestDecay } from "./largest-decay.ts";
import { firstTuning, sinceWarmup, tuningStepsAfter } from "./rhythm.ts";
import { preparedTuner, type Tuner } from "./tuner.ts";

/** How forward mode trains. */
export interface ForwardOptions extends HypergradientOptions {
  /** r, training steps between hyperparameter steps; default 2, in the preset `paper` 5. */
  readonly trainSteps?: number;
}

/**
 * Unrolled differentiation in forward mode, in real time (RTHO, Franceschi et al. 2017): Z = ds/dλ is carried along with
 * training, and every `trainSteps` steps λ moves along `∂L_V/∂λ + Z' ∂L_V/∂w`.
 *
 * It looks back over all steps since the warm-up without storing any, and can tune the settings of the optimizer
 * (`withOptimizerHypers`). For a handful of hyperparameters: each makes a step cost one product more and the state hold
 * the weights and the optimizer's state once more. Since λ moves on the way, Z is that of a λ that lagged behind; with
 * small hyperparameter steps the difference is small.
 *
 * @see Franceschi, Donini, Frasconi and Pontil, "Forward and reverse gradient-based hyperparameter optimization", 2017,
 *   https://arxiv.org/abs/1703.01785
 */
export function forwardUnrolled({ trainSteps = 5, ...options }: ForwardOptions = {}): Tuner {
  const settings = withDefaults(options);
  const rhythm = { ...settings, trainSteps, validSteps: 1 };
  const { optimizer, hyperOptimizer } = settings;
  return {
    name: "forward-unrolled",
    prepare(task, seed) {
      demandUnrollable("forward-unrolled", task, settings);
      const { problem } = task;
      const state = initialState(task, settings, seed);
      const carry = { params: state.params, optimizer: state.optimizer };
      return preparedTuner({
        state: { ...state, tangents: noTangents(carry, problem.space.size) },
        programs: {
          train: trainProgram({ problem, optimizer }),
          ...forwardPrograms({ problem, optimizer }),
          tune: hyperStepProgram(hyperOptimizer, largestDecay(task, settings.learningRate)),
          ...evaluationPrograms(problem, ({ params }) => plainLayers(params)),
        },
        tunesFrom: (stepsPerEpoch) => firstTuning(rhythm, stepsPerEpoch),
        learningRates: ratesAt(task, settings),
        async advance(host, step) {
          const since = sinceWarmup(step, settings, host);
          const trained = await host.run(since < 0 ? "train" : "trainForward", {
            ...(await host.trainInputs(step)),
            settings: trainingSettings(task, settings, step),
          });
          const due = tuningStepsAfter(step, rhythm, host);
          for (const round of due) {
            const { hypers } = await host.run("forwardGradient", { batch: host.validBatch(round) });
            await host.run("tune", tuneInputs(settings, hypers));
          }
          const products = since < 0 ? 0 : problem.space.size;
          return {
            ...reportedLosses(trained),
            gradientEvaluations: gradientEvaluations({ gradients: 1 + due.length, products }),
          };
        },
      });
    },
  };
}
