import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";

import { readCheckpoint } from "../../artifacts/checkpoint.ts";
import { onDisk } from "../../artifacts/disk.ts";
import type { RecordedRun } from "../../artifacts/record.ts";
import { runFolder, writeConfig, type RunFolder } from "../../artifacts/run-folder.ts";
import { truncateTrace } from "../../artifacts/trace-file.ts";
import type { RunOptions } from "../../tuners/run.ts";
import type { Job } from "./job.ts";
import { keepNetwork } from "./origin.ts";
import { openTraining, recordTraining, type RunContext } from "./record-training.ts";
import { keptConfig } from "./run-config.ts";
import { writeModel, writeSchedule } from "./run-files.ts";
import { configOfRival } from "./run-options.ts";

/**
 * The same training with the hyperparameters held, in a run folder of its own.
 *
 * @param limits how long, by `limitsOfRival`
 */
export async function trainBaseline(
  job: Job,
  { baseline }: RunFolder,
  limits: RunOptions,
  options: RunContext,
): Promise<RecordedRun> {
  const folder = runFolder(baseline);
  const fixed: Job = { ...job, config: { ...configOfRival(job), baseline: false, watch: false } };
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
