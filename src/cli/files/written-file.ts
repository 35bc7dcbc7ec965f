import { existsSync } from "node:fs";
import { lstat, open, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";

import { asideOf, writeUntaken } from "../../artifacts/disk.ts";
import { openRunFolder, runFolder } from "../../artifacts/run-folder.ts";
import { isImage } from "../../data/node/decode-images.ts";
import { inputError, type HypertrainError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";

/** Files that a user named, by the option that does: its path; for an option that names a folder, which of its files are written; undefined where it was not given. */
export type NamedFiles = Readonly<
  Record<string, string | { readonly folder: string; readonly files: readonly string[] } | undefined>
>;

/** What a command may write over, and what it must not. */
export interface WritableOptions {
  /** Whether the files may take the place of those that are there: only of some use where one is named. Default false. */
  readonly force?: boolean | undefined;
  /** Files to answer for. */
  readonly files?: readonly string[];
  /** The folder of a run, or of its model alone. */
  readonly run?: string;
}

/** Writes a file that a user named. @throws {HypertrainError} where there is one by now, and it must be new. */
export type WriteNamed = (path: string, content: string | Uint8Array) => Promise<void>;

/**
 * Demands of the files that a user named and a command is about to write that they are new, or are to be written over; that even then they are no folders or devices, none of the
 * files to answer for or that the run was made from, none of a database's, nor lie in the folder of a run; and that the names that they are written under first are free.
 *
 * @param named such as `{ "--out": out }`
 * @returns what writes them when the work is done
 * @throws {HypertrainError}
 */
export async function demandWritable(
  named: NamedFiles,
  { force = false, files = [], run }: WritableOptions = {},
): Promise<WriteNamed> {
  const given = pathsOf(named);
  if (force && given.size === 0) {
    const options = Object.keys(named).join(" or ");
    throw inputError(
      `--force must come with ${options}, whose file it lets take the place of another, but got it alone; add ${options}, or leave it out`,
    );
  }
  for (const [path, what] of given) {
    await demandFile(what, path);
    await demandOther(what, path, files);
    if (run !== undefined)
      await demandOther(what, path, await sourcesOf(run, path), "that the run was made from");
    await demandNoDatabase(what, path);
    await demandOutsideRuns(what, path, run);
    if (!force && (await lstat(path).catch(() => undefined))) throw there(what, path);
    if (existsSync(asideOf(path))) throw asideThere(what, path);
  }
  return async (path, content) => {
    const what = given.get(path);
    if (what === undefined) throw new Error(`internal: ${path} was not demanded to be writable`);
    const taken = await writeUntaken(path, content, { over: force });
    if (taken === path) throw there(what, path);
    if (taken !== undefined) throw asideThere(what, path);
  };
}

/** What each file is called in sentences, by its path. */
const pathsOf = (named: NamedFiles): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(named).flatMap(([flag, place]): (readonly [string, string])[] => {
      if (place === undefined) return [];
      if (typeof place === "string") return [[place, flag]];
      return place.files.map((file) => [join(place.folder, file), `${file} in ${flag}`]);
    }),
  );

const there = (what: string, path: string): HypertrainError =>
  inputError(
    `${what} must be a new file, but ${oneLine(path)} exists; name another, or write over it with --force`,
  );

const asideThere = (what: string, path: string): HypertrainError =>
  inputError(
    `${what} must be a file that can be written as ${oneLine(asideOf(path))} first, but there is one of that name; move it away, or name another`,
  );

async function demandFile(what: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found || found.isFile()) return;
  throw inputError(
    `${what} must be a file, but ${oneLine(path)} is a ${found.isDirectory() ? "folder" : "device"}; name another`,
  );
}

/** Demands that a file takes the place of none of some, by whichever of its paths. @throws {HypertrainError} */
export async function demandOther(
  what: string,
  path: string,
  files: readonly string[],
  whose = "to answer for",
): Promise<void> {
  const place = await identityOf(path);
  if (place === undefined || !new Set(await Promise.all(files.map(identityOf))).has(place)) return;
  throw inputError(
    `${what} must be another file than those ${whose}, but got ${oneLine(path)}, which is one of them; name another`,
  );
}

/** The files that the configuration of a run names: its data, and the modules of its problem and its network; also `path`, if it is an image in a folder of data. */
async function sourcesOf(run: string, path: string): Promise<readonly string[]> {
  const config = await openRunFolder(run).then(
    (opened) => Object(opened.config) as object,
    () => ({}), // whoever opens the run says what is wrong
  );
  const named = Object.values(config).filter(
    (value): value is string => typeof value === "string" && isAbsolute(value),
  );
  if (!isImage(path)) return named;
  const folders = foldersAround(await realPath(path));
  const isWithin = (await Promise.all(named.map(realPath))).some((folder) => folders.includes(folder));
  return isWithin ? [...named, path] : named;
}

/** What SQLite calls the files that a database is in, behind the database's own name. */
const ENDS = ["", "-wal", "-shm", "-journal"];

async function demandNoDatabase(what: string, path: string): Promise<void> {
  const place = await realPath(path);
  for (const end of ENDS) {
    if (!place.endsWith(end) || !(await isDatabase(place.slice(0, place.length - end.length)))) continue;
    throw inputError(
      `${what} must be no file of a database, but ${oneLine(path)} is one of SQLite's; name another`,
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

/**
 * Demands of what a user named that it lies outside the folders of runs.
 *
 * @param run the folder of a run, or of its model alone
 * @throws {HypertrainError}
 */
export async function demandOutsideRuns(what: string, path: string, run?: string): Promise<void> {
  const named = run === undefined ? undefined : await realPath(run);
  const place = await realPath(path);
  const folders = foldersAround(place);
  const inside = folders.find((folder) => folder === named || isRunFolder(folder));
  if (inside === undefined) return;
  throw inputError(
    `${what} must lie outside the run folder ${oneLine(inside)}, whose files are the run's own, but got ${oneLine(path)}; name another`,
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
