import type { TuneResult } from "../../api/result.ts";
import type { RecordedRun } from "../../artifacts/record.ts";
import { readResult } from "../../artifacts/result-file.ts";
import type { RunFolder } from "../../artifacts/run-folder.ts";
import { readTrace } from "../../artifacts/trace-file.ts";
import { holdsHypers } from "../../methods/lookup.ts";
import type { Run } from "../../tuners/run.ts";
import { HypertrainError, workError } from "../../util/error.ts";
import { trainBaseline } from "./baseline.ts";
import type { Job } from "./job.ts";
import { linearModel } from "./linear-model.ts";
import type { RunContext } from "./record-training.ts";
import { writeModel, writeSummary, type ToldBesides, type Rivals } from "./run-files.ts";
import { limitsOfRival } from "./run-options.ts";

/** How the work on a run folder ended. */
export type RunOutcome =
  | { readonly kind: "interrupted" }
  /** `advanced` is false if all had been done before. */
  | {
      readonly kind: "finished";
      readonly result: TuneResult;
      readonly advanced: boolean;
      /** What went wrong, in a run that has a result all the same. */
      readonly failure?: HypertrainError;
    };

/** Does what is left to do when a run has been trained: the model, the baseline, the report. */
export async function conclude(
  job: Job,
  folder: RunFolder,
  tuned: RecordedRun,
  options: RunContext,
  run?: Run,
): Promise<RunOutcome> {
  const own = run && { run };
  await options.lock?.demandHeld();
  await writeModel(job, folder, tuned, options.note);

  const limits = wantsBaseline(job, tuned) && limitsOfRival(job, await readTrace(folder.metrics));
  const baseline = limits
    ? await trainBaseline(job, folder, limits, options).catch(withoutBaseline)
    : undefined;
  if (baseline instanceof Error) {
    const result = await writeSummary(job, folder, tuned, { ...own });
    return { kind: "finished", result, advanced: true, failure: baseline };
  }
  if (baseline?.reason === "interrupted") return { kind: "interrupted" };
  const known = tuned.advanced || baseline?.advanced ? undefined : await resultOf(folder);
  const linear =
    limits && baseline && (known?.baseline ? known.linear : await linearModel(job, limits, options));
  if (baseline && options.signal.aborted) return { kind: "interrupted" };

  await options.lock?.demandHeld();
  const rivals: Rivals = { ...(baseline && { baseline }), ...(linear && { linear }) };
  const result = await writeSummary(job, folder, tuned, { ...own, ...rivals });
  return {
    kind: "finished",
    result,
    advanced: tuned.advanced || (baseline?.advanced ?? false),
    ...(baseline?.failure && { failure: baselineFailed(baseline.failure) }),
  };
}

/** What a run whose work had all been done before has said of itself; nothing where it has not, or where that can no longer be read, as it is written anew. */
const resultOf = async (folder: RunFolder): Promise<TuneResult | undefined> =>
  (await readResult(folder).catch(() => undefined))?.result;

/** Whether a run is to be compared with the same training with its start held fixed. */
export const wantsBaseline = (
  { config }: Pick<Job, "config">,
  { final }: Pick<RecordedRun, "final">,
): boolean => config.baseline && !holdsHypers(config.method) && final.step > 0;

/** Writes the model and the report of a run that ended before its time; of a run that is there still, it says when it would have tuned. */
export async function present(
  job: Job,
  folder: RunFolder,
  ended: RecordedRun,
  { lock, note }: RunContext,
  more: { readonly run?: Run } & ToldBesides = {},
): Promise<TuneResult> {
  await lock?.demandHeld();
  await writeModel(job, folder, ended, note);
  return writeSummary(job, folder, ended, more);
}

/** A baseline that cannot be trained costs the report its comparison, and nothing else. */
function withoutBaseline(cause: unknown): HypertrainError {
  if (cause instanceof HypertrainError && cause.code === "work") return baselineFailed(cause);
  throw cause;
}

const baselineFailed = (cause: HypertrainError): HypertrainError =>
  workError(`the tuned run is whole, but its baseline failed: ${cause.message}`, { cause });
