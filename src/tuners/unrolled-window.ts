import type { NoArrays, Program, ProgramRunner } from "../engine/engine.ts";
import { gradientEvaluations } from "../hypergrad/hypergrad.ts";
import { hyperStepProgram, type CarriedState } from "../hypergrad/training-step.ts";
import {
  reverseHypergradient,
  unrolledPrograms,
  type HostCarry,
  type UnrolledPrograms,
  type Window,
} from "../hypergrad/unrolled.ts";
import { plainLayers } from "../nn/layer.ts";
import type { Task } from "../problem/problem.ts";
import { inputError } from "../util/error.ts";
import { evaluationPrograms } from "./evaluate.ts";
import {
  demandUnrollable,
  initialState,
  reportedLosses,
  ratesAt,
  tuneInputs,
  withDefaults,
  type HypergradientOptions,
  type HypergradientSettings,
} from "./hypergradient-training.ts";
import { largestDecay } from "./largest-decay.ts";
import { firstTuning, sinceWarmup, type Pace } from "./rhythm.ts";
import { trainingSettings } from "./settings.ts";
import type { Host } from "./host.ts";
import { preparedTuner, type Tuner } from "./tuner.ts";

/** How far back the methods look that differentiate through a window of training steps. */
export interface WindowOptions extends HypergradientOptions {
  /**
   * K, the last training steps before a hyperparameter step that are differentiated through; default 20. Short ones are
   * biased towards what pays off soon (Wu et al. 2018), long ones cost more.
   */
  readonly horizon?: number;
  /** Training steps between hyperparameter steps, at least `horizon`; default `horizon`. */
  readonly trainSteps?: number;
}

/** The options with their defaults. */
export type WindowSettings = HypergradientSettings &
  Required<Pick<WindowOptions, "horizon" | "trainSteps" | "scheduleSteps">>;

/**
 * The options with their defaults.
 *
 * @throws {HypertrainError} unless 1 <= horizon <= trainSteps in whole numbers.
 */
export function windowSettings({
  horizon = 20,
  trainSteps = horizon,
  scheduleSteps = trainSteps,
  ...options
}: WindowOptions): WindowSettings {
  if (!(Number.isInteger(horizon) && Number.isInteger(trainSteps) && horizon >= 1 && trainSteps >= horizon)) {
    throw inputError(
      `1 <= horizon <= trainSteps must hold in whole numbers, but got horizon=${horizon}, trainSteps=${trainSteps}; differentiate through fewer steps, or tune less often`,
    );
  }
  return { ...withDefaults(options), horizon, trainSteps, scheduleSteps };
}

/** Where a training step lies in the window that it belongs to. */
export interface WindowPlace {
  /** The window's index, which a hyperparameter step at its end has too. */
  readonly round: number;
  /** Steps of the window before this one. */
  readonly offset: number;
  readonly last: boolean;
}

/** The place of a step in a window, or nothing if no hyperparameter step will be differentiated through it. */
export function placeOf(step: number, settings: WindowSettings, pace: Pace): WindowPlace | undefined {
  const { horizon, trainSteps } = settings;
  const since = sinceWarmup(step, settings, pace);
  const offset = (since % trainSteps) - (trainSteps - horizon);
  if (!(since >= 0 && offset >= 0)) return undefined;
  return { round: Math.floor(since / trainSteps), offset, last: offset === horizon - 1 };
}

/** The window that ends with a step. */
export const windowEndingWith = (
  host: Pick<Host, "trainInputs" | "validBatch">,
  task: Task,
  settings: WindowSettings,
  step: number,
  { round }: WindowPlace,
): Window => ({
  from: step + 1 - settings.horizon,
  to: step + 1,
  inputsAt: async (at) => ({
    ...(await host.trainInputs(at)),
    settings: trainingSettings(task, settings, at),
  }),
  validBatch: host.validBatch(round),
});

/** What sets a method apart from the others that go back through a window; s is the weights with the optimizer's state. */
export interface WindowMethod {
  readonly name: string;
  /** Sees every step of a window before it is taken. */
  before?(host: WindowRunner, step: number, place: WindowPlace): Promise<void>;
  /** s before each step of a window that has been taken. */
  trajectory(host: WindowRunner, window: Window): Promise<(step: number) => HostCarry>;
}

/** What runs the programs of windows. */
export type WindowRunner = ProgramRunner<UnrolledPrograms & WindowPrograms>;

/** The state of training, with s at the start of the window. */
type WindowState = CarriedState & { windowStart: CarriedState };

/** What is done with the start of a window. */
type WindowPrograms = {
  /** Makes s the start of a window. */
  readonly mark: Program<WindowState, NoArrays, NoArrays>;
  /** Goes back to it. */
  readonly restore: Program<WindowState, NoArrays, NoArrays>;
  /** Copies it to the host. */
  readonly start: Program<WindowState, NoArrays, CarriedState>;
};

const windowPrograms: WindowPrograms = {
  mark: ({ params, optimizer }) => [{ windowStart: { params, optimizer } }, {}],
  restore: ({ windowStart }) => [windowStart, {}],
  start: ({ windowStart }) => [{}, windowStart],
};

/** A tuner that trains plainly and moves λ after every window along the hypergradient through it, in reverse mode. */
export function windowTuner({ name, before, trajectory }: WindowMethod, options: WindowOptions): Tuner {
  const settings = windowSettings(options);
  const { optimizer, hyperOptimizer } = settings;
  return {
    name,
    prepare(task, seed) {
      demandUnrollable(name, task, settings);
      const state = initialState(task, settings, seed);
      return preparedTuner({
        state: { ...state, windowStart: { params: state.params, optimizer: state.optimizer } },
        programs: {
          ...unrolledPrograms({ problem: task.problem, optimizer }),
          ...windowPrograms,
          tune: hyperStepProgram(hyperOptimizer, largestDecay(task, settings.learningRate)),
          ...evaluationPrograms(task.problem, ({ params }) => plainLayers(params)),
        },
        tunesFrom: (stepsPerEpoch) => firstTuning(settings, stepsPerEpoch),
        learningRates: ratesAt(task, settings),
        async advance(host, step) {
          const place = placeOf(step, settings, host);
          if (place?.offset === 0) await host.run("mark", {});
          if (place) await before?.(host, step, place);
          const trained = await host.run("train", {
            ...(await host.trainInputs(step)),
            settings: trainingSettings(task, settings, step),
          });
          if (!place?.last) return { ...reportedLosses(trained), gradientEvaluations: 1 };
          const window = windowEndingWith(host, task, settings, step, place);
          const carryAt = await trajectory(host, window);
          const { hypers, cost } = await reverseHypergradient(host, window, carryAt);
          await host.run("tune", tuneInputs(settings, hypers));
          return { ...reportedLosses(trained), gradientEvaluations: 1 + gradientEvaluations(cost) };
        },
      });
    },
  };
}
