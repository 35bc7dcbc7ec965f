import { inputError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { count } from "../util/words.ts";
import { missingIn, notationOf, numbersOf } from "./column-values.ts";
import { dateFormatsOf, readDate, type DateFormat, type DateParts } from "./date-format.ts";
import { featureNames, rawFeatures, type UnscaledColumn } from "./encode-inputs.ts";
import { cut } from "./quote.ts";
import { isRunningNumber, meansMore } from "./running-number.ts";
import { scaleOfColumn } from "./standardize.ts";
import type { Scale } from "./supervised-data.ts";
import type { ColumnEncoding, DatePart } from "./table-encoding.ts";
import type { Column, Table, WordColumn } from "./table.ts";

/** Which columns are to be inputs, and how. */
export interface ColumnOptions {
  /** Columns not to use. */
  readonly ignore?: readonly string[] | undefined;
  /** Columns to use though they only seem to tell rows apart, or to take as text though they seem to be numbers. */
  readonly keep?: readonly string[] | undefined;
  /** Columns that say how to split, which are no inputs unless they are kept. */
  readonly splitColumns?: readonly string[] | undefined;
  /** Whether dates become year, month, weekday, hour and elapsed days, or are left out. Default `leave`. */
  readonly dates?: "leave" | "parts" | undefined;
}

/** Text with at most this many levels has one for each; beyond, the rarest share one. */
const MOST_LEVELS = 100;

/** Text with more levels than this, and than half as many as rows, tells rows apart. */
const FEW_LEVELS = 20;

/** A column that is no input. */
export interface UnusedColumn {
  readonly name: string;
  readonly why: string;
}

/** How a column becomes an input, but for its scale; or why it is none. @throws {HypertrainError} for one that cannot be read. */
export function planColumn(
  train: Table,
  place: number,
  options: ColumnOptions,
): UnscaledColumn | UnusedColumn {
  const column = train.columns[place] as Column;
  const { name } = column;
  const { ignore = [], keep = [], splitColumns = [] } = options;
  if (ignore.includes(name)) return { name, why: "to be ignored" };
  const kept = keep.includes(name);
  if (splitColumns.includes(name) && !kept) return { name, why: "it says how to split" };
  if (column.kind === "words" && column.doubt !== undefined && !kept) {
    throw inputError(
      `${column.doubt}; correct the column, take it as text with ${optionText("keep", [cut(name)])}, or leave it out with ${optionText("ignore", [cut(name)])}`,
    );
  }
  if (missingIn(column) === column.values.length) return { name, why: "no value in the training part" };
  return column.kind === "words"
    ? planWords(column, train, kept, options.dates === "parts")
    : planNumbers(column, kept);
}

function planNumbers(
  column: Extract<Column, { kind: "numbers" }>,
  kept: boolean,
): UnscaledColumn | UnusedColumn {
  const { name, values } = column;
  const present = values.filter((value) => !Number.isNaN(value)).sort();
  const why = kept ? undefined : whyNoInput(column, present);
  if (why !== undefined) return { name, why };
  return {
    kind: "number",
    name,
    notation: notationOf(column),
    median: medianOf(present),
    missing: present.length < values.length,
  };
}

/** What only tells rows apart. */
function whyNoInput(column: Extract<Column, { kind: "numbers" }>, sorted: Float64Array): string | undefined {
  const { name, values, unnamed = false } = column;
  const different =
    sorted.length > 1 && sorted.every((value, i) => Number.isInteger(value) && value !== sorted[i - 1]);
  if (!different || sorted.length < MOST_KNOWN * values.length) return undefined;
  if (unnamed) return COUNT;
  if (isNameOfIdentifier(name)) return IDENTIFIERS;
  return isRunningNumber(values) && !meansMore(column) ? RUNNING : undefined;
}

/** Few rows may lack their identifier, such as one of totals. */
const MOST_KNOWN = 0.9;

/** Why a column is no input that counts rows: better than no column at all. */
export const RUNNING = "a running number";
const COUNT = "an unnamed count of rows";
const IDENTIFIERS = "identifiers";

/** Whether a column is no input, by what is said of it, since it numbers rows or names them. */
export const identifiesRows = (why: string): boolean => [RUNNING, COUNT, IDENTIFIERS].includes(why);

/** `id`, `customer_id`, `userId`, `index`, `row`, `Unnamed: 0`. */
const isNameOfIdentifier = (name: string): boolean =>
  /^(id|ids|index|idx|row|rows|rownames|row.?(id|number|names?|index)|nr|no|no\.|#|uuid|guid|key|unnamed: ?\d+)$|[\s_.-](id|uuid|guid|idx|key)$/i.test(
    name,
  ) || /[a-z](Id|ID)$/.test(name);

function planWords(
  column: WordColumn,
  train: Table,
  kept: boolean,
  datesAsParts: boolean,
): UnscaledColumn | UnusedColumn {
  const { name, values } = column;
  const present = values.filter((value) => value !== null);
  const formats = column.dates === false ? [] : dateFormatsOf(present);
  if (formats.length > 0) {
    if (!datesAsParts && !kept && !column.dates)
      return { name, why: `dates; ${optionText("dates", "parts")} takes their parts` };
    return planDates(name, values, present, formats, train);
  }
  const counts = new Map<string, number>();
  for (const value of present) counts.set(value, (counts.get(value) ?? 0) + 1);
  if (!kept && counts.size > FEW_LEVELS && 2 * counts.size > present.length) {
    return { name, why: `${counts.size} different texts in ${count(present.length, "row")}` };
  }
  const ranked = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([level]) => level);
  return {
    kind: "category",
    name,
    levels: ranked.slice(0, MOST_LEVELS).sort(),
    other: ranked.length > MOST_LEVELS,
    missing: present.length < values.length,
  };
}

function planDates(
  name: string,
  values: readonly (string | null)[],
  present: readonly string[],
  formats: readonly DateFormat[],
  { name: table, lineOf, columns }: Table,
): UnscaledColumn {
  const [format, other] = formats as [DateFormat, DateFormat?];
  if (other) {
    const row = values.findIndex((value) => value !== null);
    const place = columns.findIndex((column) => column.name === name);
    throw inputError(
      `column "${cut(name)}" of ${table} must hold dates in one format, but line ${lineOf(row, place)} has "${cut(present[0] as string)}", which may be ${format} or ${other}; write dates as year-month-day`,
    );
  }
  const dates = present
    .map((text) => readDate(text, format) as DateParts)
    .sort((a, b) => a.moment - b.moment);
  const origin = (dates[0] as DateParts).moment;
  const elapsed = ({ moment }: DateParts) => (moment - origin) / 86400e3;
  const median = dates[Math.floor((dates.length - 1) / 2)] as DateParts;
  const timed = dates.some(({ hour }) => hour !== 0);
  const parts: DatePart[] = ["year", "month", "weekday", ...(timed ? (["hour"] as const) : []), "elapsed"];
  return {
    kind: "date",
    name,
    ...{ format, parts, origin },
    medians: parts.map((part) => (part === "elapsed" ? elapsed(median) : median[part])),
    missing: present.length < values.length,
  };
}

/** A planned column with the scales of its features, by the training rows. */
export function scaledColumn(encoding: UnscaledColumn, train: Table, place: number): ColumnEncoding {
  const names = featureNames(encoding);
  const features = rawFeatures(encoding, train, place).map((values, k) => {
    const { mean, sd, constant } = scaleOfColumn(values);
    return { name: names[k] as string, mean, sd: constant ? 0 : sd * rarity(values) };
  });
  const wide = encoding.kind === "number" && isWide(numbersOf(train, place, encoding.notation), features[0]);
  return { ...encoding, features, ...(wide && { wide }) };
}

/** Of the training rows: a feature that has other than its usual value in fewer is scaled as though it had in so many. */
const LEAST_SHARE = 0.1;

/**
 * How much wider a feature is taken to be than it is. One that is 1 in 1 row of 1,000, and 0 elsewhere, would by its own deviation lie 32 deviations off there,
 * so that a network learns that row by heart; taken sqrt(.1 / .001) = 10 times as wide, it lies 3 off.
 */
const rarity = (values: Float64Array): number =>
  Math.sqrt(Math.max(1, (LEAST_SHARE * values.length) / unusual(values)));

/** How many values are other than the one that more than half have; half of them or more, where none is so frequent. */
function unusual(values: Float64Array): number {
  let usual = NaN;
  let lead = 0; // of the usual value over all others so far: the majority's is the one that is left (Boyer and Moore 1981)
  for (const value of values) {
    if (lead === 0) usual = value;
    lead += value === usual ? 1 : -1;
  }
  return values.reduce((count, value) => count + Number(value !== usual), 0);
}

/** Whether float32 moves a value by more than 1e-5 of how far it lies from the mean, or of a deviation. */
const isWide = (values: Float64Array, { mean, sd }: Scale = { mean: 0, sd: 0 }): boolean =>
  values.some((value) => Math.abs(Math.fround(value) - value) > 1e-5 * Math.max(sd, Math.abs(value - mean)));

/** The middle value of sorted numbers, or the mean of the two in the middle. */
function medianOf(sorted: Float64Array): number {
  const half = sorted.length / 2;
  const [low, high] = [Math.ceil(half) - 1, Math.floor(half)];
  return ((sorted[low] as number) + (sorted[high] as number)) / 2;
}
