import { lossUnitOf } from "../../report/loss-unit.ts";
import { sentencesOn } from "../../report/warnings.ts";
import { HypertrainError } from "../../util/error.ts";
import { INTERRUPTED, listenForInterrupt, stoppedNote } from "../interrupt.ts";
import { loadJob } from "../job.ts";
import { hasGoneOn, readCheckpoint } from "../../artifacts/checkpoint.ts";
import { lockRunFolder } from "../../artifacts/lock.ts";
import {
  createRunFolder,
  removeAtOnce,
  removeRunFolder,
  type RunFolder,
} from "../../artifacts/run-folder.ts";
import { keepOrigin } from "../origin.ts";
import { keptConfig } from "../run-config.ts";
import { openTerminal } from "../terminal.ts";
import { openTracking } from "../tracking/open-tracking.ts";
import { completeRun, openRun } from "../complete-run.ts";
import { demandOutsideRuns } from "../written-file.ts";
import { readConfig, type Flags } from "../read-config.ts";

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
  const { progress, note } = terminal;
  const options = { progress, note, signal: interrupt.signal, clock: performance };

  const job = await loadJob(config, {
    auto,
    signal: interrupt.signal,
    onFallback: terminal.note,
    onDownload: ({ file, received, total }) => {
      if (received === total) terminal.note(`fetched ${file}, ${total} bytes`);
    },
  });
  const { chosen } = job.named.supervised?.data.images ?? {};
  if (chosen !== undefined) terminal.note(chosen);
  const warn = (sentences: readonly string[]) => {
    for (const sentence of sentences) terminal.note(`warning: ${sentence}`);
  };
  warn(sentencesOn("data", job.named.warnings));
  const ofOptions = sentencesOn("options", job.named.warnings);
  const lossUnit = job.named.supervised && lossUnitOf(job.named.supervised);
  if (lossUnit !== undefined) terminal.note(lossUnit);
  const { store } = job.config;
  await using tracking = await openTracking(job.config, job.named.name, terminal.note);
  const { tracker } = tracking;
  if (store !== undefined) {
    warn(ofOptions);
    const { tuneStudy } = await import("./tune-study.ts"); // databases are slow to load
    return await tuneStudy({ ...job, config: { ...job.config, store } }, terminal, interrupt, tracker);
  }
  const run = await openRun(job, options);
  warn([...ofOptions, ...run.remarks]); // of what can be run
  const name = `${job.named.name}-${config.method}-${config.seed}`;
  const place = config.out === undefined ? { name } : { out: config.out };
  const folder = await createRunFolder(keptConfig(job.config), place);
  await using lock = await lockRunFolder(folder);
  interrupt.beforeEnd(() => {
    if (!hasGoneOn(folder.checkpoint)) removeAtOnce(folder); // else it would be nearly empty
    lock.release();
  });
  await keepOrigin(folder, job);
  const outcome = await completeRun(job, run, folder, {
    ...options,
    lock,
    ...(tracker && { tracker }),
  }).catch(async (cause: unknown) => {
    if (await removedAsEmpty(folder)) throw cause;
    if (cause instanceof HypertrainError && cause.code === "work")
      terminal.note(`the run folder is ${folder.path}`);
    throw cause;
  });
  if (outcome.kind === "interrupted") {
    if (await removedAsEmpty(folder)) {
      terminal.note("stopped before anything was trained; nothing is left behind");
      return INTERRUPTED;
    }
    terminal.note(stoppedNote(folder.path));
    return INTERRUPTED;
  }
  terminal.result(outcome.result);
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
