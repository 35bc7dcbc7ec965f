import { existsSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import { runFolder } from "../artifacts/run-folder.ts";
import { inputError } from "../util/error.ts";
import { oneLine } from "../util/text.ts";

/** What a command reads, and must not write over. */
export interface ReadPlaces {
  /** Files to answer for. */
  readonly files?: readonly string[];
  /** A database in a file. */
  readonly store?: string | undefined;
  /** The folder of a run, or of its model alone. */
  readonly run?: string;
}

/**
 * Demands of a file that a user named and a command is about to write that nothing is lost by it but a file of that name: it must be no folder or device, none of what is
 * read, nor lie in the folder of a run; and the name that it is written under first must be free.
 *
 * @param flag by which the file was named, such as `--out`
 * @throws {HypertrainError}
 */
export async function demandWritable(
  flag: string,
  path: string,
  { files = [], store, run }: ReadPlaces = {},
): Promise<void> {
  const told = oneLine(path);
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isFile()) {
    throw inputError(
      `${flag} must be a file or a new path, but ${told} is a ${found.isDirectory() ? "folder" : "device"}; choose another`,
    );
  }
  await demandOther(flag, path, files);
  if (store !== undefined) await demandNoStore(flag, path, store);
  await demandOutsideRuns(flag, path, run);
  if (!existsSync(asideOf(path))) return;
  throw inputError(
    `${flag} must be a file that can be written as ${oneLine(asideOf(path))} first, but there is one of that name; move it away, or choose another`,
  );
}

/** The name that `writeWhole` writes a file under before it is whole. */
const asideOf = (path: string): string => `${path}.part`;

/** Demands that a file takes the place of none to answer for, by whichever of its paths. @throws {HypertrainError} */
export async function demandOther(flag: string, path: string, files: readonly string[]): Promise<void> {
  const place = await identityOf(path);
  if (place === undefined || !new Set(await Promise.all(files.map(identityOf))).has(place)) return;
  throw inputError(
    `${flag} must be another file than those to answer for, but got ${oneLine(path)}, which is one of them; choose another`,
  );
}

/** What SQLite calls the files that a store is in, behind the store's own name. */
const ENDS = ["", "-wal", "-shm", "-journal"];

async function demandNoStore(flag: string, path: string, store: string): Promise<void> {
  const [place, identity] = [await realPath(path), await identityOf(path)];
  const kept = await realPath(store);
  const same = identity !== undefined && identity === (await identityOf(store));
  if (!same && !ENDS.some((end) => place === kept + end)) return;
  throw inputError(
    `${flag} must be another file than the store, but ${oneLine(path)} holds its studies; choose another`,
  );
}

async function demandOutsideRuns(flag: string, path: string, run: string | undefined): Promise<void> {
  const named = run === undefined ? undefined : await realPath(run);
  const place = await realPath(path);
  const folders = foldersAround(place);
  const inside = folders.find((folder) => folder === named || isRunFolder(folder));
  if (inside === undefined) return;
  throw inputError(
    `${flag} must lie outside the run folder ${oneLine(inside)}, whose files are the run's own, but got ${oneLine(path)}; choose another`,
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
