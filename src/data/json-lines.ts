import { inputError } from "../util/error.ts";
import { isRecord } from "../util/record.ts";
import type { ColumnTypes } from "./column-types.ts";
import { columnsOfValues } from "./columns-of-values.ts";
import { textOf, type NamedBytes } from "./named-bytes.ts";
import { cut } from "./quote.ts";
import type { Table } from "./table.ts";

/**
 * Reads a table from JSON lines, one object a row, or from one JSON array of such objects. The columns are the names that occur, in the
 * order of their first; a row that lacks one, or has null there, misses its value.
 *
 * @throws {HypertrainError} for a line that is no JSON object, or no rows.
 */
export function parseJsonLines(
  file: NamedBytes,
  { types }: { readonly types?: ColumnTypes | undefined } = {},
): Table {
  const { name } = file;
  const text = textOf(file).replace(/^\ufeff/, "");
  const records = /^\s*\[/.test(text) ? listIn(name, text) : linesIn(name, text);
  if (records.length === 0) {
    throw inputError(`${name} must hold a row at least, but it is empty; check that it is the right file`);
  }
  const lineOf = (row: number): number => (records[row] as JsonRecord).line;
  const columns = columnsOfValues(valuesByColumn(records), { table: name, types, lineOf });
  return { name, rows: records.length, columns, lineOf, warnings: [] };
}

interface JsonRecord {
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
}

function linesIn(name: string, text: string): JsonRecord[] {
  return text.split("\n").flatMap((content, i) => {
    if (content.trim() === "") return [];
    const value = jsonOf(content);
    if (isRecord(value)) return [{ line: i + 1, value }];
    throw inputError(
      `every line of ${name} must hold one JSON object, but line ${i + 1} has "${cut(content.trim())}"; correct it`,
    );
  });
}

function listIn(name: string, text: string): JsonRecord[] {
  const list = jsonOf(text);
  const records = Array.isArray(list) ? (list as unknown[]) : [undefined];
  return records.map((value, i) => {
    if (isRecord(value)) return { line: i + 1, value };
    const found = Array.isArray(list)
      ? `entry ${i + 1} is "${cut(JSON.stringify(value))}"`
      : "it is no valid JSON";
    throw inputError(`${name} must hold a JSON list of objects, but ${found}; correct it`);
  });
}

/** Undefined where it is none. */
function jsonOf(text: string): unknown {
  try {
    // Only long numbers need the slower way, which keeps all their digits.
    return JSON.parse(text, /\d{16}/.test(text) ? keepDigits : undefined) as unknown;
  } catch {
    return undefined; // also where it is nested too deep to be read
  }
}

const keepDigits = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === "number" && /^-?\d{16,}$/.test(context?.source ?? "")
    ? BigInt(context?.source as string)
    : value;

function valuesByColumn(records: readonly JsonRecord[]): { name: string; values: unknown[] }[] {
  const columns = new Map<string, unknown[]>();
  records.forEach(({ value }, row) => {
    for (const name of Object.keys(value)) {
      let values = columns.get(name);
      if (!values) columns.set(name, (values = new Array<unknown>(records.length).fill(null)));
      values[row] = value[name];
    }
  });
  return Array.from(columns, ([name, values]) => ({ name, values }));
}
