import { existsSync } from "node:fs";
import { lstat, open, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import { runFolder } from "../artifacts/run-folder.ts";
import { inputError } from "../util/error.ts";
import { oneLine } from "../util/text.ts";

/** What a command may write over, and what it must not. */
export interface WritableOptions {
  /** Whether the file may take the place of one that is there. Default false. */
  readonly force?: boolean | undefined;
  /** Files to answer for. */
  readonly files?: readonly string[];
  /** The folder of a run, or of its model alone. */
  readonly run?: string;
}

/**
 * Demands of a file that a user named and a command is about to write that it is new, or is to be written over; that even then it is no folder or device, none of the
 * files to answer for, none of a database's, nor lies in the folder of a run; and that the name that it is written under first is free.
 *
 * @param flag by which the file was named, such as `--out`
 * @throws {HypertrainError}
 */
export async function demandWritable(
  flag: string,
  path: string,
  { force = false, files = [], run }: WritableOptions = {},
): Promise<void> {
  const told = oneLine(path);
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isFile()) {
    throw inputError(
      `${flag} must be a file, but ${told} is a ${found.isDirectory() ? "folder" : "device"}; name another`,
    );
  }
  await demandOther(flag, path, files);
  await demandNoDatabase(flag, path);
  await demandOutsideRuns(flag, path, run);
  if (!force && (await lstat(path).catch(() => undefined))) {
    throw inputError(
      `${flag} must be a new file, but ${told} exists; name another, or write over it with --force`,
    );
  }
  if (!existsSync(asideOf(path))) return;
  throw inputError(
    `${flag} must be a file that can be written as ${oneLine(asideOf(path))} first, but there is one of that name; move it away, or name another`,
  );
}

/** The name that `writeWhole` writes a file under before it is whole. */
const asideOf = (path: string): string => `${path}.part`;

/** Demands that a file takes the place of none to answer for, by whichever of its paths. @throws {HypertrainError} */
export async function demandOther(flag: string, path: string, files: readonly string[]): Promise<void> {
  const place = await identityOf(path);
  if (place === undefined || !new Set(await Promise.all(files.map(identityOf))).has(place)) return;
  throw inputError(
    `${flag} must be another file than those to answer for, but got ${oneLine(path)}, which is one of them; name another`,
  );
}

/** What SQLite calls the files that a database is in, behind the database's own name. */
const ENDS = ["", "-wal", "-shm", "-journal"];

async function demandNoDatabase(flag: string, path: string): Promise<void> {
  const place = await realPath(path);
  for (const end of ENDS) {
    if (!place.endsWith(end) || !(await isDatabase(place.slice(0, place.length - end.length)))) continue;
    throw inputError(
      `${flag} must be no file of a database, but ${oneLine(path)} is one of SQLite's; name another`,
    );
  }
}

/** Whether a file begins as SQLite's do. */
async function isDatabase(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return false; // a pipe would be waited for
  await using file = await open(path).catch(() => undefined);
  const head = await file?.read({ buffer: Buffer.alloc(15) });
  return head?.buffer.toString("latin1") === "SQLite format 3";
}

async function demandOutsideRuns(flag: string, path: string, run: string | undefined): Promise<void> {
  const named = run === undefined ? undefined : await realPath(run);
  const place = await realPath(path);
  const folders = foldersAround(place);
  const inside = folders.find((folder) => folder === named || isRunFolder(folder));
  if (inside === undefined) return;
  throw inputError(
    `${flag} must lie outside the run folder ${oneLine(inside)}, whose files are the run's own, but got ${oneLine(path)}; name another`,
  );
}

/** The folders that a path lies in, the innermost first. */
function foldersAround(path: string): string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...foldersAround(folder)];
}

function isRunFolder(path: string): boolean {
  const { config, metrics } = runFolder(path);
  return existsSync(config) && existsSync(metrics);
}

/** What all paths and links of a file have in common; nothing where there is no file. */
const identityOf = (path: string): Promise<string | undefined> =>
  stat(path, { bigint: true }).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => undefined,
  );

/** A path without links, whether there is a file of its name or not yet. */
const realPath = async (path: string): Promise<string> =>
  realpath(path).catch(async () => {
    const folder = dirname(resolve(path));
    return join(folder === resolve(path) ? folder : await realPath(folder), basename(path));
  });
