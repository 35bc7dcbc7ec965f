import { inputError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { HostArray } from "../util/host-array.ts";
import { nearest } from "../util/nearest.ts";
import { numberIn, rewrite, unitSaid, wantedNumbers, type ColumnTypes } from "./column-types.ts";
import { readDate, type DateFormat } from "./date-format.ts";
import { plainNotation, type NumberNotation } from "./notation.ts";
import { cut, listed, quoted } from "./quote.ts";
import { keyOf } from "./spelling.ts";
import { aTable, type Column, type Table } from "./table.ts";
import { demandGiven } from "../util/given.ts";
import { objectWith } from "../util/rule.ts";

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
const anEncoding = objectWith<Pick<TableEncoding, "columns">>("an encoding, which fitTable() makes", {
  columns: "object",
});
const encodedTarget = objectWith<Pick<TableEncoding, "target">>("an encoding, which fitTable() makes", {
  target: "object",
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

/**
 * The inputs of a network for the rows of a table: float32 [rows, features]. Columns are found by name; others are not looked at.
 *
 * @throws {HypertrainError} naming all columns that the table lacks, or a value that cannot be read.
 */
export function encodeInputs(encoding: Pick<TableEncoding, "columns">, table: Table): HostArray {
  demandGiven("encodeInputs", { encoding, table }, { encoding: anEncoding, table: aTable });
  const { columns } = encoding;
  const places = new Map(table.columns.map(({ name }, j) => [name, j]));
  const lacking = columns.filter(({ name }) => !places.has(name)).map(({ name }) => name);
  if (lacking.length > 0) {
    throw inputError(
      `${table.name} must have the columns that the model was trained on, but lacks ${listed(lacking)}${seemingNames(lacking, [...places.keys()]) || `; add ${lacking.length === 1 ? "it" : "them"}, empty where the values are not known`}`,
    );
  }
  const width = featuresOf({ columns }).length;
  const out = new Float32Array(table.rows * width);
  let at = 0;
  for (const column of columns) {
    const place = places.get(column.name) as number;
    const raw = rawFeatures(column, table, place);
    raw.forEach((values, k) => {
      const { mean, sd } = column.features[k] as FeatureEncoding;
      const feature = at + k;
      if (sd !== 0)
        for (let i = 0; i < table.rows; i++) out[i * width + feature] = ((values[i] as number) - mean) / sd;
      demandFinite(table, place, (row) => out[row * width + feature] as number);
    });
    at += raw.length;
  }
  return new HostArray(out, [table.rows, width]);
}

/**
 * The targets of the rows of a table: int32 [rows] classes, or float32 [rows, 1] standardised numbers.
 *
 * @throws {HypertrainError} if the table lacks the column or a value of it, or a class is not known.
 */
export function encodeTarget(encoding: Pick<TableEncoding, "target">, table: Table): HostArray {
  demandGiven("encodeTarget", { encoding, table }, { encoding: encodedTarget, table: aTable });
  const { target } = encoding;
  const place = table.columns.findIndex(({ name }) => name === target.name);
  if (place < 0) {
    throw inputError(`${table.name} must have the target column "${cut(target.name)}", but lacks it; add it`);
  }
  if (target.kind === "classes") return new HostArray(classNumbers(target, table, place), [table.rows]);
  const { mean, sd } = target;
  const values = Float32Array.from(quantities(target, table, place), (value) => (value - mean) / sd);
  demandFinite(table, place, (row) => values[row] as number);
  return new HostArray(values, [table.rows, 1]);
}

/** What float32 cannot hold, as it is or standardised, would make every answer that it goes into no number. */
function demandFinite(table: Table, place: number, standardised: (row: number) => number): void {
  for (let row = 0; row < table.rows; row++) {
    if (Number.isFinite(standardised(row))) continue;
    const { name, values } = table.columns[place] as Column;
    throw inputError(
      `numbers of column "${cut(name)}" of ${table.name} must be such as the model can hold, at most some 1e38 standard deviations of the training part, but line ${table.lineOf(row, place)} has ${cut(String(values[row]))}; correct it or leave it empty`,
    );
  }
}

/** The first of some names that differs from another by case, blanks and signs alone. */
export function alikeName(name: string, there: readonly string[]): string | undefined {
  const key = (text: string) =>
    text
      .normalize("NFKC")
      .replace(/[\s_.-]+/g, "")
      .toLowerCase();
  return there.find((other) => key(other) === key(name));
}

/** `; rename "Age " to "age"` for each name that differs from one that is there by case and blanks alone, else the nearest. */
function seemingNames(lacking: readonly string[], there: readonly string[]): string {
  const alike = lacking.flatMap((name) => {
    const found = alikeName(name, there);
    return found === undefined ? [] : [`"${cut(found)}" to "${cut(name)}"`];
  });
  if (alike.length > 0) {
    const shown = alike.slice(0, 5).join(", ");
    return `; rename ${shown}${alike.length > 5 ? ` and ${alike.length - 5} more` : ""}, which seem${alike.length === 1 ? "s" : ""} to be meant`;
  }
  return lacking.length === 1 ? nearest(lacking[0] as string, there) : "";
}

/** A prediction of a regression in the target's own units, from a network's output. */
export const decodeQuantity = (
  { transform, mean, sd }: Pick<QuantityEncoding, "transform" | "mean" | "sd">,
  output: number,
): number => (transform === "log" ? Math.exp(mean + sd * output) : mean + sd * output);

/** The features of a column before they are standardised: [features][rows]. */
export function rawFeatures(encoding: UnscaledColumn, table: Table, place: number): Float64Array[] {
  const column = table.columns[place] as Column;
  if (encoding.kind === "category") return levelFeatures(encoding, textOf(column));
  if (encoding.kind === "date") return dateFeatures(encoding, table, place);
  const values = numbersOf(table, place, encoding.notation);
  const filled = values.map((value) => (Number.isNaN(value) ? encoding.median : value));
  return [filled, ...(encoding.missing ? [values.map((value) => (Number.isNaN(value) ? 1 : 0))] : [])];
}

/** A column's encoding before its features are standardised. */
export type UnscaledColumn =
  Omit<NumberEncoding, "features"> | Omit<CategoryEncoding, "features"> | Omit<DateEncoding, "features">;

/** The names of a column's features, in order. */
export function featureNames(encoding: UnscaledColumn): string[] {
  const { name, missing } = encoding;
  const values =
    encoding.kind === "number"
      ? [name]
      : encoding.kind === "date"
        ? encoding.parts.map((part) => `${name}.${part}`)
        : [
            ...encoding.levels.map((level) => `${name}=${level}`),
            ...(encoding.other ? [`${name}=(other)`] : []),
          ];
  return [...values, ...(missing ? [`${name}=(missing)`] : [])];
}

function levelFeatures(
  { levels, other, missing }: Omit<CategoryEncoding, "features">,
  values: readonly (string | null)[],
): Float64Array[] {
  const place = new Map(levels.map((level, k) => [keyOf(level), k]));
  const features = Array.from(
    { length: levels.length + Number(other) + Number(missing) },
    () => new Float64Array(values.length),
  );
  values.forEach((value, i) => {
    const elsewhere = other ? levels.length : undefined;
    const gap = missing ? levels.length + Number(other) : undefined;
    const k = value === null ? gap : (place.get(keyOf(value)) ?? elsewhere);
    if (k !== undefined) (features[k] as Float64Array)[i] = 1;
  });
  return features;
}

/** The texts that no training row had, each as often as it is there; none where rare text shares a level, since which text that was is not kept. */
export function unknownLevels(
  { levels, other }: Pick<CategoryEncoding, "levels" | "other">,
  texts: readonly string[],
): string[] {
  const known = new Set(levels.map(keyOf));
  return other ? [] : texts.filter((text) => !known.has(keyOf(text)));
}

function dateFeatures(encoding: Omit<DateEncoding, "features">, table: Table, place: number): Float64Array[] {
  const { format, parts, origin, medians, missing } = encoding;
  const values = textOf(table.columns[place] as Column);
  const dates = values.map((value, row) => {
    if (value === null) return null;
    const date = readDate(value, format);
    if (date) return date;
    throw inputError(
      `column "${cut(encoding.name)}" of ${table.name} must hold dates written as ${format}, but line ${table.lineOf(row, place)} has ${quoted(value)}; correct it`,
    );
  });
  const features = parts.map((part, k) =>
    Float64Array.from(dates, (date) => {
      if (date === null) return medians[k] as number;
      return part === "elapsed" ? (date.moment - origin) / 86400e3 : date[part];
    }),
  );
  return [...features, ...(missing ? [Float64Array.from(dates, (date) => (date === null ? 1 : 0))] : [])];
}

/** How many values of a column are missing. */
export function missingIn({ kind, values }: Column): number {
  let missing = 0;
  for (let row = 0; row < values.length; row++)
    if (kind === "words" ? values[row] === null : Number.isNaN(values[row])) missing += 1;
  return missing;
}

/** A column's values as text; numbers as JavaScript writes them. */
export const textOf = (column: Column): readonly (string | null)[] =>
  column.kind === "words"
    ? column.values
    : Array.from(column.values, (value) => (Number.isNaN(value) ? null : String(value)));

/**
 * A column's values as numbers, NaN where missing.
 *
 * @throws {HypertrainError} for text that is no number in the notation.
 */
export function numbersOf(table: Table, place: number, notation: NumberNotation): Float64Array {
  const column = table.columns[place] as Column;
  if (column.kind === "numbers") return column.values;
  return Float64Array.from(column.values, (value, row) => {
    const read = value === null ? NaN : numberIn(value, notation);
    if (value === null || !Number.isNaN(read)) return read;
    throw inputError(
      `column "${cut(column.name)}" of ${table.name} must hold ${wantedNumbers(notation)}, but line ${table.lineOf(row, place)} has ${quoted(value)}${unitSaid(value, notation)}; ${rewrite(value)}`,
    );
  });
}

/** The class of every row by its number, -1 where it is none of the classes and `known` is false. */
function classNumbers(target: ClassesEncoding, table: Table, place: number): Int32Array<ArrayBuffer> {
  const numbers = new Map(target.classes.map((name, k) => [keyOf(name), k]));
  return Int32Array.from(classLabels(target, table, place), (label, row) => {
    const k = label === null ? undefined : numbers.get(keyOf(label));
    if (k !== undefined) return k;
    const line = table.lineOf(row, place);
    throw inputError(
      label === null
        ? `the target column "${cut(target.name)}" of ${table.name} must have a value in every row, but line ${line} has none; fill it in or remove the row`
        : `the target column "${cut(target.name)}" of ${table.name} must hold the classes ${listed(target.classes, 10)}, but line ${line} has ${quoted(label)}; correct it or remove the row`,
    );
  });
}

/** The names of the classes of all rows, null where missing. */
export function classLabels(
  { notation }: Pick<ClassesEncoding, "notation">,
  table: Table,
  place: number,
): readonly (string | null)[] {
  const column = table.columns[place] as Column;
  if (!notation || column.kind === "numbers") return textOf(column);
  return column.values.map((value) => {
    const read = value === null ? NaN : numberIn(value, notation);
    return Number.isNaN(read) ? value : String(read);
  });
}

/**
 * The target's numbers after the transform.
 *
 * @throws {HypertrainError} for a missing value, or one whose logarithm is asked for and is not positive.
 */
export function quantities(
  { name, notation, transform }: Pick<QuantityEncoding, "name" | "notation" | "transform">,
  table: Table,
  place: number,
): Float64Array {
  const values = numbersOf(table, place, notation);
  const gap = values.findIndex((value) => Number.isNaN(value));
  if (gap >= 0) {
    throw inputError(
      `the target column "${cut(name)}" of ${table.name} must have a value in every row, but line ${table.lineOf(gap, place)} has none; fill it in or remove the row`,
    );
  }
  if (transform === "none") return values;
  const wrong = values.findIndex((value) => value <= 0);
  if (wrong >= 0) {
    throw inputError(
      `the target column "${cut(name)}" of ${table.name} must hold positive numbers for a logarithm, but line ${table.lineOf(wrong, place)} has ${values[wrong]}; leave ${optionText("targetTransform")} out`,
    );
  }
  return values.map(Math.log);
}

/** Numbers in a decimal point's notation, for columns that did not come from text. */
export const notationOf = (column: Column): NumberNotation =>
  column.kind === "numbers" ? (column.notation ?? plainNotation) : plainNotation;
