import { existsSync } from "node:fs";

import { hasEnded } from "../../artifacts/overview.ts";
import { endedAt } from "../../artifacts/record.ts";
import type { RunFolder } from "../../artifacts/run-folder.ts";
import { truncateTrace } from "../../artifacts/trace-file.ts";
import type { RunEnd } from "../../report/run-facts.ts";
import type { Snapshot } from "../../tuners/snapshot.ts";
import { HypertrainError, inputError } from "../../util/error.ts";
import { openRun } from "../run/complete-run.ts";
import { openContinuedRun, type ContinueFlags } from "../run/continued-run.ts";
import { present, wantsBaseline } from "../run/finish-run.ts";
import { demandKnownModule, demandSameHypers, demandSameLayers } from "../run/fits-run.ts";
import type { Job } from "../run/job.ts";
import type { RunContext } from "../run/record-training.ts";

/**
 * Ends a run where its checkpoint stands: writes the model and the report of its best epoch, and trains no more.
 *
 * @returns the exit code
 */
export async function finish(path: string, flags: ContinueFlags): Promise<number> {
  const { force = false } = flags;
  await using continued = await openContinuedRun(path, flags);
  const { folder, job, origin, from, terminal, context } = continued;
  if (!from || !existsSync(folder.metrics)) {
    throw inputError(`${path} must hold a checkpoint, but its run was stopped before the first; resume it`);
  }
  const stopped = endedAt(from);
  if (force) demandSameLayers(path, job, stopped.weights);
  if (force) demandSameHypers(path, job, from);
  if (await hasEnded(folder)) {
    throw inputError(
      `${path} must be a run that was stopped, but has ended; use its model as it is, or go on with \`hypertrain resume ${path} --epochs N\``,
    );
  }
  await demandKnownModule(folder, origin, job, { force, note: terminal.note });
  await truncateTrace(folder.metrics, from.progress.last.step);
  const ended = { ...stopped, reason: await reasonAt(job, context, from) };
  await continued.keepChanges();
  const remark = wantsBaseline(job, ended) ? withoutComparison(folder, ended) : undefined;
  terminal.result(await present(job, folder, ended, context, remark === undefined ? {} : { remark }));
  return 0;
}

/** By which limit a run has ended where its checkpoint stands; `stopped` where it would go on, and where what was changed by force lets it not. */
async function reasonAt(job: Job, options: RunContext, from: Snapshot): Promise<RunEnd["reason"]> {
  try {
    const still = { ...options, signal: AbortSignal.abort(), clock: { now: () => 0 } };
    const run = await openRun(job, still, from);
    try {
      for await (const event of run.events()) {
        if (event.kind === "end" && event.reason !== "interrupted") return event.reason;
      }
    } finally {
      run.dispose();
    }
  } catch (error) {
    if (!(error instanceof HypertrainError)) throw error;
  }
  return "stopped";
}

const withoutComparison = ({ path }: RunFolder, { reason }: Pick<RunEnd, "reason">): string =>
  `There is no comparison with the start held fixed, since the run was finished before ${reason === "stopped" ? "its end" : "its baseline had ended"}: \`hypertrain resume ${path}\` completes ${reason === "stopped" ? "both" : "that"}.`;
