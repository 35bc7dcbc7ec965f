import type { Programs, ProgramRunner } from "../engine/engine.ts";
import type { TrainInputs } from "../hypergrad/hypergrad.ts";
import type { HostArray, HostArrays } from "../util/host-array.ts";
import type { TunerPrograms } from "./evaluate.ts";

/** What the run loop offers a tuner. Everything is a function of its arguments and the run's seed. */
export interface Host<P extends Programs = TunerPrograms> extends ProgramRunner<P> {
  readonly stepsPerEpoch: number;
  /** Whether the run is to end at once; what takes many hyperparameter steps asks between them. */
  stop?(): Promise<boolean>;
  /** The step at which the training under way began, that of a restart; absent where there is none: 0. */
  began?(): number;
  /**
   * The steps of training behind which the run has ended the warm-up, though the tuner's own may be longer: a share of its time was over. Absent, or of
   * nothing: where it has not.
   */
  warmedUp?(): number | undefined;
  /** What the validation loss has lowered the learning rates of training to, as a factor on the tuner's own; absent: 1. */
  rateFactor?(): number;
  /**
   * The minibatch of training step `step` and the problem's noise for it.
   *
   * @param wanted of the views of its examples, where the problem augments; default one at λ
   */
  trainInputs(step: number, wanted?: ViewsWanted): AugmentedInputs | Promise<AugmentedInputs>;
  /** The `index`-th minibatch of validation data. */
  validBatch(index: number): HostArrays;
  /** Of a minibatch whose rows take something over, 1 as `continues`, or 0 where they begin a stream; nothing where rows take nothing over. */
  continues?(stream: StreamName, index: number): { readonly continues: HostArray } | undefined;
  /** Standard normal draws [rows, size]; rows is 1 if every hyperparameter is perturbed per minibatch. */
  perturbation(stream: "train" | "valid", index: number): HostArray;
}

/** Minibatches that follow each other: those of training steps, those of hyperparameter steps. */
export type StreamName = "train" | "valid";

/** What a method wants of a training step where the problem augments. */
export interface ViewsWanted {
  /** λ, unconstrained: [size]. Default: where the run stands. */
  readonly at?: ArrayLike<number>;
  /** Whether there is to be a view at λ. Default true. */
  readonly plain?: boolean;
  /** Whether a hyperparameter step follows, so that the views of the next step cannot be made before it. Default false. */
  readonly tunesNext?: boolean;
  /** How the perturbations are drawn of which a response learns in a step, undefined where it learns of none; default: in no step. */
  perturbations?(step: number): Perturbations | undefined;
}

/** The inputs of a training step; where the problem augments, `batch` is a view at λ, or the examples as they are where no such view was wanted. */
export interface AugmentedInputs extends TrainInputs {
  /** Views at λ + ε, where the problem augments and perturbations were named: the rows of all points of the response, one after another. */
  readonly perturbed?: HostArrays;
}

/**
 * How the perturbations of one training step are drawn, of which the response learns:
 *
 * - `independent`: one for each example, as in the papers;
 * - `paired`: half of the minibatch's examples, each at +ε and at -ε; costs what `independent` costs. Where the minibatch is the whole
 *   training set, its half would be the same rows again and again, and `full` takes its place; of parallel streams, its two halves take turns;
 * - `full`: every example at +ε and at -ε; the response's part of a step takes twice the work.
 */
export type Perturbations = "independent" | "paired" | "full";
