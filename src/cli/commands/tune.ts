import { lossUnitOf } from "../../report/loss-unit.ts";
import { sentencesOn } from "../../report/warnings.ts";
import { HypertrainError } from "../../util/error.ts";
import { INTERRUPTED, listenForInterrupt, stoppedNote, type Interrupt } from "../terminal/interrupt.ts";
import { loadJob, type Job } from "../run/job.ts";
import { hasGoneOn, readCheckpoint } from "../../artifacts/checkpoint.ts";
import { isDiskFault } from "../../artifacts/disk.ts";
import { lockRunFolder } from "../../artifacts/lock.ts";
import {
  createRunFolder,
  removeAtOnce,
  removeRunFolder,
  type RunFolder,
} from "../../artifacts/run-folder.ts";
import { keepOrigin } from "../run/origin.ts";
import { keptConfig } from "../run/run-config.ts";
import { openTerminal, type Terminal } from "../terminal/terminal.ts";
import { openTracking } from "../tracking/open-tracking.ts";
import type { Tracker } from "../tracking/tracker.ts";
import { completeRun, openRun } from "../run/complete-run.ts";
import { demandOutsideRuns } from "../files/written-file.ts";
import { readConfig, type Flags } from "../config/read-config.ts";

/**
 * Tunes a model in one run.
 *
 * @param file a config file, or a module with a problem
 * @returns the exit code
 */
export async function tune(file: string | undefined, flags: Flags): Promise<number> {
  let auto: string | undefined;
  const config = await readConfig(file, flags, { tell: (choice) => (auto = choice) });
  if (config.out !== undefined) await demandOutsideRuns("--out", config.out);
  const terminal = await openTerminal(config);
  if (auto !== undefined) terminal.note(auto);
  using interrupt = listenForInterrupt(terminal.note);
  const { note } = terminal;
  const job = await loadJob(config, {
    auto,
    signal: interrupt.signal,
    onFallback: note,
    onDownload: ({ file, received, total }) => {
      if (received === total) note(`fetched ${file}, ${total} bytes`);
    },
  });
  tellOfData(job, note);
  await using tracking = await openTracking(job.config, job.named.name, note);
  const { tracker } = tracking;
  const { store } = job.config;
  if (store === undefined) return await tuneInFolder(job, terminal, interrupt, tracker);
  warn(sentencesOn("options", job.named.warnings), note);
  const { tuneStudy } = await import("./tune-study.ts"); // databases are slow to load
  return await tuneStudy({ ...job, config: { ...job.config, store } }, terminal, interrupt, tracker);
}

type Note = Terminal["note"];

function tellOfData({ named: { supervised, warnings } }: Job, note: Note): void {
  const { chosen } = supervised?.data.images ?? {};
  if (chosen !== undefined) note(chosen);
  warn(sentencesOn("data", warnings), note);
  const lossUnit = supervised && lossUnitOf(supervised);
  if (lossUnit !== undefined) note(lossUnit);
}

function warn(sentences: readonly string[], note: Note): void {
  for (const sentence of sentences) note(`warning: ${sentence}`);
}

/** Trains in a run folder of its own. @returns the exit code */
async function tuneInFolder(
  job: Job,
  { progress, note, stopped, result }: Terminal,
  interrupt: Interrupt,
  tracker: Tracker | undefined,
): Promise<number> {
  const { config, named } = job;
  const options = { progress, note, signal: interrupt.signal, clock: performance };
  const run = await openRun(job, options);
  warn([...sentencesOn("options", named.warnings), ...run.remarks], note); // of what can be run
  const name = `${named.name}-${config.method}-${config.seed}`;
  const place = config.out === undefined ? { name } : { out: config.out };
  const folder = await createRunFolder(keptConfig(config), place);
  await using lock = await lockRunFolder(folder);
  interrupt.beforeEnd(() => {
    if (hasGoneOn(folder.checkpoint)) stopped(stoppedNote(folder.path));
    else removeAtOnce(folder); // it would be nearly empty
    lock.release();
  });
  await keepOrigin(folder, job);
  const outcome = await completeRun(job, run, folder, {
    ...options,
    lock,
    ...(tracker && { tracker }),
  }).catch(async (cause: unknown) => {
    if (await removedAsEmpty(folder)) throw cause;
    if (isDiskFault(cause)) stopped(stoppedNote(folder.path));
    else if (cause instanceof HypertrainError && cause.code === "work")
      note(`the run folder is ${folder.path}`);
    throw cause;
  });
  if (outcome.kind === "interrupted") {
    const isEmpty = await removedAsEmpty(folder);
    stopped(
      isEmpty ? "stopped before anything was trained; nothing is left behind" : stoppedNote(folder.path),
    );
    return INTERRUPTED;
  }
  result(outcome.result);
  if (outcome.failure) throw outcome.failure;
  return 0;
}

/** Removes a run folder in which nothing was trained. @returns whether it did */
async function removedAsEmpty(folder: RunFolder): Promise<boolean> {
  const found = await readCheckpoint(folder.checkpoint).catch(() => "damaged" as const);
  if (found === "damaged" || (found && found.snapshot.progress.step > 0)) return false;
  await removeRunFolder(folder).catch(() => undefined); // what failed first says more
  return true;
}
