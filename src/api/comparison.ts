import type { Middle } from "../util/statistics.ts";
import type { Score } from "./trace.ts";
import type { Warning } from "./warning.ts";

/** What `hypertrain compare --json` prints, and `compare.json` of a comparison's folder holds: one document. */
export interface ComparisonDocument {
  readonly version: 1;
  /** What was trained on what. */
  readonly title: string;
  /** What the losses are in, where that is not plain. */
  readonly lossUnit?: string;
  /** Seconds that each method had; where gradients were counted, the most that one took. */
  readonly seconds: number;
  /** Gradients that each method had; absent where time was counted. */
  readonly gradients?: number;
  readonly seeds: number;
  /** The best method first. */
  readonly standings: readonly MethodStanding[];
  readonly failures: readonly Failure[];
  /** Sentences on what chance may make of the order, and on what the time was too short for. */
  readonly remarks: readonly string[];
  /** What is odd in the data, and in the options that were given. */
  readonly warnings: readonly Warning[];
  readonly curves: readonly LossCurve[];
  /** The command that repeats it. */
  readonly command: string;
  /** The report to open in a browser. */
  readonly report: string;
}

/** The best network of a method after some time. */
export interface CurvePoint {
  readonly seconds: number;
  /** Gradients of minibatches that were taken until then. */
  readonly gradientEvaluations: number;
  /** The lowest validation loss so far, and the test score of the same network. */
  readonly valid: Score;
  readonly test?: Score;
}

/** What one method reached from one seed. */
export interface LossCurve {
  readonly method: string;
  readonly seed: number;
  /** Where the best became better, and where it ended; empty if it failed before its first evaluation. */
  readonly points: readonly CurvePoint[];
  /** Why it ended before its time, if it did. */
  readonly failed?: string;
  /** Why no hyperparameter moved, in one sentence, of a method that moves them along gradients of the validation loss; absent where one did. */
  readonly untuned?: string;
  /** The validation loss of the untrained network, where no network came below it; absent also where that is not known, as with a store. */
  readonly untrained?: number;
  /** Trainings that were begun. */
  readonly trials: number;
}

/** What a method reached over all seeds. */
export interface MethodStanding {
  readonly method: string;
  readonly seeds: number;
  readonly valid: Middle;
  readonly test?: Middle;
  /** Of the test part, where the problem has a metric. */
  readonly metric?: { readonly name: string } & Middle;
  readonly trials: Middle;
  readonly gradientEvaluations: Middle;
  /** Seconds until the validation loss was at most `loss`; Infinity (null in JSON) for seeds that never were. */
  readonly reached: readonly { readonly loss: number; readonly seconds: Middle }[];
}

/** A method that failed before its time was up. */
export interface Failure {
  readonly method: string;
  /** The seeds from which it did. */
  readonly seeds: readonly number[];
  /** Of how many. */
  readonly of: number;
  /** Why, from the first of these seeds. */
  readonly reason: string;
}
