import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";

import type { Refit, TuneResult } from "../api/result.ts";
import type { TracePoint } from "../api/trace.ts";
import type { Splits } from "../data/dataset.ts";
import type { Run, RunEvent, RunOptions } from "../tuners/run.ts";
import type { Snapshot } from "../tuners/snapshot.ts";
import { HypertrainError, workError } from "../util/error.ts";
import { studyGoals } from "./study/study-goals.ts";
import { optimizerOf, type Config } from "./config.ts";
import { stepsPerEpochOf, type Job } from "./job.ts";
import { linearModel } from "./linear-model.ts";
import { livePage } from "./live-page.ts";
import { couldFold } from "./registry/tasks.ts";
import { methodRun } from "./method-run.ts";
import { isSearch, learnsResponse, methodOf } from "../methods/lookup.ts";
import type { Phase, OpenView } from "./progress/progress.ts";
import { recordRun, type RecordedRun } from "../artifacts/record.ts";
import { readCheckpoint } from "../artifacts/checkpoint.ts";
import type { RunLock } from "../artifacts/lock.ts";
import { onDisk, writeWhole } from "../artifacts/disk.ts";
import { pageAssets } from "../artifacts/page-assets.ts";
import { writeResult } from "../artifacts/result-file.ts";
import { runFolder, writeConfig, type RunFolder } from "../artifacts/run-folder.ts";
import { readTrace, truncateTrace } from "../artifacts/trace-file.ts";
import { writeTrainedModel } from "../artifacts/trained-model.ts";
import { scheduleOf } from "../artifacts/schedule.ts";
import { epochText } from "../report/format.ts";
import { lossUnitOf } from "../report/loss-unit.ts";
import { resultOf, startOf } from "../report/result.ts";
import { renderReport } from "../report/report.ts";
import { runDocumentOf } from "../report/run-document.ts";
import { reproduction } from "./reproduction.ts";
import { paramsOf, trackedName } from "./tracking/open-tracking.ts";
import { trackRun } from "./tracking/track-run.ts";
import type { TrackedEnd, Tracker } from "./tracking/tracker.ts";
import { keepNetwork, versions } from "./origin.ts";
import { keptConfig } from "./run-config.ts";
import { limitsOfRival, runOptions, timeLimitOf } from "./run-options.ts";

/** What working on a run needs from outside. */
export interface WorkOptions {
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

/** How the work on a run folder ended. */
export type WorkOutcome =
  | { readonly kind: "interrupted" }
  /** `advanced` is false if all had been done before. */
  | {
      readonly kind: "finished";
      readonly result: TuneResult;
      readonly advanced: boolean;
      /** What went wrong, in a run that has a result all the same. */
      readonly failure?: HypertrainError;
    };

/**
 * Prepares the training of a job, so that what cannot be trained is known before a folder is made.
 *
 * @throws {HypertrainError}
 */
export function openRun(job: Job, options: WorkOptions, from?: Snapshot): Promise<Run> {
  return openTraining(job, runOptions(job.config, stepsPerEpochOf(job.config, job.named)), options, from);
}

/**
 * Does what is left to do in a run folder: training, the baseline, the files for people. Each part goes on from its last
 * checkpoint, and does nothing where it had ended.
 */
export async function work(
  job: Job,
  run: Run,
  folder: RunFolder,
  options: WorkOptions,
  from?: Snapshot,
): Promise<WorkOutcome> {
  const { config } = job;
  const name = config.method === "fixed" ? "training" : "tuning";
  const tuned = await train(job, run, folder, { name, timeLimit: timeLimitOf(config) }, options, from);
  if (tuned.reason === "interrupted") return { kind: "interrupted" };
  if (tuned.failure) {
    const result = await present(job, folder, tuned, options, { run });
    return { kind: "finished", result, advanced: true, failure: endedEarly(folder, tuned.failure, result) };
  }
  return conclude(job, folder, tuned, options, run);
}

/** Does what is left to do when a run has been trained: the model, the baseline, the report. */
export async function conclude(
  job: Job,
  folder: RunFolder,
  tuned: RecordedRun,
  options: WorkOptions,
  run?: Run,
): Promise<WorkOutcome> {
  const { config } = job;
  const known = run && { run };
  await options.lock?.demandHeld();
  await writeModel(job, folder, tuned, options.note);

  const wanted = config.baseline && config.method !== "fixed" && tuned.final.step > 0;
  const baseline = wanted
    ? await trainBaseline(job, folder, tuned, options).catch(withoutBaseline)
    : undefined;
  if (baseline instanceof Error) {
    const result = await writeSummary(job, folder, tuned, { ...known });
    return { kind: "finished", result, advanced: true, failure: baseline };
  }
  if (baseline?.reason === "interrupted") return { kind: "interrupted" };
  const linear = baseline && (await linearModel(job, limitsOfRival(job, tuned), options));
  if (baseline && options.signal.aborted) return { kind: "interrupted" };

  await options.lock?.demandHeld();
  const rivals: Rivals = { ...(baseline && { baseline }), ...(linear && { linear }) };
  const result = await writeSummary(job, folder, tuned, { ...known, ...rivals });
  return {
    kind: "finished",
    result,
    advanced: tuned.advanced || (baseline?.advanced ?? false),
    ...(baseline?.failure && { failure: baselineFailed(baseline.failure) }),
  };
}

/** Writes the model and the report of a run that ended before its time; of a run that is there still, it says when it would have tuned. */
export async function present(
  job: Job,
  folder: RunFolder,
  ended: RecordedRun,
  { lock, note }: WorkOptions,
  more: { readonly run?: Run } & RefitTold = {},
): Promise<TuneResult> {
  await lock?.demandHeld();
  await writeModel(job, folder, ended, note);
  return writeSummary(job, folder, ended, more);
}

/** What a refit says of itself besides. */
interface RefitTold {
  readonly refit?: Refit;
  readonly remark?: string;
}

const endedEarly = ({ path }: RunFolder, cause: HypertrainError, { best }: TuneResult): HypertrainError =>
  workError(`${cause.message}; model and report in ${path} are of the best epoch, ${epochText(best)}`, {
    cause,
  });

/** A baseline that cannot be trained costs the report its comparison, and nothing else. */
function withoutBaseline(cause: unknown): HypertrainError {
  if (cause instanceof HypertrainError && cause.code === "work") return baselineFailed(cause);
  throw cause;
}

const baselineFailed = (cause: HypertrainError): HypertrainError =>
  workError(`the tuned run is whole, but its baseline failed: ${cause.message}`, { cause });

const openTraining = (
  { config, named, engine }: Job,
  options: RunOptions,
  { signal, clock }: WorkOptions,
  from?: Snapshot,
): Promise<Run> => methodRun(config, named, engine, options, { clock, signal }, from);

async function train(
  job: Job,
  run: Run,
  folder: RunFolder,
  phase: Phase,
  { progress, clock, lock, note, tracker }: WorkOptions,
  from?: Snapshot,
): Promise<RecordedRun> {
  const { config } = job;
  const view = progress(phase);
  const page = config.watch ? livePage(job, folder, { clock, note }) : undefined;
  const tracked = tracker && trackRun(tracker, trackedAs(job, folder, phase));
  const watch = (event: RunEvent) => {
    view.see(event);
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
    const { message } = cause as Error;
    throw workError(`${config.problem} failed in training: ${message}`, { cause });
  } finally {
    view.close();
    tracked?.end(how);
    run.dispose();
    await page?.close(stopped ? "stopped" : "ended");
  }
}

/** What trackers call a training, and what they are told that it is made with. */
const trackedAs = ({ config, named }: Job, { path }: RunFolder, phase: Phase) => ({
  ...trackedName(path, phase.name),
  params: paramsOf(config),
  stepsPerEpoch: stepsPerEpochOf(config, named),
});

/**
 * The same training for as many steps with the hyperparameters held, in a run folder of its own; beside a search, for as many as one of
 * its trainings.
 */
async function trainBaseline(
  job: Job,
  { baseline }: RunFolder,
  tuned: RecordedRun,
  options: WorkOptions,
): Promise<RecordedRun> {
  const folder = runFolder(baseline);
  const optimizer = optimizerOf(job.config); // the method that is compared with settles it
  const fixed: Job = {
    ...job,
    config: { ...job.config, method: "fixed", baseline: false, watch: false, optimizer },
  };
  const limits = limitsOfRival(job, tuned);
  const { epochs } = limits;
  const { time: _time, patience: _patience, ...config } = fixed.config;
  const found = await readCheckpoint(folder.checkpoint);
  if (found?.warning !== undefined) options.note(`warning: ${found.warning}`);
  const from = found?.snapshot;
  if (from) await truncateTrace(folder.metrics, from.progress.last.step);
  const run = await openTraining(fixed, limits, options, from);
  if (!existsSync(baseline)) await onDisk(baseline, () => mkdir(baseline));
  await keepNetwork(folder, job.config);
  await writeConfig(folder, keptConfig({ ...config, epochs }));
  const phase = { name: "baseline", timeLimit: Infinity } as const;
  const ended = await train(fixed, run, folder, phase, options, from);
  if (ended.reason === "interrupted") return ended;
  await writeModel(fixed, folder, ended, () => {}); // the tuned run has told
  await writeSchedule(fixed, folder, ended);
  return ended;
}

const writeModel = (
  { config, named }: Job,
  folder: RunFolder,
  { best, weights }: Pick<RecordedRun, "best" | "weights">,
  note: (line: string) => void,
): Promise<void> => {
  const { method, precision } = config;
  return writeTrainedModel(
    folder,
    {
      ...{ task: named.task, method, precision, params: weights, best },
      ...(named.supervised && { supervised: named.supervised }),
      facts: { split: splitOf(config, named.task.data), versions: versions() },
    },
    note,
  );
};

/** How many rows each part has, and how a table's were told apart. */
function splitOf(
  { seed, folds, splitBy, group, timeColumn, stratify }: Config,
  { train, valid, test }: Splits,
): Record<string, string | number | boolean> {
  return {
    ...{ train: train.rows, valid: valid.rows, test: test?.rows ?? 0, seed },
    ...(folds !== undefined && { folds }),
    ...(splitBy !== undefined && { splitBy }),
    ...(group !== undefined && { group }),
    ...(timeColumn !== undefined && { timeColumn }),
    ...(stratify !== undefined && { stratify }),
  };
}

async function writeSchedule(
  { named }: Job,
  { hyperparameters, metrics }: RunFolder,
  { best, final }: RecordedRun,
): Promise<void> {
  const trace = await readTrace(metrics);
  const schedule = scheduleOf(trace, best, final, startOf(named.task.problem.space, trace));
  await writeWhole(hyperparameters, `${JSON.stringify(schedule, null, 2)}\n`);
}

/** What a run is compared with. */
interface Rivals {
  readonly baseline?: RecordedRun;
  /** The best point of a linear model. */
  readonly linear?: TracePoint;
}

async function writeSummary(
  job: Job,
  folder: RunFolder,
  tuned: RecordedRun,
  { baseline, linear, run, refit, remark }: Rivals & { readonly run?: Run } & RefitTold,
): Promise<TuneResult> {
  await writeSchedule(job, folder, tuned);
  const trace = await readTrace(folder.metrics);
  const { config, engine, named } = job;
  const { space } = named.task.problem;
  const goals = isSearch(config.method) ? studyGoals(config, named.task.problem) : undefined;
  const found = resultOf({
    run: folder.path,
    report: runFolder(folder.path).report,
    method: config.method,
    auto: job.auto,
    engine: engine.name,
    seed: config.seed,
    space,
    trace,
    end: tuned,
    ...(baseline && { baseline: { run: runFolder(folder.baseline).path, end: baseline } }),
    ...(linear && { linear }),
    learnsResponse: learnsResponse(config.method),
    carries: named.task.problem.carried !== undefined,
    firstTuning: run?.firstTuning,
    couldFold: named.report !== undefined && couldFold(config),
    couldWiden: config.model === "mlp",
    lossUnit: named.supervised && lossUnitOf(named.supervised),
    goals,
    warnings: named.warnings,
    ...(named.report && { data: named.report }),
  });
  const result: TuneResult = {
    ...found,
    ...(refit && { refit }),
    remarks: remark === undefined ? found.remarks : [...found.remarks, remark],
  };
  const told = {
    ...{ result, space, title: named.name, methodTitle: methodOf(config.method).title },
    command: reproduction(config),
  };
  await writeResult(folder, runDocumentOf(told));
  const held = baseline ? await readTrace(runFolder(folder.baseline).metrics) : [];
  const report = renderReport({ ...told, config, trace, baseline: held, goals }, await pageAssets());
  await writeWhole(folder.report, report);
  return result;
}
