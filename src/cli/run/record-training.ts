import type { RunLock } from "../../artifacts/lock.ts";
import { recordRun, type RecordedRun } from "../../artifacts/record.ts";
import type { RunFolder } from "../../artifacts/run-folder.ts";
import type { Run, RunEvent, RunOptions } from "../../tuners/run.ts";
import type { Snapshot } from "../../tuners/snapshot.ts";
import { HypertrainError, workError } from "../../util/error.ts";
import { thrown } from "../../util/thrown.ts";
import { stepsPerEpochOf, type Job } from "./job.ts";
import { tellIfLong, type LongRun } from "./long-run.ts";
import { livePage } from "./live-page.ts";
import { methodRun } from "./method-run.ts";
import type { OpenView, Phase } from "../progress/progress.ts";
import { paramsOf, trackedName } from "../tracking/open-tracking.ts";
import { lossUnitOf } from "../../report/loss-unit.ts";
import { trackRun } from "../tracking/track-run.ts";
import type { TrackedEnd, Tracker } from "../tracking/tracker.ts";

/** What the training of a run folder needs from outside. */
export interface RunContext {
  readonly progress: OpenView;
  readonly signal: AbortSignal;
  readonly clock: { now(): number };
  /** The right to write to the run folder. */
  readonly lock?: RunLock;
  /** What else is told of the trainings. */
  readonly tracker?: Tracker;
  /** A remark on the way. */
  note(line: string): void;
}

/** The run of a job under some options; nothing is written yet. @throws {HypertrainError} */
export const openTraining = (
  { config, named, engine }: Job,
  options: RunOptions,
  { signal, clock }: RunContext,
  from?: Snapshot,
): Promise<Run> => methodRun(config, named, engine, options, { clock, signal }, from);

/** Trains into a run folder from where it stands, and tells of it: terminal, page and trackers. */
export async function recordTraining(
  job: Job,
  run: Run,
  folder: RunFolder,
  phase: Phase,
  { progress, clock, lock, note, tracker }: RunContext,
  from?: Snapshot,
): Promise<RecordedRun> {
  const { config } = job;
  const view = progress(phase);
  const page = config.watch ? livePage(job, folder, { clock, note }) : undefined;
  const tracked = tracker && trackRun(tracker, trackedAs(job, folder, phase));
  const long =
    phase.name === "baseline" || from ? undefined : tellIfLong(longRun(job, run, folder, phase, note));
  const watch = (event: RunEvent) => {
    view.see(event);
    long?.(event);
    tracked?.see(event);
    page?.see(event);
  };
  let stopped = true;
  let how: TrackedEnd = "failed";
  try {
    const recorded = await recordRun(run, folder, { clock, from, watch, ...(lock && { lock }) });
    stopped = recorded.reason === "interrupted";
    how = recorded.failure ? "failed" : stopped ? "stopped" : "finished";
    return recorded;
  } catch (cause) {
    if (cause instanceof HypertrainError || config.problem === undefined) throw cause;
    throw workError(`${config.problem} failed in training: ${thrown(cause)}`, { cause });
  } finally {
    view.close();
    tracked?.end(how);
    run.dispose();
    await page?.close(stopped ? "stopped" : "ended");
  }
}

/** What is told of a run that takes long: of its warm-up where a limit of time would shorten that. */
const longRun = (
  { warmupShare }: Job,
  { firstTuning }: Run,
  { path }: RunFolder,
  phase: Phase,
  note: (line: string) => void,
): LongRun => ({ phase, path, note, warmup: warmupShare === undefined ? undefined : firstTuning?.steps });

/** What trackers call a training, and what they are told that it is made with. */
const trackedAs = ({ config, named }: Job, { path }: RunFolder, phase: Phase) => ({
  ...trackedName(path, phase.name),
  params: paramsOf(config, named.supervised && lossUnitOf(named.supervised)),
  stepsPerEpoch: stepsPerEpochOf(config, named),
});
