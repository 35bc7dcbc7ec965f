import type { TuneResult } from "../../api/result.ts";
import type { RunFolder } from "../../artifacts/run-folder.ts";
import { epochText } from "../../report/format.ts";
import { holdsHypers } from "../../methods/lookup.ts";
import type { Run } from "../../tuners/run.ts";
import type { Snapshot } from "../../tuners/snapshot.ts";
import { workError, type HypertrainError } from "../../util/error.ts";
import { conclude, present, type RunOutcome } from "./finish-run.ts";
import type { Job } from "./job.ts";
import { openTraining, recordTraining, type RunContext } from "./record-training.ts";
import { runOptions, timeLimitOf } from "./run-options.ts";

/**
 * Prepares the training of a job, so that what cannot be trained is known before a folder is made.
 *
 * @throws {HypertrainError}
 */
export function openRun(job: Job, options: RunContext, from?: Snapshot): Promise<Run> {
  const { config, named, warmupShare } = job;
  const length = runOptions(config, named);
  return openTraining(job, { ...length, ...(warmupShare !== undefined && { warmupShare }) }, options, from);
}

/**
 * Does what is left to do in a run folder: training, the baseline, the files for people. Each part goes on from its last
 * checkpoint, and does nothing where it had ended.
 */
export async function completeRun(
  job: Job,
  run: Run,
  folder: RunFolder,
  options: RunContext,
  from?: Snapshot,
): Promise<RunOutcome> {
  const { config } = job;
  const name = holdsHypers(config.method) ? "training" : "tuning";
  const tuned = await recordTraining(
    job,
    run,
    folder,
    { name, timeLimit: timeLimitOf(config) },
    options,
    from,
  );
  if (tuned.reason === "interrupted") return { kind: "interrupted" };
  if (tuned.failure) {
    const result = await present(job, folder, tuned, options, { run });
    return { kind: "finished", result, advanced: true, failure: endedEarly(folder, tuned.failure, result) };
  }
  return conclude(job, folder, tuned, options, run);
}

const endedEarly = ({ path }: RunFolder, cause: HypertrainError, { best }: TuneResult): HypertrainError =>
  workError(`${cause.message}; model and report in ${path} are of the best epoch, ${epochText(best)}`, {
    cause,
  });
