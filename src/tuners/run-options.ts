import { aPrecision, type Precision } from "../engine/engine.ts";
import { plateau, plateauRules, type Plateau, type PlateauOptions } from "../nn/optim/plateau.ts";
import { demandSplits } from "../data/dataset.ts";
import { demandNormalisable } from "../problem/check-problem.ts";
import type { Task } from "../problem/problem.ts";
import { inputError } from "../util/error.ts";
import {
  count,
  flag,
  integer,
  limit,
  needed,
  number,
  objectWith,
  optionsOf,
  orInfinity,
  share,
  type Rules,
} from "../util/rule.ts";

/** How long to train, on what minibatches, from which seed. */
export interface RunOptions {
  /** Passes over the training data; may be Infinity where another limit is given. */
  readonly epochs: number;
  /** Seconds of training and evaluation after which the run ends; default no limit. */
  readonly timeLimit?: number;
  /**
   * The share of `timeLimit` after which a tuner's warm-up ends at the latest, so that hyperparameter steps begin in time where a step takes long; default never. A run that goes on keeps
   * that of its start.
   */
  readonly warmupShare?: number;
  /** Minibatch gradients after which the run ends; default no limit. */
  readonly gradientLimit?: number;
  /** Ends the run after this many evaluations without a lower validation loss; default never. */
  readonly patience?: number;
  /** Examples of a training minibatch, at most the data's rows; default 128. */
  readonly batchSize?: number;
  /** Examples of a validation minibatch of a hyperparameter step, at most the data's rows; default as in training. */
  readonly validBatchSize?: number;
  /**
   * Lowers the learning rates of weights and response behind evaluations, by the validation loss, as a factor on the tuner's own schedule; for methods whose
   * `followsPlateau` says so. Default never.
   */
  readonly plateau?: PlateauOptions;
  /** Training steps from one evaluation, and so one trace point, to the next; default an epoch's. */
  readonly evaluateEvery?: number;
  /** Examples evaluated at once; it changes no result beyond rounding. Default 512. */
  readonly evaluationBatchSize?: number;
  /** Everything random follows from it; default 0. */
  readonly seed?: number;
  /** Default float32. */
  readonly precision?: Precision;
  /**
   * Whether a run begins its training anew, once, from the hyperparameters found, where the network has overfitted before these were:
   * at an evaluation between a half and two thirds of its length, if the lowest validation loss lies in the first half of the steps so far, and since then a
   * hyperparameter has moved enough, on a log scale by a factor of 1.3, and the loss has risen by half a percent, by medians of five evaluations, so in no run of
   * fewer than nine.
   * For self-tuning networks; a run of another method refuses it. Default false.
   */
  readonly restart?: boolean;
  /**
   * The share of the run's gradients that it may take beside, to hold a learned response against training at some evaluations; it changes
   * nothing but the trace, which tells. Default 0, no check.
   */
  readonly checkShare?: number;
  /**
   * The share of the validation rows that hyperparameter steps do not see, and on which the best point is chosen, for hyperparameters that are many
   * for their rows; default 0.
   */
  readonly guard?: number;
  /** Whether the weights of the best evaluation are kept, for `weights("best")`; default true. */
  readonly keepBest?: boolean;
  /** The validation loss below which they are, for whoever has better ones already; default Infinity. */
  readonly keepBelow?: number;
}

/** What a run needs from outside: the layers below the command line have no clock of their own. */
export interface Environment {
  /** Milliseconds from any origin; `performance` fits. */
  readonly clock: { now(): number };
  /** Ends the run after the step under way, so that it can be resumed. */
  readonly signal?: AbortSignal;
}

/** What options of a run must be. */
export const runRules = {
  ...{
    epochs: needed(limit),
    timeLimit: limit,
    warmupShare: share,
    gradientLimit: limit,
    patience: orInfinity(count),
  },
  ...{ batchSize: count, validBatchSize: count, evaluateEvery: count, evaluationBatchSize: count },
  ...{ seed: integer(0), precision: aPrecision, restart: flag, checkShare: share, guard: share },
  ...{ keepBest: flag, keepBelow: orInfinity(number()), plateau: optionsOf<PlateauOptions>(plateauRules) },
} satisfies Rules<RunOptions>;

const { epochs: _settled, ...others } = runRules;

/** What options of the trainings of a search must be, whose epochs it settles. */
export const trialRunRules: Rules<Omit<RunOptions, "epochs">> = others;

/** What a clock must be. */
export const aClock = objectWith<Environment["clock"]>("a clock, such as performance", { now: "function" });

/** What an environment must be. */
export const anEnvironment = optionsOf<Environment>({
  clock: needed(aClock),
  signal: objectWith<AbortSignal>("a signal, such as new AbortController().signal", {
    addEventListener: "function",
  }),
});

/** Run options with the defaults filled in, and sizes that the data allow. */
export type RunSettings = Required<Omit<RunOptions, "guard" | "plateau" | "warmupShare">> & {
  readonly warmupShare?: number;
  readonly plateau?: Plateau;
  readonly stepsPerEpoch: number;
};

/** Training steps of one pass over so many rows. */
export const epochSteps = (rows: number, batchSize: number): number =>
  Math.ceil(rows / Math.min(batchSize, rows));

/**
 * Fills in defaults of options that keep the rules.
 *
 * @throws {HypertrainError} where nothing ends the run, a part of the data has no rows, or a minibatch has too few to normalise over.
 */
export function runSettings(options: RunOptions, { problem, data }: Task): RunSettings {
  demandSplits(data);
  const { epochs, timeLimit = Infinity, gradientLimit = Infinity, patience = Infinity } = options;
  const { seed = 0, precision = "float32" } = options;
  const { keepBest = true, keepBelow = Infinity, restart = false, checkShare = 0 } = options;
  const { batchSize = 128, validBatchSize = batchSize, evaluationBatchSize = 512 } = options;
  const stepsPerEpoch = epochSteps(data.train.rows, batchSize);
  const { evaluateEvery = stepsPerEpoch } = options;
  if (epochs === Infinity && timeLimit === Infinity && gradientLimit === Infinity) {
    throw inputError(
      "a run must end, but neither epochs nor a limit of time or gradients was given; give one of them",
    );
  }
  demandNormalisable(problem, Math.min(batchSize, data.train.rows));
  const largest = Math.max(data.valid.rows, data.test?.rows ?? 0);
  return {
    epochs,
    timeLimit,
    gradientLimit,
    patience,
    seed,
    precision,
    keepBest,
    keepBelow,
    restart,
    checkShare,
    batchSize: Math.min(batchSize, data.train.rows),
    validBatchSize: Math.min(validBatchSize, data.valid.rows),
    evaluationBatchSize: Math.min(evaluationBatchSize, largest),
    evaluateEvery,
    stepsPerEpoch,
    ...(options.warmupShare !== undefined && { warmupShare: options.warmupShare }),
    ...(options.plateau && { plateau: plateau(options.plateau) }),
  };
}
