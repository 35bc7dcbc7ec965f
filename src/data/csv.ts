import { parse, type Options } from "csv-parse/browser/esm/sync";

import { inputError } from "../util/error.ts";
import { typedColumns, type ColumnTypes } from "./column-types.ts";
import { csvRules, demandNoPath, textOrBytes, type CsvOptions } from "./csv-options.ts";
import { isMissing } from "./missing.ts";
import { textOf } from "./named-bytes.ts";
import { isPlain, plainNotation, seemingNotation, unitOf } from "./notation.ts";
import { readPlainCells, readPlainNumbers } from "./plain-numbers.ts";
import { cut } from "./quote.ts";
import {
  collapseWhitespace,
  commentsLike,
  detectSeparator,
  withoutComments,
  type Separator,
} from "./separator.ts";
import type { Table } from "./table.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { count } from "../util/words.ts";

/**
 * Reads a table from separated text (RFC 4180, or with another separator); lines that start with `#` are comments.
 *
 * A column all of whose values are numbers in one notation holds numbers, any other text; so do codes, which are whole numbers in digits,
 * some with a leading zero. Empty fields, `NA`, `N/A`, `null`, `NaN`,
 * `?` and `-` are missing values. What seems to be numbers but cannot be read becomes text with a `doubt`.
 *
 * @throws {HypertrainError} for ragged rows, broken quotes, equal names, no rows, or an option that is none of these.
 */
export function parseCsv(content: string | Uint8Array, options: CsvOptions): Table {
  demandGiven("parseCsv", { content }, { content: textOrBytes });
  demandNoPath("parseCsv", content);
  const { name } = ownOptions("parseCsv", options, csvRules);
  const whole = typeof content === "string" ? content : textOf({ name, bytes: content });
  const { text, named } = withoutSeparatorLine(whole.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n"));
  const separator = options.separator ?? named ?? detectSeparator(withoutComments(text), options.target);
  const plain = plainTable(text, separator, options);
  if (plain) return plain;
  const records = withoutTrailing(parseRecords(withoutComments(text, separator), name, separator));
  if (records.length === 0) {
    throw inputError(`${name} must hold a table, but it is empty; check that it is the right file`);
  }
  demandHeaderOnTop(name, records, options);
  requireRectangle(name, records);
  const header = options.header ?? startsWithHeader(records, options.target);
  const body = header ? records.slice(1) : records;
  if (body.length === 0) {
    throw inputError(
      `${name} must have rows below its header, but line ${endOf(records[0])} is the last; add rows`,
    );
  }
  const first = records[0] as CsvRecord;
  const names = columnNames(name, first, header);
  const columns = typedColumns(
    names.map((column, j) => ({
      name: column,
      cells: body.map(({ cells }) => cells[j] as string),
      lineOf: (row) => lineOf(body[row] as CsvRecord, j),
      unnamed: header && first.cells[j] === "",
    })),
    {
      table: name,
      separator,
      target: options.target,
      ...(options.types && { types: options.types }),
    },
  );
  return {
    name,
    rows: body.length,
    columns,
    lineOf: (row, column) => lineOf(body[row] as CsvRecord, column),
    warnings: commentWarnings(name, text, first, separator),
  };
}

/** A table all of whose values are plain numbers, in a moment; undefined for any other. */
function plainTable(text: string, separator: Separator, options: CsvOptions): Table | undefined {
  const { name, target, types = {} } = options;
  const end = text.indexOf("\n");
  const head = text.slice(0, Math.max(end, 0));
  if (separator.length !== 1 || /["#]/.test(head)) return undefined;
  const first = { cells: head.split(separator).map((cell) => cell.trim()), line: 1 };
  const words = first.cells.some((cell) => !isNumeric(cell) && !isMissing(cell));
  const header = options.header ?? (words || (target !== undefined && first.cells.includes(target)));
  const width = first.cells.length;
  const layout = { separator, width, from: header ? end + 1 : 0 };
  const read = readPlainNumbers(text, layout);
  if (!read) return undefined;
  const { values, codes } = read;
  const names = columnNames(name, first, header);
  const asked = names.map((column) => (Object.hasOwn(types, column) ? types[column] : undefined));
  const isOther = (type: ColumnTypes[string] | undefined) =>
    type === "date" || (typeof type === "object" && (type.decimal !== "." || type.percent));
  if (asked.some(isOther)) return undefined;
  const worded = asked.flatMap((type, j) => (type === "text" || (!type && codes[j]) ? [j] : []));
  const cells = readPlainCells(text, layout, worded);
  return {
    name,
    rows: (values[0] as Float64Array).length,
    columns: names.map((column, j) => {
      const known = { name: column, ...(header && first.cells[j] === "" && { unnamed: true as const }) };
      const texts = cells[worded.indexOf(j)];
      if (!texts) {
        return { kind: "numbers", ...known, values: values[j] as Float64Array, notation: plainNotation };
      }
      return {
        kind: "words",
        ...known,
        values: texts,
        ...(asked[j] ? { dates: false } : { codes: true as const }),
      };
    }),
    lineOf: (row) => row + (header ? 2 : 1),
    warnings: [],
  };
}

/** A row as it stands in the file; `line` is the last of its lines, since a quoted field may hold newlines. */
interface CsvRecord {
  readonly cells: readonly string[];
  readonly line: number;
}

/** Spreadsheets write `sep=;` as a first line; an empty one in its place keeps the lines in errors true. */
function withoutSeparatorLine(text: string): { text: string; named?: Separator } {
  const match = /^"?sep=(.)"?[^\S\n]*\n/i.exec(text);
  return match ? { text: `\n${text.slice(match[0].length)}`, named: match[1] as Separator } : { text };
}

function parseRecords(text: string, name: string, separator: Separator): CsvRecord[] {
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

/** Without the empty field that a separator at the end of every line makes; a header may lack it, or the name of row names. */
function withoutTrailing(records: readonly CsvRecord[]): readonly CsvRecord[] {
  const [head, ...body] = records;
  if (!head) return records;
  const width = body[0]?.cells.length ?? head.cells.length;
  if (width < 2 || body.some(({ cells }) => cells.length !== width)) return records;
  const short = head.cells.length === width - 1;
  if (!short && head.cells.length !== width) return records;
  if (body.every(({ cells }) => cells[width - 1] === "") && (short || head.cells[width - 1] === "")) {
    return records.map(({ cells, line }) => ({ cells: cells.slice(0, width - 1), line }));
  }
  return short && body.length > 1 ? [{ ...head, cells: ["", ...head.cells] }, ...body] : records;
}

/** A title or a line of merged cells above the names of columns. @throws {HypertrainError} naming the line of the target. */
function demandHeaderOnTop(
  name: string,
  records: readonly CsvRecord[],
  { target, header }: Pick<CsvOptions, "target" | "header">,
): void {
  const [first, ...below] = records.slice(0, 20);
  if (target === undefined || header === false || !first || first.cells.includes(target)) return;
  const filled = ({ cells }: CsvRecord) => cells.filter((cell) => cell !== "").length;
  const found = below.find((record) => record.cells.includes(target) && filled(record) > filled(first));
  if (!found) return;
  throw inputError(
    `the first line of ${name} must name the columns, but the target "${cut(target)}" stands in line ${found.line}; remove the lines above it`,
  );
}

/** Rows that begin with # by chance would be lost without a word. */
function commentWarnings(
  name: string,
  text: string,
  { cells, line }: CsvRecord,
  separator: Separator,
): string[] {
  const like = commentsLike(text, { separator, fields: cells.length, from: line });
  if (like.length === 0) return [];
  return [
    `${count(like.length, "line")} of ${name} that ${like.length === 1 ? "starts" : "start"} with # (line ${like.slice(0, 5).join(", ")}${like.length > 5 ? " and more" : ""}) ${like.length === 1 ? "is a comment" : "are comments"}, though with as many fields as a row; where ${like.length === 1 ? "it is" : "they are"} one, quote the first field`,
  ];
}

function requireRectangle(name: string, records: readonly CsvRecord[]): void {
  const [head] = records as [CsvRecord];
  const width = head.cells.length;
  const ragged = records.find(({ cells }) => cells.length !== width);
  if (ragged) {
    const column = Math.min(width, ragged.cells.length) + 1;
    throw inputError(
      `every row of ${name} must have ${count(width, "field")} like line ${head.line}, but line ${ragged.line} has ${count(ragged.cells.length, "field")} (they differ from column ${column} on); correct it, quote a field that holds the separator, or name the separator`,
    );
  }
}

/** More than half, not all, of the values of a column must be numbers: then a stray word is reported with its line. */
function startsWithHeader([head, ...rows]: readonly CsvRecord[], target: string | undefined): boolean {
  const { cells } = head as CsvRecord;
  if (target !== undefined && cells.includes(target)) return true;
  if (rows.length === 0) return !cells.some(isNumeric);
  const body = rows.slice(0, 1000);
  return cells.some((cell, j) => {
    if (isNumeric(cell) || isMissing(cell)) return false;
    const present = body.map(({ cells }) => cells[j] as string).filter((value) => !isMissing(value));
    return 2 * present.filter(isNumeric).length > present.length;
  });
}

const isNumeric = (cell: string): boolean =>
  isPlain(cell) || seemingNotation(cell) !== undefined || unitOf(cell) !== undefined;

function columnNames(name: string, { cells, line }: CsvRecord, header: boolean): string[] {
  const names = cells.map((cell, j) => (header && cell !== "" ? cell : `column${j + 1}`));
  const seen = new Set<string>();
  for (const column of names) {
    if (seen.has(column)) {
      throw inputError(
        `the columns of ${name} must have different names, but line ${line} has "${cut(column)}" twice; rename one`,
      );
    }
    seen.add(column);
  }
  return names;
}

/** The line in which a cell starts: newlines in it and after it are of the lines below. */
const lineOf = ({ cells, line }: CsvRecord, column: number): number =>
  line - cells.slice(column).reduce((total, cell) => total + cell.split("\n").length - 1, 0);

const endOf = (record: CsvRecord | undefined): number => record?.line ?? 0;
