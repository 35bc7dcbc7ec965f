import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";

import { readCheckpoint } from "../artifacts/checkpoint.ts";
import { onDisk } from "../artifacts/disk.ts";
import type { RecordedRun } from "../artifacts/record.ts";
import { runFolder, writeConfig, type RunFolder } from "../artifacts/run-folder.ts";
import { truncateTrace } from "../artifacts/trace-file.ts";
import { optimizerOf } from "./config.ts";
import type { Job } from "./job.ts";
import { keepNetwork } from "./origin.ts";
import { openTraining, recordTraining, type RunContext } from "./record-training.ts";
import { keptConfig } from "./run-config.ts";
import { writeModel, writeSchedule } from "./run-files.ts";
import { limitsOfRival } from "./run-options.ts";

/**
 * The same training for as many steps with the hyperparameters held, in a run folder of its own; beside a search, for as many as one of
 * its trainings.
 */
export async function trainBaseline(
  job: Job,
  { baseline }: RunFolder,
  tuned: RecordedRun,
  options: RunContext,
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
  const ended = await recordTraining(fixed, run, folder, phase, options, from);
  if (ended.reason === "interrupted") return ended;
  await writeModel(fixed, folder, ended, () => {}); // the tuned run has told
  await writeSchedule(fixed, folder, ended);
  return ended;
}
