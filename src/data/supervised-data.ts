import type { DataReport } from "../api/data-report.ts";
import type { TextReport } from "../api/examples-report.ts";
import type { Splits } from "./dataset.ts";
import type { TableEncoding } from "./table-encoding.ts";
import { objectWith } from "../util/rule.ts";

/** What is predicted: one of several classes, or numbers. */
export type SupervisedTask = "classification" | "regression";

/** Standardised value = (value - mean) / sd. */
export interface Scale {
  readonly mean: number;
  readonly sd: number;
}

/** What the images of examples are like. */
export interface ImageFacts {
  /** `[channels, height, width]`, also where the rows of `x` are flat. */
  readonly shape: readonly number[];
  /** How pixels, as they are in the file, became `x`: `(pixel - mean) / sd`. */
  readonly scale: Scale;
  /** What a white pixel is in the file; a black one is 0. Where it is left out, what changes tones is refused as an augmentation, and models answer for no image files. */
  readonly white?: number;
  /** Whether images were brought to one size when their files were read; default false. */
  readonly resized?: boolean;
  /** Why they were brought to this size, in one sentence, where that was chosen by rule. */
  readonly chosen?: string;
}

/**
 * Labelled examples, split and standardised, ready for a supervised problem.
 *
 * The fields are `x`, float32 [rows, ...inputShape], and `y`: int32 [rows] classes from 0, or float32 [rows, outputs] targets.
 */
export interface SupervisedData {
  readonly name: string;
  readonly splits: Splits;
  readonly task: SupervisedTask;
  /** The shape of one example: `[features]`, or `[channels, height, width]`. */
  readonly inputShape: readonly number[];
  /** What the images are like where the examples are some. */
  readonly images?: ImageFacts;
  /** The number of classes, or of targets. */
  readonly outputs: number;
  /** Whether each step of a sequence has a class of its own, as the next word of a text: `y` is [rows, steps]. */
  readonly perStep?: boolean;
  /** What a text was cut into. */
  readonly text?: Pick<TextReport, "tokens" | "parts">;
  /** What the classes 0, 1, … are called; absent for regression. */
  readonly classes?: readonly string[];
  /** What the features are called, where they have names. */
  readonly columns?: readonly string[];
  /**
   * How the targets of a regression were standardised: a prediction in natural units is `mean + sd * output`, or the exponential of
   * that where the encoding says `log`.
   */
  readonly targetScale?: Scale;
  /** How rows of the table became `x` and `y`, for new rows; present where the data came from a table. */
  readonly encoding?: TableEncoding;
  /** What people should know of the table. */
  readonly report?: DataReport;
  /** Sentences on what is odd in the data but not wrong. */
  readonly warnings: readonly string[];
}

/** What labelled examples must be. */
export const someExamples = objectWith<SupervisedData>(
  "labelled examples, such as digits() or csvData() makes",
  {
    name: "string",
    splits: "object",
    task: "string",
    inputShape: "object",
    outputs: "number",
  },
);
