/**
 * Where a run stands: `last.safetensors`, and beside it the one before, `previous.safetensors`, for the case that the disk damages the last.
 * Wherever a writer is killed, one of the two is whole.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";

import { loadSnapshot, saveSnapshot, type Snapshot } from "../tuners/snapshot.ts";
import { HypertrainError } from "../util/error.ts";
import { demandGiven } from "../util/given.ts";
import { text } from "../util/rule.ts";
import { onDisk, writeWhole } from "./disk.ts";

/** A checkpoint as it was read. */
export interface FoundCheckpoint {
  readonly snapshot: Snapshot;
  /** Why it is the one before the last, in one sentence. */
  readonly warning?: string;
}

/** Replaces a checkpoint, and keeps the one before. @throws {HypertrainError} for what is no path, or no snapshot. */
export async function writeCheckpoint(folder: string, snapshot: Snapshot): Promise<void> {
  demandGiven("writeCheckpoint", { folder }, { folder: text });
  const { last, previous } = paths(folder);
  const bytes = saveSnapshot(snapshot); // which refuses what is none, before anything is made
  if (!existsSync(folder)) await onDisk(folder, () => mkdir(folder));
  if (existsSync(last)) await onDisk(previous, () => rename(last, previous));
  await writeWhole(last, bytes);
}

/**
 * The checkpoint in a folder, the one before where the last is damaged; `undefined` where the run was stopped before its first.
 *
 * @throws {HypertrainError} if none is whole, and for what is no path.
 */
export async function readCheckpoint(folder: string): Promise<FoundCheckpoint | undefined> {
  demandGiven("readCheckpoint", { folder }, { folder: text });
  const found = await findCheckpoint(folder);
  if (!found?.damage) return found && { snapshot: found.snapshot };
  const { snapshot, damage } = found;
  const { last } = paths(folder);
  await onDisk(last, () => rename(last, `${last}.damaged`)); // else the next one would put it in the place of this
  return {
    snapshot,
    warning: `${damage}; the run goes on from the checkpoint before, after step ${snapshot.progress.step}`,
  };
}

/**
 * The checkpoint that {@link readCheckpoint} gives, and what is wrong with the last where that is another. Changes nothing.
 *
 * @throws {HypertrainError} if none is whole.
 */
export async function findCheckpoint(
  folder: string,
): Promise<{ readonly snapshot: Snapshot; readonly damage?: string } | undefined> {
  const { last, previous } = paths(folder);
  let damage: HypertrainError | undefined;
  for (const path of [last, previous].filter((path) => existsSync(path))) {
    try {
      const snapshot = loadSnapshot(await onDisk(path, () => readFile(path)), path);
      return { snapshot, ...(damage && { damage: damage.message }) };
    } catch (error) {
      if (!(error instanceof HypertrainError)) throw error;
      damage ??= error;
    }
  }
  if (damage) throw damage;
  return undefined;
}

/** Whether checkpoints were written after the first, which a run writes where it starts. */
export const hasGoneOn = (folder: string): boolean => existsSync(paths(folder).previous);

const paths = (folder: string) => ({
  last: join(folder, "last.safetensors"),
  previous: join(folder, "previous.safetensors"),
});
