import type { DataReport } from "./data-report.ts";
import type { HyperPoint, Score, TracePoint } from "./trace.ts";
import type { Warning } from "./warning.ts";

/** What `hypertrain tune --json` and `hypertrain resume --json` print: one document. */
export interface TuneResult {
  /** The run folder. */
  readonly run: string;
  readonly method: string;
  /** True of a method that holds the hyperparameters at their start; absent otherwise. */
  readonly held?: true;
  /** Why it is that method, in one sentence, where a user left the choice to `--method auto`; absent otherwise. */
  readonly auto?: string;
  /** The network in a line, such as `wide-and-deep, 128-128`; absent of a problem of one's own. */
  readonly network?: string;
  readonly engine: string;
  readonly seed: number;
  /** Training steps. */
  readonly steps: number;
  /** Wall-clock time of training and evaluation, the baseline left out. */
  readonly seconds: number;
  readonly stepsPerSecond: number;
  /** Why the run ended; `points` of a search that has tried all that there are, `unfit` of one in which no training kept its bounds, `running` only on a page that grows while it does not. */
  readonly ended: "epochs" | "time" | "patience" | "points" | "diverged" | "unfit" | "stopped" | "running";
  /** The trainings that a search began; absent for methods that train once. */
  readonly trainings?: number;
  /** How many of these failed, since a number became infinite. */
  readonly failed?: number;
  /** The trainings of a search that no other is better than in all of several objectives, ordered by the first; absent without them. */
  readonly front?: readonly FrontTraining[];
  /** Where the hyperparameters started, in natural units. */
  readonly start: { readonly hyperparameters: Readonly<Record<string, HyperPoint["value"]>> };
  /** Where the network is from that is kept: at the lowest validation loss, on the guard where there is one; of a refit, whose validation rows were trained on, at the end. */
  readonly best: ResultPoint;
  /** At the end. */
  readonly final: ResultPoint;
  /** The same training with the starting hyperparameters held, at its own lowest validation loss; absent if it was not run. */
  readonly baseline?: ResultPoint & { readonly run: string };
  /** A linear model trained on the same rows for as long, at its own lowest validation loss; of tables alone, and absent with `--no-baseline`. */
  readonly linear?: ResultPoint;
  /** What training on training and validation data together gains; absent but for `hypertrain refit`. */
  readonly refit?: Refit;
  /** The report to open in a browser. */
  readonly report: string;
  /** The data report: columns, classes, missing values; absent where the data is no table. */
  readonly data?: DataReport;
  /** Whether the learned response can be trusted; absent for methods that learn none, and of a run that diverged. */
  readonly trust?: Trust;
  /**
   * What tuning gained on validation rows that it saw and on those that it didn't; absent where none were kept from it, of a run that diverged, and without a baseline where the best point came
   * before the hyperparameters moved.
   */
  readonly guard?: Guard;
  /** What the losses are in, in one sentence; absent where that is plain, as it is of classes. */
  readonly lossUnit?: string;
  /** Sentences on what the run did not do that its reader would take for granted, for example that tuning gained nothing; of a run that diverged that alone. */
  readonly remarks: readonly string[];
  /** What is odd in the data, and in the options that were given. */
  readonly warnings: readonly Warning[];
}

/** A training on the front of a search's objectives. */
export interface FrontTraining {
  /** From 0 on. */
  readonly trial: number;
  /** What it measured, by the objectives' names. */
  readonly objectives: Readonly<Record<string, number>>;
  readonly hyperparameters: Readonly<Record<string, HyperPoint["value"]>>;
}

/** The test part before and after training on training and validation data together. */
export interface Refit {
  /** The run folder whose hyperparameters it follows. */
  readonly from: string;
  /** Whether these are held at the values of its best epoch. */
  readonly hold: boolean;
  /** Absent where the data has no test part. */
  readonly before?: Score;
  readonly after?: Score;
  /** How long it trained, and on how many rows; how long the run had when it was at its best, and on how many. */
  readonly trained?: TrainedFor & { readonly before: TrainedFor };
}

/** The length of a training. */
export interface TrainedFor {
  readonly steps: number;
  /** Training rows. */
  readonly rows: number;
}

/** A run at one moment. */
export interface ResultPoint {
  /** Of a search, those of all its trainings until then. */
  readonly epoch: number;
  /** In a search: the training that this is of, from 0 on, and its own epochs. */
  readonly trial?: NonNullable<TracePoint["trial"]>;
  /** Absent before the first step. */
  readonly train?: { readonly loss: number; readonly penalty: number };
  readonly valid: Score;
  /** Absent where the data has no test part. */
  readonly test?: Score;
  readonly hyperparameters: Readonly<Record<string, ResultHyper>>;
}

/** A hyperparameter at one moment, in natural units. */
export interface ResultHyper {
  readonly value: HyperPoint["value"];
  /** The perturbation's standard deviation in unconstrained space; null where the method has none. */
  readonly scale: number | readonly number[] | null;
}

/**
 * What checks of the response against training say, on average; each is turned so that it predicts a fall of the validation loss. Null
 * without a check.
 */
export interface Trust {
  /**
   * `partly right`: the loss fell, but by a size or with a direction that is off; `too far`: it did not, since a step in the right direction
   * was too long; `unclear`: it cannot be told from chance.
   */
  readonly verdict: "right" | "partly right" | "too far" | "wrong" | "unclear" | "unchecked";
  readonly checks: number;
  /** The change of the validation loss that it predicted for some training steps at hyperparameters that it prefers. */
  readonly predicted: number | null;
  /** The change that came. */
  readonly seen: number | null;
  /** What chance may make of that: two standard errors. */
  readonly error: number | null;
  /** Between its hypergradient and one differentiated through these steps; null where nothing can be differentiated so. */
  readonly cosine: number | null;
  readonly sentence: string;
}

/** What tuning gained in validation loss, against the start held fixed, or against the point from which the hyperparameters moved. */
export interface Guard {
  /** Validation rows that were kept from the tuner, on which the best point was chosen. */
  readonly rows: number;
  /** On the rows that the tuner saw. */
  readonly gainTuner: number;
  /** On those that were kept from it. */
  readonly gainGuard: number;
  /**
   * Whether the gain holds on those, as a third of it there does; null without the start held fixed to compare with, where nothing sure was gained, and where they are too few to tell from
   * chance.
   */
  readonly holds: boolean | null;
  readonly sentence: string;
}
