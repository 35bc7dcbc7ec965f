import { existsSync } from "node:fs";
import { link, open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { makeFolders } from "../data/node/make-folders.ts";
import { HypertrainError, inputError, workError } from "../util/error.ts";

/**
 * Writes a file so that its name stands for the old content or the new one, never for a part: aside in the same folder,
 * flushed, then renamed.
 */
export const writeWhole = (path: string, content: string | Uint8Array): Promise<void> =>
  onDisk(path, () => writeAside(path, content, { flag: "w", place: rename }));

/**
 * As `writeWhole`, but takes the name of no file that is there by then: neither that under which it is written first nor, unless `over`, its own. Whoever
 * looks first and then writes may write over a file that came in between.
 *
 * @returns the name that was taken, where nothing was written for that reason
 */
export const writeUntaken = (
  path: string,
  content: string | Uint8Array,
  { over = false }: { readonly over?: boolean } = {},
): Promise<string | undefined> =>
  onDisk(path, () =>
    writeAside(path, content, { flag: "wx", place: over ? rename : placeNew }).then(
      () => undefined,
      (error: NodeJS.ErrnoException & { readonly dest?: string }) => {
        if (error.code === "EEXIST") return error.dest ?? error.path;
        throw error;
      },
    ),
  );

/** The name that a file is written under before it is whole. */
export const asideOf = (path: string): string => `${path}.part`;

/** How a file is written aside, and brought to its place. */
interface Placing {
  /** `wx` where no file may be written over. */
  readonly flag: "w" | "wx";
  readonly place: (aside: string, path: string) => Promise<void>;
}

async function writeAside(
  path: string,
  content: string | Uint8Array,
  { flag, place }: Placing,
): Promise<void> {
  const aside = asideOf(path);
  try {
    const file = await open(aside, flag); // one that it cannot open is not its own to remove
    await filled(file, content)
      .then(() => place(aside, path))
      .catch(async (error: unknown) => {
        await rm(aside, { force: true }).catch(() => undefined); // what failed first says more
        throw error;
      });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const folder = dirname(path);
    if (!existsSync(folder)) await onDisk(folder, () => Promise.reject(error as Error));
    throw inputError(
      `${path} must be on a disk that files can be made on, but ${folder} takes none; choose another`,
      { cause: error },
    );
  }
  await syncFolder(dirname(path));
}

async function filled(file: FileHandle, content: string | Uint8Array): Promise<void> {
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives a file its name only if nothing has it: by a second link, or by an empty file of that name on disks that have no links. */
async function placeNew(aside: string, path: string): Promise<void> {
  try {
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error;
    await (await open(path, "wx")).close();
    await rename(aside, path).catch(async (fault: unknown) => {
      await rm(path, { force: true });
      throw fault;
    });
    return;
  }
  await rm(aside);
}

/**
 * Makes a folder and those around it that are missing.
 *
 * @throws {HypertrainError}
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeFolders(path);
  } catch (cause) {
    const { code, path: failed = path } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") {
      throw inputError(
        `${path} must be on a disk that folders can be made on, but ${dirname(resolve(failed))} takes none; choose another`,
        { cause },
      );
    }
    await onDisk(path, () => Promise.reject(cause as Error));
  }
}

/**
 * Does something with a path; what the operating system objects to becomes a sentence.
 *
 * @throws {HypertrainError}
 */
export async function onDisk<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (cause instanceof HypertrainError || code === undefined) throw cause;
    const reason = reasons[code];
    if (reason?.mendable) throw inputError(`${path} ${reason.says}`, { cause });
    throw workError(`${path} ${reason?.says ?? `failed: ${(cause as Error).message}`}`, { cause });
  }
}

/** Whether an error is of a disk that failed in the midst of work, which may go on where that is mended. */
export const isDiskFault = (error: unknown): boolean =>
  error instanceof HypertrainError &&
  error.code === "work" &&
  typeof (error.cause as NodeJS.ErrnoException | undefined)?.code === "string";

const reasons: Readonly<Record<string, { readonly says: string; readonly mendable: boolean }>> = {
  ENOENT: { says: "must exist, but does not; check the path", mendable: true },
  ENOTDIR: { says: "must lie in folders, but a part of the path is a file; choose another", mendable: true },
  EEXIST: { says: "must be a folder, but a file is there; choose another", mendable: true },
  EISDIR: { says: "must be a file, but is a folder; choose another", mendable: true },
  EACCES: {
    says: "must be open to reading and writing, but permission was denied; choose another",
    mendable: true,
  },
  EPERM: {
    says: "must be open to reading and writing, but permission was denied; choose another",
    mendable: true,
  },
  EROFS: {
    says: "must be on a disk that can be written to, but this one is read-only; choose another",
    mendable: true,
  },
  ENAMETOOLONG: { says: "must be a shorter path; choose another", mendable: true },
  ENOSPC: {
    says: "could not be written, because the disk is full; make room and try again",
    mendable: false,
  },
  EDQUOT: {
    says: "could not be written, because the disk quota is used up; make room and try again",
    mendable: false,
  },
  EMFILE: {
    says: "could not be opened, because too many files are open; close some and try again",
    mendable: false,
  },
  EIO: { says: "could not be read or written, because the disk reports an error", mendable: false },
};

/** Makes a rename survive a power cut, on systems that can. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
