import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";

import { HypertrainError, inputError, workError } from "../../util/error.ts";
import { optionsFor } from "../../util/given.ts";
import type { CsvOptions } from "../csv-options.ts";
import { gunzip, MOST_UNPACKED, type NamedBytes } from "../named-bytes.ts";
import type { SupervisedData } from "../supervised-data.ts";
import { anew, type Keep } from "./keep.ts";
import { demandTyped, tableData } from "../table-data.ts";
import { parseRules, parseTable } from "../table-file.ts";
import { tableDataRules, type TableDataOptions } from "../table-options.ts";

/** Reads a whole file, as `readFile` of `node:fs/promises` does. */
export type ReadFile = (path: string) => Promise<Uint8Array>;

/** Reads a file that is one: a pipe or a device has no end that one could wait for. */
async function readRegular(path: string): Promise<Uint8Array> {
  const found = await stat(path);
  if (found.isFile() || found.isDirectory()) return readFile(path); // a directory is an error of its own
  const kind = found.isFIFO() ? "a pipe" : found.isSocket() ? "a socket" : "a device";
  throw inputError(
    `${path} must be a file that can be read, but it is ${kind}; save its content to a file first`,
  );
}

/** How a table is read. */
export interface ReadingOptions {
  readonly read?: ReadFile;
  /** Keeps the table, for whoever makes other data of it; default {@link anew}. */
  readonly kept?: Keep;
}

/**
 * A user's table from a file of any known format, plain or gzip: see `parseTable` and `tableData`.
 *
 * @throws {HypertrainError} if the file cannot be read or its content is malformed.
 */
export async function readTableData(
  path: string,
  options: Omit<CsvOptions, "name"> & TableDataOptions,
  { read = readRegular, kept = anew }: ReadingOptions = {},
): Promise<SupervisedData> {
  const { table, name } = await kept(async () => {
    const file = await readBytes(path, read);
    return { table: await parseTable(file, optionsFor(options, parseRules)), name: basename(file.name) };
  });
  demandTyped(table, options);
  return { ...tableData(table, optionsFor(options, tableDataRules)), name };
}

/**
 * A file's content, uncompressed if it is gzip; errors call it by its path as given.
 *
 * @throws {HypertrainError} for a missing file, a directory, or a file that may not be read.
 */
export async function readBytes(path: string, read: ReadFile = readRegular): Promise<NamedBytes> {
  const bytes = await read(path).catch((cause: unknown) => fail(path, cause));
  return gunzip({ name: path, bytes }, (packed, size) =>
    gunzipSync(packed, { chunkSize: size, maxOutputLength: MOST_UNPACKED }),
  ); // at once, without pieces
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is none; check the path",
  ENOTDIR: "a part of the path is a file, not a directory; check the path",
  EISDIR: "it is a directory; name a file in it",
  EACCES: "its permissions forbid it; allow reading it or name another file",
  EPERM: "its permissions forbid it; allow reading it or name another file",
};

function fail(path: string, cause: unknown): never {
  if (cause instanceof HypertrainError) throw cause;
  const { code = "", message } = cause as NodeJS.ErrnoException;
  if (code === "ERR_FS_FILE_TOO_LARGE") {
    throw inputError(`${path} must be at most 2 GB long, but it is longer; split it`, { cause });
  }
  const reason = reasons[code];
  if (reason) throw inputError(`${path} must be a file that can be read, but ${reason}`, { cause });
  throw workError(`${path} could not be read: ${message}`, { cause });
}
