/**
 * Where a run stands, in two files that change together although the disk can only replace one at a time:
 *
 * 1. `best.safetensors.next`: the best network's weights, if they are newer than those in `best.safetensors`;
 * 2. `last.safetensors`: the whole state, and in its notes which step was best;
 * 3. `best.safetensors.next` becomes `best.safetensors`.
 *
 * Whoever reads finds the best weights of the step that `last` names in one of the two, wherever the writer was killed.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import type { Progress, Snapshot } from "../tuners/run.ts";
import { inputError } from "../util/error.ts";
import type { HostTree } from "../util/host-array.ts";
import { onDisk, writeWhole } from "./disk.ts";
import { decodeTensors, encodeTensors } from "./safetensors.ts";

/** A network's weights and the training step after which they were these. */
export interface Weights {
  readonly step: number;
  readonly params: HostTree;
}

/** Everything that a run goes on from. */
export interface Checkpoint {
  readonly snapshot: Snapshot;
  /** The weights with the lowest validation loss so far. */
  readonly best: Weights;
}

/** Replaces a checkpoint; `best` is written only if its step is another one than `written`'s. */
export async function writeCheckpoint(
  folder: string,
  { snapshot, best }: Checkpoint,
  writtenBest?: number,
): Promise<void> {
  await onDisk(folder, () => mkdir(folder, { recursive: true }));
  const { last, bestFile, next } = paths(folder);
  if (best.step !== writtenBest) {
    const notes = { format: FORMAT, step: String(best.step) };
    await writeWhole(next, encodeTensors({ tensors: { params: best.params }, notes }));
  }
  const notes = { format: FORMAT, progress: JSON.stringify(snapshot.progress) };
  await writeWhole(last, encodeTensors({ tensors: snapshot.state, notes }));
  if (best.step !== writtenBest) await onDisk(bestFile, () => rename(next, bestFile));
}

/**
 * The checkpoint in a folder; `undefined` where the run was stopped before its first.
 *
 * @throws {HypertrainError} if it is damaged.
 */
export async function readCheckpoint(folder: string): Promise<Checkpoint | undefined> {
  const { last, bestFile, next } = paths(folder);
  if (!existsSync(last)) return undefined;
  const { tensors, notes } = await readTensorFile(last);
  const progress = parseProgress(last, notes.progress);
  const snapshot = { state: tensors as Snapshot["state"], progress };
  for (const path of [next, bestFile].filter((path) => existsSync(path))) {
    const found = await readTensorFile(path);
    if (found.notes.step !== String(progress.best.step)) continue;
    if (path === next) await onDisk(bestFile, () => rename(next, bestFile));
    await onDisk(next, () => rm(next, { force: true }));
    return {
      snapshot,
      best: { step: progress.best.step, params: (found.tensors as { params: HostTree }).params },
    };
  }
  throw inputError(
    `${bestFile} must hold the weights of step ${progress.best.step}, but it is missing or of another step; the checkpoint is damaged, start the run anew`,
  );
}

const FORMAT = "hypertrain 1";

const paths = (folder: string) => ({
  last: join(folder, "last.safetensors"),
  bestFile: join(folder, "best.safetensors"),
  next: join(folder, "best.safetensors.next"),
});

async function readTensorFile(path: string) {
  const file = decodeTensors(await onDisk(path, () => readFile(path)), path);
  if (file.notes.format === FORMAT) return file;
  throw inputError(
    `${path} must be a checkpoint of the format "${FORMAT}", but is of ${JSON.stringify(file.notes.format ?? "another")}; use the version of hypertrain that wrote it`,
  );
}

function parseProgress(path: string, text = ""): Progress {
  try {
    return JSON.parse(text) as Progress; // under the format's name, only ever written by writeCheckpoint
  } catch (cause) {
    throw inputError(`${path} must say where the run stands, but it is damaged; start the run anew`, {
      cause,
    });
  }
}
