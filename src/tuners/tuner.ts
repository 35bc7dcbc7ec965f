import type { Optimizer } from "../nn/optim/optimizer.ts";
import type { Task } from "../problem/problem.ts";
import type { HostArrays, HostTree } from "../util/host-array.ts";
import type { TunerPrograms } from "./evaluate.ts";
import type { Host, StreamName } from "./host.ts";
import { demandGiven } from "../util/given.ts";
import { objectWith } from "../util/rule.ts";

/**
 * A way to tune hyperparameters within one training run, or to train with them held.
 *
 * `prepare` is pure: it says what the state is, which programs advance it and in which order they run; the run loop owns the
 * engine, the data, the noise and the clock.
 */
export interface Tuner {
  readonly name: string;
  /**
   * @param length how long the run is planned to be, for what is a share of it; a run that goes on is prepared with the first plan
   * @throws {HypertrainError} where the method cannot do this problem.
   */
  prepare(task: Task, seed: number, length: RunLength): PreparedTuner;
}

/** How long a run is, in epochs that may be Infinity, and how long an epoch is. */
export interface RunLength {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
}

/** The length of a run of which nothing is known: a tuner that is prepared for it alone says what it can do, and what its programs are. */
export const endlessRun: RunLength = { epochs: Infinity, stepsPerEpoch: 1 };

/**
 * State parts that every tuner has: `params` (what the training loss trains: base weights, or a hypernetwork) and `hypers`
 * (unconstrained, [size]). A tuner with perturbations
 * also has `scales` ([size], their standard deviations are softplus(scales)).
 */
export interface PreparedTuner<P extends TunerPrograms = TunerPrograms> {
  readonly state: Readonly<Record<string, HostTree>>;
  readonly programs: P;
  /** The step sizes in force at a step, by what they move, with the host's `rateFactor`; for messages and reports. */
  learningRates(step: number, rateFactor?: number): Readonly<Record<string, number>>;
  /** Whether the learning rates of its training steps have the host's `rateFactor`. Default false. */
  readonly followsPlateau?: boolean;
  /**
   * The number of steps after which the trained network is what the method is for: a run must have as many, and its best network is
   * one that had them. Absent where any is.
   */
  resultFrom?(stepsPerEpoch: number): number;
  /** The number of steps after which the first hyperparameter step has been made. Absent where the method makes none. */
  tunesFrom?(stepsPerEpoch: number): number;
  /**
   * The parts of the state that a restart sets back to what they were at first: weights, response and their optimizers, but not
   * hyperparameters and scales. Absent where a restart makes no sense.
   */
  readonly trained?: readonly string[];
  /**
   * The streams of minibatches whose rows hand something on, where the problem's rows do: the run adds what they have left, `trainRows` and `validRows`, to
   * the state, and `continues` to the inputs. Absent for a method that starts every row anew.
   */
  readonly handsOn?: readonly StreamName[];
  /** Whether its steps take minibatches of the validation part; default: whether it makes hyperparameter steps. */
  readonly takesValidation?: boolean;
  /** Whether all examples of a minibatch share every perturbation, whatever the hyperparameters say. Default false. */
  readonly perMinibatch?: boolean;
  /** Sentences on what it does with this problem that its user would not expect; absent where there are none. */
  readonly remarks?: readonly string[];
  /** How weights are trained without a response, against which one is held. Absent where the method learns none. */
  readonly plainTraining?: PlainTraining;
  /**
   * Does the work of training step `step` (from 0), including the hyperparameter steps that fall due after it.
   *
   * @param begun what this step reported when it was broken off: it goes on from there
   */
  advance(host: Host<P>, step: number, begun?: StepReport): Promise<StepReport>;
}

/**
 * The same tuner; a way to write one whose `advance` knows its programs by name, with their inputs and outputs.
 *
 * ```ts
 * preparedTuner({
 *   ...plain, // another's state, programs and learning rates
 *   programs: { ...plain.programs, decay },
 *   async advance(host, step) {
 *     const { norm } = await host.run("decay", { by: hostScalar(0.01) }); // as `decay` says
 *     …
 *   },
 * });
 * ```
 *
 * @throws {HypertrainError} for what lacks one of these.
 */
export function preparedTuner<P extends TunerPrograms>(tuner: PreparedTuner<P>): PreparedTuner {
  demandGiven("preparedTuner", { tuner }, { tuner: aPreparedTuner });
  return tuner;
}

const aPreparedTuner = objectWith<PreparedTuner>("a tuner's state, programs and steps", {
  state: "object",
  programs: "object",
  learningRates: "function",
  advance: "function",
});

/** What a tuner must be. */
export const aTuner = objectWith<Tuner>("a tuner, such as deltaStn()", {
  name: "string",
  prepare: "function",
});

/** Plain training of the network that a response answers for. */
export interface PlainTraining {
  readonly optimizer: Optimizer;
  /** The part of the state where that optimizer's own state is; absent where it starts anew. */
  readonly optimizerState?: "paramsOptimizer";
  /** The optimizer's settings at a step. */
  settingsAt(step: number, rateFactor?: number): HostArrays;
}

/** What happened in one step. */
export interface StepReport {
  /** Mean data loss of the minibatch in training mode. */
  readonly loss: number;
  /** Mean penalty at the same weights. */
  readonly penalty: number;
  /** Minibatch gradients evaluated, training and validation. */
  readonly gradientEvaluations: number;
  /** Hyperparameter steps made, of a step that the run's end broke off; the same step goes on behind them. */
  readonly tuned?: number;
}
