import { demandGiven } from "../util/given.ts";
import { objectWith } from "../util/rule.ts";
import type { ColumnTypes } from "./column-types.ts";
import type { DateFormat } from "./date-format.ts";
import type { NumberNotation } from "./notation.ts";

/**
 * How the rows of a table become numbers, learned from the training rows alone: plain JSON, kept with the trained model, so that new
 * rows are read as the training rows were.
 *
 * `x` has one number a feature: the features of the columns one after the other, in the order of `columns`. Names are the only way in
 * which a table's columns are told apart; their order in a file is free.
 */
export interface TableEncoding {
  /** 1. It changes when the meaning of the fields does. */
  readonly version: 1;
  /** The columns that are used. */
  readonly columns: readonly ColumnEncoding[];
  readonly target: TargetEncoding;
  /** The columns that are not used, in a few words each why. */
  readonly unused: readonly { readonly name: string; readonly why: string }[];
}

/** How one column becomes features. */
export type ColumnEncoding = NumberEncoding | CategoryEncoding | DateEncoding;

/**
 * One feature of `x`: (value - mean) / sd with the mean and the population's deviation of the training rows. Where a share p < .1 of these has another value
 * than all others, `sd` is sqrt(.1 / p) times that deviation; where all are equal it is 0, and the feature is 0 in every row.
 */
export interface FeatureEncoding {
  /** `age`; `colour=red`; `age=(missing)`; `day.month`. */
  readonly name: string;
  readonly mean: number;
  readonly sd: number;
}

/** A column of numbers: the number, or the median where it is missing; then 1 where it is missing, else 0. */
export interface NumberEncoding {
  readonly kind: "number";
  readonly name: string;
  /** How numbers are written in text. */
  readonly notation: NumberNotation;
  /** Of the training rows that have a value: what a missing value is replaced by. */
  readonly median: number;
  /** Whether there is an indicator: only where a training row lacks the value. */
  readonly missing: boolean;
  /** Whether float32 holds too few digits of the training rows' values. */
  readonly wide?: true;
  /** The number; the indicator, if there is one. */
  readonly features: readonly FeatureEncoding[];
}

/**
 * A column of text: 1 for the level that a value is and 0 for the others; then 1 for any other text, where `other`; then 1 for missing
 * values, where `missing`. What has no place of its own, unknown text or a missing value, is 0 everywhere.
 */
export interface CategoryEncoding {
  readonly kind: "category";
  readonly name: string;
  /** In ascending order of their code units. */
  readonly levels: readonly string[];
  /** Whether rare text shares a level, to which unknown text belongs, too. */
  readonly other: boolean;
  /** Whether missing values have a level. */
  readonly missing: boolean;
  /** One a level, then those of `other` and `missing`. */
  readonly features: readonly FeatureEncoding[];
}

/** A part of a date that is a feature; `elapsed` are the days since the first of the training rows. */
export type DatePart = "year" | "month" | "weekday" | "hour" | "elapsed";

/** A column of dates: its parts, those of the median moment where it is missing; then 1 where it is missing, else 0. */
export interface DateEncoding {
  readonly kind: "date";
  readonly name: string;
  readonly format: DateFormat;
  readonly parts: readonly DatePart[];
  /** The first moment of the training rows, in milliseconds since 1970. */
  readonly origin: number;
  /** The value of each part where the date is missing. */
  readonly medians: readonly number[];
  readonly missing: boolean;
  /** One a part; the indicator, if there is one. */
  readonly features: readonly FeatureEncoding[];
}

/** How the target becomes `y`. */
export type TargetEncoding = ClassesEncoding | QuantityEncoding;

/** A class is its place in `classes`. */
export interface ClassesEncoding {
  readonly kind: "classes";
  readonly name: string;
  /** In ascending order; numbers, where they are numbers, as JavaScript writes them. */
  readonly classes: readonly string[];
  /** How numbers are written in text, where the classes are numbers. */
  readonly notation?: NumberNotation;
}

/** y = (t - mean) / sd, where t is the number itself or its natural logarithm. */
export interface QuantityEncoding {
  readonly kind: "number";
  readonly name: string;
  readonly notation: NumberNotation;
  readonly transform: TargetTransform;
  /** Of the training rows, after the transform. */
  readonly mean: number;
  readonly sd: number;
}

/** What a regression's target goes through before it is standardised. */
export type TargetTransform = "none" | "log";

/** The names of the features that an encoding makes, in the order of `x`. */
export function featuresOf(encoding: Pick<TableEncoding, "columns">): FeatureEncoding[] {
  demandGiven("featuresOf", { encoding }, { encoding: anEncoding });
  return encoding.columns.flatMap(({ features }) => features);
}

/** What an encoding must be, as far as a function has a use for it. */
export const anEncoding = objectWith<Pick<TableEncoding, "columns">>("an encoding, which fitTable() makes", {
  columns: "object",
});

/**
 * How the columns of a file with new rows are to be read, for `parseCsv`: a file's own values may look otherwise, since they are fewer.
 *
 * ```ts
 * encodeInputs(encoding, parseCsv(text, { name: "new.csv", header: true, types: columnTypesOf(encoding) }));
 * ```
 */
export function columnTypesOf(encoding: TableEncoding): ColumnTypes {
  demandGiven("columnTypesOf", { encoding }, { encoding: anEncoding });
  const { columns, target } = encoding;
  const asWritten = (column: { readonly notation?: NumberNotation }) => column.notation ?? ("text" as const);
  const used = [...columns, target].map((column) => [
    column.name,
    column.kind === "number" || column.kind === "classes" ? asWritten(column) : "text",
  ]);
  return Object.assign(Object.create(null) as object, Object.fromEntries(used)) as ColumnTypes;
}
