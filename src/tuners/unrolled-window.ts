import type { ArrayTree, Program } from "../engine/engine.ts";
import type { Window } from "../hypergrad/unrolled.ts";
import type { Task } from "../problem/problem.ts";
import { inputError } from "../util/error.ts";
import {
  sinceWarmup,
  withDefaults,
  type HypergradientOptions,
  type HypergradientSettings,
} from "./hypergradient-training.ts";
import { trainingSettings } from "./settings.ts";
import type { Host } from "./tuner.ts";

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
export interface Place {
  /** The window's index, which a hyperparameter step at its end has too. */
  readonly round: number;
  /** Steps of the window before this one. */
  readonly offset: number;
  readonly last: boolean;
}

/** The place of a step in a window, or nothing if no hyperparameter step will be differentiated through it. */
export function placeOf(step: number, settings: WindowSettings, { stepsPerEpoch }: Host): Place | undefined {
  const { horizon, trainSteps } = settings;
  const since = sinceWarmup(step, settings, stepsPerEpoch);
  const offset = (since % trainSteps) - (trainSteps - horizon);
  if (!(since >= 0 && offset >= 0)) return undefined;
  return { round: Math.floor(since / trainSteps), offset, last: offset === horizon - 1 };
}

/** The window that ends with a step. */
export const windowEndingWith = (
  host: Host,
  task: Task,
  settings: WindowSettings,
  step: number,
  { round }: Place,
): Window => ({
  from: step + 1 - settings.horizon,
  to: step + 1,
  inputsAt: (at) => ({ ...host.trainInputs(at), settings: trainingSettings(task, settings, at) }),
  validBatch: host.validBatch(round),
});

/** `mark` keeps s as the start of a window, in the state part `windowStart`. */
export const markProgram: Program = ({ params, optimizer }) => [
  { windowStart: { params: params as ArrayTree, optimizer: optimizer as ArrayTree } },
  {},
];
