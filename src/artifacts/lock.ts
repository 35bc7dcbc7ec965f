import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { link, open, readFile, rename, rm, writeFile } from "node:fs/promises";

import { inputError, workError } from "../util/error.ts";
import { onDisk } from "./disk.ts";
import { hasEnded, thisProcess, type ProcessName } from "./machine.ts";
import { folderWith, type RunFolder } from "./run-folder.ts";
import { demandGiven } from "../util/given.ts";

/** The right to write to a run folder, which one process has at a time. */
export interface RunLock extends AsyncDisposable {
  /** @throws {HypertrainError} where the folder was deleted, or is in other hands. */
  demandHeld(): Promise<void>;
  /** Gives it back without waiting, for a process that ends at once. */
  release(): void;
}

/**
 * Takes a run folder for this process. A lock whose owner is dead is taken over.
 *
 * ```ts
 * await using lock = await lockRunFolder(folder);
 * ```
 *
 * @throws {HypertrainError} naming the process that has it.
 */
export async function lockRunFolder(folder: Pick<RunFolder, "path" | "lock">): Promise<RunLock> {
  demandGiven("lockRunFolder", { folder }, { folder: folderWith("path", "lock") });
  const { path, lock } = folder;
  const own = JSON.stringify({ ...thisProcess(), token: randomUUID() });
  while (!(await create(lock, own))) await clearAway(path, lock);
  const release = () => {
    if (existsSync(lock) && readFileSync(lock, "utf8") === own) rmSync(lock, { force: true });
  };
  return {
    async demandHeld() {
      const found = await textOf(lock);
      if (found === own) return;
      if (!existsSync(path))
        throw workError(
          `${path} must stay where it is, but was deleted while the run went on; start it anew`,
        );
      throw workError(
        `${lock} must stay this run's, but ${found === undefined ? "was deleted" : "another process has taken it"} while the run went on; go on with \`hypertrain resume ${path}\` once nothing else works on it`,
      );
    },
    release,
    [Symbol.asyncDispose]: async () => release(),
  };
}

/** Whether a process works on a run folder that may still live. */
export async function isLocked(folder: Pick<RunFolder, "lock">): Promise<boolean> {
  demandGiven("isLocked", { folder }, { folder: folderWith("lock") });
  const text = await textOf(folder.lock);
  const owner = text === undefined ? undefined : ownerOf(text);
  return owner !== undefined && !hasEnded(owner);
}

/** Demands that no process works on a run folder which is read as a whole. @throws {HypertrainError} naming the process that does. */
export async function demandUnlocked({ path, lock }: RunFolder): Promise<void> {
  const text = await textOf(lock);
  if (text !== undefined) demandEnded(path, lock, ownerOf(text));
}

const create = (lock: string, text: string): Promise<boolean> =>
  onDisk(lock, async () => {
    const aside = `${lock}.${randomUUID()}.part`; // whoever finds the lock finds it whole
    try {
      const file = await open(aside, "wx");
      await file.writeFile(text).finally(() => file.close());
      await link(aside, lock).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code === "EEXIST") throw error;
        await writeFile(lock, text, { flag: "wx" }); // a disk without links
      });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    } finally {
      await rm(aside, { force: true });
    }
  });

/** Removes the lock of a process that has ended; one that is put in its place meanwhile stays. */
async function clearAway(path: string, lock: string): Promise<void> {
  const found = await textOf(lock);
  if (found === undefined) return;
  demandEnded(path, lock, ownerOf(found));
  const aside = `${lock}.${randomUUID()}.part`;
  try {
    await rename(lock, aside);
    if ((await textOf(aside)) !== found) await link(aside, lock);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "EEXIST") throw error; // another process was as quick
  } finally {
    await rm(aside, { force: true });
  }
}

function demandEnded(path: string, lock: string, owner: ProcessName | undefined): void {
  if (!owner || hasEnded(owner)) return;
  throw inputError(
    `${path} must be worked on by one process at a time, but process ${owner.pid} on ${owner.host} works on it; wait for its end, or delete ${lock} if that process is gone`,
  );
}

/** The owner that a lock names; a lock that is no JSON was cut short by a crash. */
function ownerOf(text: string): ProcessName | undefined {
  try {
    return JSON.parse(text) as ProcessName; // only ever written here
  } catch {
    return undefined;
  }
}

const textOf = (path: string): Promise<string | undefined> => readFile(path, "utf8").catch(() => undefined);
