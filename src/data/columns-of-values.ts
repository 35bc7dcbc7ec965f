import { MAX_FLOAT32, typedColumns, type ColumnTypes, type TextColumn } from "./column-types.ts";
import { cut } from "./quote.ts";
import type { Column } from "./table.ts";

/** A column of a file that holds values rather than text. */
export interface ValueColumn {
  readonly name: string;
  /** Numbers, whole numbers as bigints, text, dates, true and false; null, undefined or NaN where one is missing. */
  readonly values: ArrayLike<unknown>;
  /** Whether the file gives the column no name. */
  readonly unnamed?: boolean;
}

/** What errors say of the file, and how its text is to be read. */
export interface ValueContext {
  readonly table: string;
  readonly types?: ColumnTypes | undefined;
  /** The line of a row, from 1. */
  lineOf(row: number): number;
}

/**
 * The columns of a file that knows its values' types. Numbers are numbers, dates text in ISO 8601; text is read as that of a CSV file is,
 * so that numbers which someone saved as text are numbers. What is none of these (lists, records, infinities) gets a `doubt`.
 */
export function columnsOfValues(columns: readonly ValueColumn[], context: ValueContext): Column[] {
  const { table, types = {}, lineOf } = context;
  const looks = columns.map((column) => {
    const type = Object.hasOwn(types, column.name) ? types[column.name] : undefined;
    const worded = type === "text" || type === "date";
    return {
      column,
      numbers: worded ? undefined : numbersOf(column.values),
      wrong: worded ? undefined : wrongOf(column),
    };
  });
  const texts = looks.flatMap(({ column, numbers, wrong }): TextColumn[] =>
    wrong || numbers ? [] : [textColumn(column, lineOf)],
  );
  // No separator says which mark decimals have.
  const read = typedColumns(texts, { table, separator: "", types });
  return looks.map(({ column, numbers, wrong }): Column => {
    const { name, values, unnamed = false } = column;
    const flags = unnamed ? { unnamed: true as const } : {};
    if (wrong) {
      const { row, what, must } = wrong;
      const cells = Array.from(values, (value) => cellOf(value));
      const doubt = `column "${cut(name)}" of ${table} must hold ${must}, but line ${lineOf(row)} has ${what}`;
      return { kind: "words", name, values: cells, doubt, ...flags };
    }
    if (numbers) return { kind: "numbers", name, values: numbers, ...flags };
    return read.shift() as Column; // one for each of `texts`, in their order
  });
}

const isMissing = (value: unknown): boolean => value === null || value === undefined || Number.isNaN(value);

/** The values as numbers; undefined where some are none, or would lose digits. */
function numbersOf(values: ArrayLike<unknown>): Float64Array | undefined {
  if (values instanceof Float64Array) return values;
  const numbers = new Float64Array(values.length);
  let known = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    const number = isMissing(value) ? NaN : numberOf(value);
    if (number === undefined) return undefined;
    numbers[row] = number;
    if (!Number.isNaN(number)) known += 1;
  }
  return known > 0 ? numbers : undefined;
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "bigint" && BigInt(Number(value)) === value ? Number(value) : undefined;
}

/** The first value that a column cannot hold. */
function wrongOf({ values }: ValueColumn): { row: number; what: string; must: string } | undefined {
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (typeof value === "number" && Math.abs(value) > MAX_FLOAT32) {
      return { row, what: String(value), must: "numbers between -3.4e38 and 3.4e38" };
    }
    if (typeof value === "object" && value !== null && !(value instanceof Date)) {
      const what = Array.isArray(value) ? "a list" : ArrayBuffer.isView(value) ? "bytes" : "a record";
      return { row, what, must: "numbers, text or dates" };
    }
  }
  return undefined;
}

const textColumn = ({ name, values, unnamed = false }: ValueColumn, lineOf: (row: number) => number) => ({
  ...{ name, lineOf, unnamed },
  cells: Array.from(values, (value) => cellOf(value) ?? ""),
});

function cellOf(value: unknown): string | null {
  if (isMissing(value)) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : dateText(value);
  if (typeof value === "object") return ArrayBuffer.isView(value) ? "bytes" : JSON.stringify(value, plainly);
  return String(value);
}

/** JSON has no bigints. */
const plainly = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

/** A day alone where that is all that is known. */
const dateText = (date: Date): string => date.toISOString().replace("T00:00:00.000Z", "");
