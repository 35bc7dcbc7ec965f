import { parse, type Options } from "csv-parse/browser/esm/sync";

import { inputError } from "../util/error.ts";
import { textOf } from "./named-bytes.ts";
import { collapseWhitespace, detectSeparator, type Separator } from "./separator.ts";
import type { Column, Table } from "./table.ts";

/** How to read a table from text. */
export interface CsvOptions {
  /** What errors call the text: its file's name. */
  readonly name: string;
  /** Default: detected from the first lines. */
  readonly separator?: Separator | undefined;
  /**
   * Whether the first row names the columns; they are `column1`, `column2`, … otherwise. Default: it does if a column is
   * numbers below it but not in it, or if it holds the name `target`.
   */
  readonly header?: boolean | undefined;
  /** A name that only a header can hold. */
  readonly target?: string | undefined;
}

/**
 * Reads a table from comma-separated text (RFC 4180, or with another separator).
 *
 * A column whose first value is a number holds numbers only; any other column holds words. Errors name the file, the line and
 * the column.
 *
 * @throws {HypertrainError} for ragged rows, gaps, words among numbers, broken quotes, equal names, or no rows.
 */
export function parseCsv(content: string | Uint8Array, options: CsvOptions): Table {
  const { name } = options;
  const text = typeof content === "string" ? content : textOf({ name, bytes: content });
  const records = parseRecords(text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n"), options);
  if (records.length === 0) {
    throw inputError(`${name} must hold a table, but it is empty; check that it is the right file`);
  }
  requireRectangle(name, records);
  const header = options.header ?? startsWithHeader(records, options.target);
  const body = header ? records.slice(1) : records;
  if (body.length === 0) {
    throw inputError(
      `${name} must have rows below its header, but line ${endOf(records[0])} is the last; add rows`,
    );
  }
  const names = columnNames(name, records[0] as CsvRecord, header);
  const columns = names.map((column, j) => parseColumn(name, column, body, j));
  return {
    name,
    rows: body.length,
    columns,
    lineOf: (row, column) => lineOf(body[row] as CsvRecord, column),
    warnings: columns.flatMap((column) => mixedWarning(name, column)),
  };
}

/** A row as it stands in the file; `line` is the last of its lines, since a quoted field may hold newlines. */
interface CsvRecord {
  readonly cells: readonly string[];
  readonly line: number;
}

function parseRecords(text: string, { name, separator = detectSeparator(text) }: CsvOptions): CsvRecord[] {
  const blank = separator === "whitespace";
  let last = 0;
  try {
    const rules: Options<CsvRecord, string[]> = {
      delimiter: blank ? " " : separator,
      record_delimiter: "\n",
      trim: !blank,
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: 0,
      on_record: (cells, { lines }) => ({ cells, line: (last = lines) }),
    };
    // The types of `parse` know records other than arrays of strings only where columns are named.
    const source = blank ? collapseWhitespace(text) : text;
    return (parse as unknown as (text: string, rules: Options<CsvRecord, string[]>) => CsvRecord[])(
      source,
      rules,
    );
  } catch (cause) {
    throw inputError(quoteMessage(name, cause, last), { cause });
  }
}

function quoteMessage(name: string, cause: unknown, last: number): string {
  const { code, lines } = cause as { code?: string; lines?: number };
  return code === "CSV_QUOTE_NOT_CLOSED"
    ? `a quoted field of ${name} must end with a quote, but one that starts after line ${last} never does; close it`
    : `quotes in ${name} must enclose a whole field and be doubled inside it, but line ${lines} has one elsewhere; double it and quote the field`;
}

function requireRectangle(name: string, records: readonly CsvRecord[]): void {
  const [head] = records as [CsvRecord];
  const width = head.cells.length;
  const ragged = records.find(({ cells }) => cells.length !== width);
  if (ragged) {
    const column = Math.min(width, ragged.cells.length) + 1;
    throw inputError(
      `every row of ${name} must have ${count(width, "field")} like line ${head.line}, but line ${ragged.line} has ${count(ragged.cells.length, "field")} (they differ from column ${column} on); correct it, or quote a field that holds the separator`,
    );
  }
}

/** More than half, not all, of a column must be numbers: then a stray word is reported with its line. */
function startsWithHeader([head, ...body]: readonly CsvRecord[], target: string | undefined): boolean {
  const { cells } = head as CsvRecord;
  if (target !== undefined && cells.includes(target)) return true;
  if (body.length === 0) return !cells.some(isNumber);
  return cells.some(
    (cell, j) =>
      !isNumber(cell) &&
      !isGap(cell) &&
      2 * body.filter(({ cells }) => isNumber(cells[j] as string)).length > body.length,
  );
}

function columnNames(name: string, { cells, line }: CsvRecord, header: boolean): string[] {
  const names = cells.map((cell, j) => (header && cell !== "" ? cell : `column${j + 1}`));
  const twice = names.find((column, j) => names.indexOf(column) < j);
  if (twice !== undefined) {
    throw inputError(
      `the columns of ${name} must have different names, but line ${line} has "${twice}" twice; rename one`,
    );
  }
  return names;
}

function parseColumn(file: string, name: string, body: readonly CsvRecord[], column: number): Column {
  const cells = body.map(({ cells }) => cells[column] as string);
  const at = (row: number) =>
    `line ${lineOf(body[row] as CsvRecord, column)} has ${quoted(cells[row] as string)}`;
  const word = cells.findIndex((cell) => !isNumber(cell));
  const gap = word < 0 ? -1 : cells.findIndex(isGap);
  if (gap >= 0) {
    throw inputError(
      `column "${name}" of ${file} must have a value in every row, but ${at(gap)}; fill it in or remove the row`,
    );
  }
  if (word === 0) return { kind: "words", name, values: cells };
  if (word > 0) {
    throw inputError(
      `column "${name}" of ${file} must hold numbers, but ${at(word)}; correct it or make every value of the column text`,
    );
  }
  const values = Float64Array.from(cells, Number);
  const huge = values.findIndex((value) => Math.abs(value) > MAX_FLOAT32);
  if (huge >= 0) {
    throw inputError(
      `column "${name}" of ${file} must hold numbers between -3.4e38 and 3.4e38, but ${at(huge)}; correct it or change the column's unit`,
    );
  }
  return { kind: "numbers", name, values };
}

function mixedWarning(file: string, column: Column): string[] {
  if (column.kind === "numbers") return [];
  const numbers = column.values.filter(isNumber).length;
  return numbers === 0
    ? []
    : [
        `column "${column.name}" of ${file} is read as words, since its first value is one, but ${numbers} of ${column.values.length} values are numbers`,
      ];
}

const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

const isNumber = (cell: string): boolean => /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(cell);

/** What stands for "no number here": nothing, a question mark, NaN or an infinity. */
const isGap = (cell: string): boolean => /^(\?|[+-]?(nan|inf|infinity))?$/i.test(cell);

const quoted = (cell: string): string =>
  cell === "" ? "an empty field" : `"${cell.length > 40 ? `${cell.slice(0, 40)}…` : cell}"`;

/** The line in which a cell starts: newlines in it and after it are of the lines below. */
const lineOf = ({ cells, line }: CsvRecord, column: number): number =>
  line - cells.slice(column).reduce((total, cell) => total + cell.split("\n").length - 1, 0);

const endOf = (record: CsvRecord | undefined): number => record?.line ?? 0;

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
