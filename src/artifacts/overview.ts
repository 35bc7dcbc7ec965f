import { lstat, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import type { HyperPoint, TracePoint } from "../api/trace.ts";
import { keptPoint } from "../tuners/best.ts";
import { findCheckpoint } from "./checkpoint.ts";
import { onDisk } from "./disk.ts";
import { isLocked } from "./lock.ts";
import { readOrigin } from "./origin.ts";
import { demandGiven } from "../util/given.ts";
import { mapValues } from "../util/record.ts";
import { text } from "../util/rule.ts";
import type { HyperSchedule } from "./schedule.ts";
import { openRunFolder, type RunFolder } from "./run-folder.ts";
import { lengthUpTo, readTrace } from "./trace-file.ts";

/** What a run folder tells of its run without being worked on. */
export interface RunOverview {
  readonly folder: RunFolder;
  /** What the run was configured with, as JSON: whoever wrote it knows how to read it. */
  readonly config: unknown;
  /** Running while a process works on it; finished once its schedule ends at its last point. */
  readonly state: "running" | "finished" | "stopped";
  /** The first point: where the run started, unless it is a search. Absent before its first evaluation, as the others are. */
  readonly first?: TracePoint;
  /** The hyperparameters that the run started from, in natural units; absent for a search until it has ended. */
  readonly start?: Readonly<Record<string, Pick<HyperPoint, "value" | "elements">>>;
  /** The run whose training and validation rows this one has trained on together, where it is a refit. */
  readonly refitted?: string;
  /** The point whose network the run has kept: that with the lowest validation loss, of a refit the last. */
  readonly best?: TracePoint;
  readonly last?: TracePoint;
  /** When the folder was last written to, as an ISO date. */
  readonly changed: string;
  readonly files: readonly RunFile[];
}

/** A file of a run folder. */
export interface RunFile {
  /** As seen from the run folder. */
  readonly name: string;
  readonly bytes: number;
}

/**
 * Demands what whoever goes on with a run demands of its checkpoint and its trace, and changes nothing.
 *
 * @throws {HypertrainError} naming what is damaged.
 */
export async function demandWhole({ checkpoint, metrics }: RunFolder): Promise<void> {
  const found = await findCheckpoint(checkpoint);
  if (found) await lengthUpTo(metrics, found.snapshot.progress.last.step);
}

/**
 * Reads what a run folder tells of its run.
 *
 * @throws {HypertrainError} if it is none, or is damaged.
 */
export async function readOverview(path: string): Promise<RunOverview> {
  demandGiven("readOverview", { path }, { path: text });
  const { folder, config } = await openRunFolder(path);
  const trace = await readTrace(folder.metrics);
  const [first, last] = [trace[0], trace.at(-1)];
  const refitted = (await readOrigin(folder))?.refitted;
  const best = keptPoint(trace, refitted !== undefined);
  const files = await filesIn(path);
  const schedule = await scheduleIn(folder);
  const done = endsAt(schedule, last);
  const start = first?.trial
    ? schedule?.start && mapValues(schedule.start, (value) => ({ value }))
    : first?.hyperparameters;
  return {
    folder,
    config,
    state: (await isLocked(folder)) ? "running" : done ? "finished" : "stopped",
    ...(first && { first }),
    ...(start && { start }),
    ...(refitted !== undefined && { refitted }),
    ...(best && { best }),
    ...(last && { last }),
    changed: new Date((await onDisk(path, () => newest(path))) ?? 0).toISOString(),
    files,
  };
}

/** Whether a run has come to its end, as far as its trace goes. */
export const hasEnded = async (folder: RunFolder): Promise<boolean> =>
  endsAt(await scheduleIn(folder), (await readTrace(folder.metrics)).at(-1));

const endsAt = (schedule: Partial<HyperSchedule> | undefined, last: TracePoint | undefined): boolean =>
  last !== undefined && schedule?.final?.step === last.step;

/** All files of a folder, by name. */
async function filesIn(path: string): Promise<RunFile[]> {
  const names = await onDisk(path, () => readdir(path, { recursive: true }));
  const files = await Promise.all(
    names.sort().map(async (name) => {
      const found = await lstat(join(path, name)).catch(() => undefined); // a running run replaces its files
      return found?.isFile() ? [{ name: name.replaceAll("\\", "/"), bytes: found.size }] : [];
    }),
  );
  return files.flat();
}

/** A run's schedule, which is written last of all; nothing where it is not there, or was cut short. */
const scheduleIn = ({ hyperparameters }: RunFolder): Promise<Partial<HyperSchedule> | undefined> =>
  readFile(hyperparameters, "utf8")
    .then((text) => JSON.parse(text) as Partial<HyperSchedule>) // only ever written by this package
    .catch(() => undefined);

const writtenAt = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );

async function newest(path: string): Promise<number | undefined> {
  const times = await Promise.all((await readdir(path)).map((name) => writtenAt(join(path, name))));
  return times.reduce(
    (last, time) => (time !== undefined && !(time <= (last ?? -Infinity)) ? time : last),
    undefined,
  );
}
