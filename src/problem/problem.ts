import type { numpy as np } from "@jax-js/jax";

import type { Score } from "../api/trace.ts";
import type { Draws } from "../data/augment/images.ts";
import { someSplits, type Splits } from "../data/dataset.ts";
import type { ArrayTree } from "../engine/engine.ts";
import type { CarriedLeaf } from "../nn/carried.ts";
import type { Layer, Layers } from "../nn/layer.ts";
import type { RowState } from "../nn/row-states.ts";
import type { HyperValues, Space } from "../space/space.ts";
import type { HostArray, HostTree } from "../util/host-array.ts";
import type { RandomKey } from "../util/random.ts";
import { isRecord } from "../util/record.ts";
import { objectWith, oneOf, type ValueRule } from "../util/rule.ts";

/** A minibatch: the dataset's fields, [rows, ...] each. */
export type Batch<Fields extends string = string> = Record<Fields, np.Array>;

/**
 * Hyperparameters by name in natural units: [rows], or [1] where all examples share them; [rows, ...shape] with a shape. A choice
 * is the index of its option.
 */
export type Hypers<Names extends string = string> = Record<Names, np.Array>;

/** The random inputs that the problem declared, filled by the run. */
export type Noise<Names extends string = string> = Record<Names, np.Array>;

/** `eval` switches off what is random or only regularises: dropout, augmentation. */
export type Mode = "train" | "eval";

/**
 * One random input of a problem. Noise is declared, not drawn: the run fills it from the counter-based generator, so it is the
 * same on every engine and after a resume.
 */
export interface NoiseInput {
  readonly distribution: "uniform" | "normal";
  /** Shape of one draw; the array that arrives has a leading axis of rows, or of 1 per minibatch. */
  readonly shape: readonly number[];
  readonly per: "example" | "minibatch";
}

/**
 * What is done to training examples before a network sees them, outside of programs, so that nothing differentiates it: a method learns of its strengths
 * by views at perturbed ones.
 */
export interface Augmentation {
  /** The hyperparameters that it reads; the losses see nothing of them. */
  readonly hypers: readonly string[];
  /**
   * Another view of a minibatch: fields with the same rows, of which some may be new, always the same ones. Leaves the minibatch as it is. Training steps alone
   * see it, so that the losses must do without the new fields as well: evaluation has rows as they are.
   *
   * @param values of those hyperparameters, [rows] each
   */
  view(
    batch: Readonly<Record<string, HostArray>>,
    values: Readonly<Record<string, Float64Array>>,
    draws: Draws,
  ): Record<string, HostArray>;
}

/** A number per example that people read beside the loss. */
export interface Metric<Outputs extends ArrayTree = ArrayTree, Fields extends string = string> {
  readonly name: string;
  /** [rows] from the outputs; consumed arguments. */
  perExample(outputs: Outputs, batch: Batch<Fields>): np.Array;
  /** The metric from its mean over the examples of one part of the data: the identity for accuracy. */
  finish?(mean: number, part: "train" | "valid" | "test"): number;
  /** What is told beside it, from other sums over the examples. */
  readonly details?: MetricDetails;
}

/** Further measures of one part of the data, from weighted sums over its examples. */
export interface MetricDetails {
  /** The names of the measures, by which a search may follow them; default none. */
  readonly names?: readonly string[];
  /** Sums over the rows, each times its weight [rows]: of any shape; consumed arguments. */
  sums(outputs: ArrayTree, batch: Batch, weight: np.Array): np.Array;
  /** The measures from the sums over all rows of a part. */
  finish(sums: readonly number[], part: "train" | "valid" | "test"): Pick<Score, "measures" | "confusion">;
}

/**
 * Hyperparameters that are the architecture of a problem's network. All architectures share the problem's parameters, of which each
 * uses a part; none of the losses has a derivative by them that means anything.
 */
export interface ArchitectureSpace {
  /** Which hyperparameters: integers and choices. */
  readonly names: readonly string[];
  /** The parameters with 0 where an architecture ([1] each) uses none. Consumes the parameters, borrows the hyperparameters. */
  masked(params: ArrayTree, hypers: Hypers): ArrayTree;
  /** The problem of one architecture alone, whose space lacks these hyperparameters. */
  alone(values: Readonly<HyperValues>): Problem;
  /** The parameters that the problem of one architecture alone has of these. */
  cropped(params: HostTree, values: Readonly<HyperValues>): HostTree;
}

/**
 * A bilevel problem: min over λ of L_V(w*(λ), λ), where w*(λ) = argmin over w of L_T(w, λ).
 *
 * All functions are pure jax-js functions that consume their array arguments: take `.ref` of an array at every use but the
 * last. `L_T` is the mean of `loss` over examples in mode `train`, plus the mean of `penalty`; `L_V` is the mean of
 * `validLoss` (or `loss`) in mode `eval`.
 *
 * The type's arguments are for whoever writes a problem: its parameters, and the names of the data's fields, the hyperparameters and the
 * noise; `defineProblem` infers them. Problems of all of them are a `Problem`.
 */
export interface Problem<
  Params extends ArrayTree = ArrayTree,
  Fields extends string = string,
  HyperNames extends string = string,
  NoiseNames extends string = string,
  Outputs extends ArrayTree = ArrayTree,
> {
  readonly name: string;
  /** The names of the data's fields that the functions read, each of which some part of the data must have; absent where they may read all. */
  readonly fields?: readonly Fields[];
  readonly space: Space;
  readonly noise: Readonly<Record<NoiseNames, NoiseInput>>;
  /**
   * The layers that the prediction asks `Layers` for, where it is written over them: then each gets a factored response, one
   * per example. Absent for an opaque function of `layers.params()`, which gets a dense or low-rank response.
   */
  readonly layers?: readonly Layer[];
  /**
   * What training hands from step to step and no gradient reaches, such as running statistics: the prediction finds it as `layers.carry`. Methods that hand nothing
   * on refuse such a problem. Absent where that is nothing.
   */
  readonly carried?: readonly CarriedLeaf[];
  /**
   * What each row of the data hands to the row behind it, such as a hidden state: the prediction finds it as `layers.rows`. For data in the order of streams.
   * Methods that do not hand it on start every row anew. Absent where that is nothing.
   */
  readonly rowStates?: readonly RowState[];
  /**
   * The initial parameters.
   *
   * @param values the hyperparameters that training starts at, where the parameters depend on them; default the space's start
   */
  init(key: RandomKey, values?: Readonly<HyperValues>): HostTree;
  /** What the loss is computed from; Delta-STN linearises it in the response. */
  predict(
    layers: Layers<Params>,
    batch: Batch<Fields>,
    hypers: Hypers<HyperNames>,
    noise: Noise<NoiseNames>,
    mode: Mode,
  ): Outputs;
  /** Which of the package's losses it is, where it is one: what becomes of the outputs when a trained model answers follows from it. */
  readonly lossName?: "cross-entropy" | "squared-error" | "gaussian";
  /** The loss per example: [rows]. */
  loss(outputs: Outputs, batch: Batch<Fields>, hypers: Hypers<HyperNames>): np.Array;
  /** The validation loss per example, where it is another function than `loss`: [rows]. */
  validLoss?(outputs: Outputs, batch: Batch<Fields>, hypers: Hypers<HyperNames>): np.Array;
  /** What is added to the training loss, never linearised: [] or [rows]. */
  penalty?(layers: Layers<Params>, hypers: Hypers<HyperNames>): np.Array;
  readonly metric?: Metric<Outputs, Fields>;
  /**
   * Hyperparameters at which a training loss jumps, for example rates of dropout, which a draw reaches or not: its derivative by them is
   * not that of its mean. Default none.
   */
  readonly discontinuous?: readonly string[];
  /**
   * Hyperparameters that the prediction does not depend on, and in which, as in the weights, penalty and loss are twice differentiable, for
   * example weights of L2 penalties: for them a response can follow the linear system of the implicit function theorem. Default none.
   */
  readonly smooth?: readonly string[];
  /**
   * Hyperparameters λ of weight decay, which add ½ λ Σ w² over weights to the penalty: a tuner holds one without an upper end at 1 / learning rate, where a step of gradient
   * descent makes these weights 0. Default none.
   */
  readonly decays?: readonly string[];
  /** Absent where training sees the examples as they are. */
  readonly augmentation?: Augmentation;
  /** How many networks the training loss sums over, which is told as their mean; default 1. */
  readonly models?: number;
  /** The problem that the same parameters answer new rows by, where that is another. */
  readonly ensemble?: Problem;
  /** Absent where the architecture is no hyperparameter. */
  readonly architecture?: ArchitectureSpace;
}

/** A problem together with the data that its losses are taken over. */
export interface Task {
  readonly problem: Problem;
  readonly data: Splits;
}

/** What the name of a loss must be. */
export const aLossName = oneOf("cross-entropy", "squared-error", "gaussian");

/** What a problem must be. */
export const aProblem = objectWith<Problem>("a problem, such as defineProblem({ … })", {
  name: "string",
  space: "object",
  noise: "object",
  init: "function",
  predict: "function",
  loss: "function",
});

/** What a task must be. */
export const aTask: ValueRule<Task> = {
  must: "a task, { problem, data }, such as supervised({ … })",
  holds: (value) => isRecord(value) && aProblem.holds(value.problem) && someSplits.holds(value.data),
};
