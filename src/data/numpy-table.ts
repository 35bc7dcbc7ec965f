import { unzipSync } from "fflate";

import { inputError } from "../util/error.ts";
import type { ColumnTypes } from "./column-types.ts";
import { columnsOfValues, type ValueColumn } from "./columns-of-values.ts";
import { MOST_UNPACKED, type NamedBytes } from "./named-bytes.ts";
import { parseNpy, type NumpyArray } from "./npy.ts";
import { cut, listed } from "./quote.ts";
import type { Table } from "./table.ts";
import { count } from "../util/words.ts";

interface NumpyOptions {
  readonly types?: ColumnTypes | undefined;
}

/**
 * A table from a file of `numpy.save`: [rows, columns], or [rows] records with names. Columns without names are `column1`, `column2`, ….
 *
 * @throws {HypertrainError} for what is no table, or cannot be read.
 */
export const parseNpyTable = (file: NamedBytes, options: NumpyOptions = {}): Table =>
  tableOfArrays(file.name, [{ name: "", array: parseNpy(file) }], options);

/**
 * A table from a file of `numpy.savez`: arrays of equally many rows. One that is [rows] is a column of its name; `x` of further axes
 * becomes `x.1`, `x.2`, …, one for each of a row's elements.
 *
 * @throws {HypertrainError} for what is no table, or cannot be read.
 */
export function parseNpz(file: NamedBytes, options: NumpyOptions = {}): Table {
  const files = Object.entries(unzip(file)).map(([entry, bytes]) => {
    const name = entry.slice(0, -".npy".length);
    return { name, array: parseNpy({ name: `${cut(entry)} in ${file.name}`, bytes }) };
  });
  return tableOfArrays(file.name, files, options);
}

/** The arrays of a zip file by name. */
function unzip({ name, bytes }: NamedBytes): Record<string, Uint8Array> {
  const others: string[] = [];
  let total = 0;
  let found: Record<string, Uint8Array>;
  try {
    found = unzipSync(bytes, {
      filter: ({ name: entry, originalSize }) => {
        if (!entry.endsWith(".npy")) others.push(entry);
        else total += originalSize;
        return entry.endsWith(".npy") && total <= MOST_UNPACKED;
      },
    });
  } catch (cause) {
    throw inputError(`${name} must be a whole zip file, but is damaged or cut short; get it again`, {
      cause,
    });
  }
  if (total > MOST_UNPACKED) {
    throw inputError(
      `${name} must unpack to at most ${MOST_UNPACKED / 2 ** 20} MiB, but unpacks to more; check that it is the right file, or split it`,
    );
  }
  if (Object.keys(found).length > 0) return found;
  const spreadsheet = others.some((entry) => entry.startsWith("xl/"));
  throw inputError(
    spreadsheet
      ? `${name} must be a table, but seems to be a workbook of a spreadsheet; save its sheet as CSV`
      : `${name} must hold arrays of numpy.savez, but holds ${others.length > 0 ? listed(others) : "nothing"}; check that it is the right file`,
  );
}

function tableOfArrays(
  table: string,
  arrays: readonly { readonly name: string; readonly array: NumpyArray }[],
  { types }: NumpyOptions,
): Table {
  const [first] = arrays as [{ name: string; array: NumpyArray }];
  const rows = first.array.shape[0] ?? 0;
  const other = arrays.find(({ array }) => array.shape[0] !== rows);
  const shown = ({ name, array }: typeof first) =>
    `${cut(name) || "the array"} is [${array.shape.join(", ")}]`;
  if (other) {
    throw inputError(
      `all arrays in ${table} must have equally many rows, but ${shown(first)} and ${shown(other)}; save those of training and test rows, and what is no column, to files of their own`,
    );
  }
  const columns = arrays.flatMap(({ name, array }) => columnsIn(name, array, rows));
  if (rows === 0 || columns.length === 0) {
    throw inputError(
      `${table} must hold a table, but ${shown(first)}; save an array of ${count(2, "axis").replace("axiss", "axes")}`,
    );
  }
  const twice = columns.find(({ name }, i) => columns.findIndex((column) => column.name === name) !== i);
  if (twice) {
    throw inputError(
      `the columns of ${table} must have different names, but two are "${cut(twice.name)}"; rename an array`,
    );
  }
  const lineOf = (row: number): number => row + 1;
  return {
    name: table,
    rows,
    columns: columnsOfValues(columns, { table, types, lineOf }),
    lineOf,
    warnings: [],
  };
}

function columnsIn(name: string, { shape, fields }: NumpyArray, rows: number): ValueColumn[] {
  const width = shape.slice(1).reduce((a, b) => a * b, 1);
  return fields.flatMap(({ name: field, read }) => {
    const stem = [name, field].filter((part) => part !== "").join(".");
    return Array.from({ length: width }, (_, j) => ({
      name: stem === "" ? `column${j + 1}` : shape.length === 1 ? stem : `${stem}.${j + 1}`,
      values: valuesAt(read, rows, width, j),
    }));
  });
}

/** As numbers from the start where the first is one: an array of numpy holds values of one type. */
function valuesAt(
  read: (index: number) => unknown,
  rows: number,
  width: number,
  j: number,
): ArrayLike<unknown> {
  if (rows > 0 && typeof read(j) === "number") {
    const numbers = new Float64Array(rows);
    let exact = true;
    for (let row = 0; row < rows && exact; row++) {
      const value = read(row * width + j);
      exact = typeof value === "number";
      numbers[row] = Number(value);
    }
    if (exact) return numbers;
  }
  return Array.from({ length: rows }, (_, row) => read(row * width + j));
}
