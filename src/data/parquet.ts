import { parquetMetadata, parquetRead, type FileMetaData } from "hyparquet";
import { compressors } from "hyparquet-compressors";

import { inputError, type HypertrainError } from "../util/error.ts";
import type { ColumnTypes } from "./column-types.ts";
import { columnsOfValues } from "./columns-of-values.ts";
import type { NamedBytes } from "./named-bytes.ts";
import { cut } from "./quote.ts";
import type { Table } from "./table.ts";
import { count } from "../util/words.ts";

/**
 * Reads a table from a Parquet file of any of its compressions. Dates and times become text in ISO 8601; an index that pandas stored
 * without a name counts as a column without one.
 *
 * @throws {HypertrainError} for a damaged file, no rows, or more values than memory can hold.
 */
export async function parseParquet(
  { name, bytes }: NamedBytes,
  { types }: { readonly types?: ColumnTypes | undefined } = {},
): Promise<Table> {
  const buffer = bytes.slice().buffer; // `bytes` may be part of a larger buffer
  const metadata = whole(name, () => parquetMetadata(buffer));
  const rows = Number(metadata.num_rows);
  const names = columnNames(metadata);
  if (rows === 0 || names.length === 0) {
    throw inputError(
      `${name} must hold a table, but has ${count(rows, "row")} of ${count(names.length, "column")}; check that it is the right file`,
    );
  }
  if (!(rows * names.length <= MOST_CELLS)) {
    throw inputError(
      `${name} must hold at most ${MOST_CELLS} values, but has ${rows} rows of ${count(names.length, "column")}; take some of them`,
    );
  }
  const columns = new Map(names.map((column) => [column, new Array<unknown>(rows).fill(null)]));
  try {
    await parquetRead({
      file: { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) },
      metadata,
      compressors,
      onChunk: ({ columnName, columnData, rowStart }) => {
        const values = columns.get(columnName) as unknown[];
        for (let i = 0; i < columnData.length; i++) values[rowStart + i] = columnData[i];
      },
    });
  } catch (cause) {
    throw damaged(name, cause);
  }
  const found = Array.from(columns, ([column, values]) => ({
    name: column,
    values,
    unnamed: /^__index_level_\d+__$/.test(column),
  }));
  const lineOf = (row: number): number => row + 1;
  return {
    name,
    rows,
    columns: columnsOfValues(found, { table: name, types, lineOf }),
    lineOf,
    warnings: [],
  };
}

/** 2 GB as float64. */
const MOST_CELLS = 2 ** 28;

/** The names at the top of the schema, whose first element is its root; what is nested stands below them. */
function columnNames({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  let at = 1;
  const skip = (): void => {
    const children = schema[at++]?.num_children ?? 0;
    for (let i = 0; i < children; i++) skip();
  };
  while (at < schema.length) {
    names.push((schema[at] as { name: string }).name);
    skip();
  }
  return names;
}

function whole<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw damaged(name, cause);
  }
}

const damaged = (name: string, cause: unknown): HypertrainError =>
  inputError(
    `${name} must be a whole Parquet file, but could not be read (${cut((cause as Error).message)}); get it again`,
    { cause },
  );
