import { inputError } from "../util/error.ts";
import { demandGiven } from "../util/given.ts";
import { HostArray } from "../util/host-array.ts";
import { nearest } from "../util/nearest.ts";
import { demandFinite, numbersOf, textOf } from "./column-values.ts";
import { readDate } from "./date-format.ts";
import { cut, listed, quoted } from "./quote.ts";
import { keyOf } from "./spelling.ts";
import {
  anEncoding,
  featuresOf,
  type CategoryEncoding,
  type DateEncoding,
  type FeatureEncoding,
  type NumberEncoding,
  type TableEncoding,
} from "./table-encoding.ts";
import { aTable, type Column, type Table } from "./table.ts";

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
