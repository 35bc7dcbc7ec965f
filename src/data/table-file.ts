import { inputError } from "../util/error.ts";
import { parseCsv, type CsvOptions } from "./csv.ts";
import { parseJsonLines } from "./json-lines.ts";
import type { NamedBytes } from "./named-bytes.ts";
import { isNpy } from "./npy.ts";
import type { Table } from "./table.ts";

/** The extensions of files that are tables. */
export const tableExtensions = [
  ".csv",
  ".tsv",
  ".txt",
  ".jsonl",
  ".ndjson",
  ".parquet",
  ".npz",
  ".npy",
] as const;

/**
 * Reads a table from a file of any format that is known: Parquet, `.npy` and `.npz` are told by their first bytes, JSON lines by their
 * name, anything else is separated text.
 *
 * @throws {HypertrainError} for what cannot be read.
 */
export async function parseTable(file: NamedBytes, options: Omit<CsvOptions, "name"> = {}): Promise<Table> {
  const { name, bytes } = file;
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  // Their libraries are loaded where they are needed.
  if (start === "PAR1") return (await import("./parquet.ts")).parseParquet(file, options);
  if (isNpy(bytes)) return (await import("./numpy-table.ts")).parseNpyTable(file, options);
  if (start === "PK\u0003\u0004") return (await import("./numpy-table.ts")).parseNpz(file, options);
  const extension = /\.\w+$/.exec(name)?.[0].toLowerCase() ?? "";
  const expected = binary[extension];
  if (expected) {
    throw inputError(
      `${name} must be ${expected}, but does not start as one; check that it is the right file`,
    );
  }
  if (start.startsWith("\0\0\u0008") || extension.endsWith("-ubyte")) {
    throw inputError(
      `${name} must be a table, but seems to be an idx file; use --data mnist (or another set of images) with its folder in --data-dir`,
    );
  }
  if ([".jsonl", ".ndjson", ".json"].includes(extension)) return parseJsonLines(file, options);
  return parseCsv(bytes, { ...options, name });
}

const binary: Readonly<Record<string, string>> = {
  ".parquet": "a Parquet file",
  ".npy": "a file of numpy.save",
  ".npz": "a file of numpy.savez",
};
