import { truncateTrace } from "../../artifacts/trace-file.ts";
import { completeRun, openRun } from "../run/complete-run.ts";
import { openContinuedRun, type ContinueFlags } from "../run/continued-run.ts";
import { demandKnownModule, demandSameHypers } from "../run/fits-run.ts";
import { INTERRUPTED, stoppedNote } from "../terminal/interrupt.ts";
import type { LongerFlags } from "../run/longer-config.ts";
import { openTracking } from "../tracking/open-tracking.ts";
import { count } from "../../util/words.ts";

/** What `hypertrain resume` accepts. */
export interface ResumeFlags extends ContinueFlags, LongerFlags {
  /** Writes the report while the run goes on. */
  readonly watch?: boolean;
}

/**
 * Goes on with a run, bit for bit.
 *
 * @returns the exit code
 */
export async function resume(path: string, flags: ResumeFlags): Promise<number> {
  const { force = false } = flags;
  await using continued = await openContinuedRun(path, flags);
  const { folder, job, origin, from, terminal, context } = continued;
  const { note } = terminal;
  if (force && from) demandSameHypers(path, job, from);
  await demandKnownModule(folder, origin, job, { force, note });
  const run = await openRun(job, context, from);
  await continued.keepChanges();
  if (from) await truncateTrace(folder.metrics, from.progress.last.step);
  await using tracking = await openTracking(job.config, job.named.name, note);
  const { tracker } = tracking;
  const outcome = await completeRun(job, run, folder, { ...context, ...(tracker && { tracker }) }, from);
  if (outcome.kind === "interrupted") {
    terminal.stopped(stoppedNote(folder.path));
    return INTERRUPTED;
  }
  const { result, advanced, failure } = outcome;
  if (!advanced) {
    note(
      `${folder.path} was finished after ${count(result.final.epoch, "epoch")}; the report is written anew, and --epochs N or --time TIME goes on`,
    );
  }
  terminal.result(result);
  if (failure) throw failure;
  return 0;
}
