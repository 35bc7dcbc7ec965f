import { inputError } from "../util/error.ts";
import { withoutMissing } from "./missing.ts";
import type { NumberNotation } from "./notation.ts";
import { cut } from "./quote.ts";
import { withOneSpelling } from "./spelling.ts";
import { demandGiven } from "../util/given.ts";
import { byName, objectWith, text, type ValueRule } from "../util/rule.ts";

/** A column of numbers: [rows]. */
export interface NumberColumn {
  readonly kind: "numbers";
  readonly name: string;
  /** Finite, or NaN where the value is missing. */
  readonly values: Float64Array;
  /** How they were written; absent where they did not come from text. */
  readonly notation?: NumberNotation;
  /** How many values lack the unit of the notation that they were to be read in; absent where none does. */
  readonly bare?: number;
  /** Whether the file gives the column no name. */
  readonly unnamed?: true;
}

/** A column of text: [rows]. */
export interface WordColumn {
  readonly kind: "words";
  readonly name: string;
  /** Null where the value is missing. */
  readonly values: readonly (string | null)[];
  /**
   * Why the column is not taken as text unless someone asks for that: what values that seem to be numbers must be, and what one of them
   * is. Whoever refuses the column says what to do.
   */
  readonly doubt?: string;
  /** Whether the texts are whole numbers in digits, some with a leading zero, that could be numbers as well. */
  readonly codes?: true;
  /** Whether the texts are dates by the type that was asked for; absent where that follows from how they look. */
  readonly dates?: boolean;
  /** Whether the file gives the column no name. */
  readonly unnamed?: true;
}

/** One column of a table. */
export type Column = NumberColumn | WordColumn;

/** A rectangular table, as it stands in a file; values may be missing. */
export interface Table {
  /** What errors call the table: its file's name. */
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly Column[];
  /** The line of the file in which a cell starts, from 1; the number of the row where there are no lines. */
  lineOf(row: number, column: number): number;
  /** Sentences on what is odd but not wrong. */
  readonly warnings: readonly string[];
}

/** What the values of a column must be; `tableOf` says which of them is no cell. */
export const someCells: ValueRule<ArrayLike<unknown>> = {
  must: "an array or a typed array",
  holds: (value) => Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value),
};

/** What a table must be. */
export const aTable = objectWith<Table>("a table, such as tableOf() or parseCsv() makes", {
  name: "string",
  rows: "number",
  columns: "object",
  lineOf: "function",
});

/**
 * A table from values in memory: numbers or text by column, null, undefined or NaN where one is missing. Columns of text stay text. A typed
 * array may be a column.
 *
 * ```ts
 * tableOf("people", { age: [31, null], town: ["Ulm", "Graz"] });
 * ```
 *
 * @throws {HypertrainError} if the columns have different lengths or hold anything else.
 */
export function tableOf(name: string, columns: Readonly<Record<string, ArrayLike<unknown>>>): Table {
  demandGiven("tableOf", { name, columns }, { name: text, columns: byName(someCells) });
  const entries = Object.entries(columns);
  const rows = entries[0]?.[1].length ?? 0;
  return {
    name,
    rows,
    columns: entries.map(([column, values]) => columnOf(name, column, values as readonly unknown[], rows)), // or typed, whose methods are the same
    lineOf: (row) => row + 1,
    warnings: [],
  };
}

function columnOf(table: string, name: string, values: readonly unknown[], rows: number): Column {
  if (values.length !== rows) {
    throw inputError(
      `all columns of ${table} must be equally long, but the first has ${rows} values and "${cut(name)}" has ${values.length}; make them equal`,
    );
  }
  const gap = (value: unknown) => value === null || value === undefined || Number.isNaN(value);
  const wrong = values.find(
    (value) => !gap(value) && !["number", "bigint", "boolean", "string"].includes(typeof value),
  );
  if (
    wrong !== undefined ||
    values.some((value) => typeof value === "number" && Math.abs(value) === Infinity)
  ) {
    throw inputError(
      `column "${cut(name)}" of ${table} must hold finite numbers, text, true and false, but has ${wrong === undefined ? "an infinity" : `a value of type ${typeof wrong}`}; correct it or leave the column out`,
    );
  }
  const text = values.some((value) => typeof value === "string" || typeof value === "boolean");
  const large = values.some((value) => typeof value === "bigint" && BigInt(Number(value)) !== value);
  if (text || large) {
    const words = Array.from(values, (value) => (gap(value) ? "" : String(value)));
    return { kind: "words", name, values: withOneSpelling(withoutMissing(words)) };
  }
  return { kind: "numbers", name, values: Float64Array.from(values, (v) => (gap(v) ? NaN : Number(v))) };
}
