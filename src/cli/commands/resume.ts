import { inputError } from "../../util/error.ts";
import type { Config } from "../config.ts";
import { INTERRUPTED, listenForInterrupt } from "../interrupt.ts";
import { loadJob } from "../job.ts";
import { readCheckpoint, type Checkpoint } from "../../artifacts/checkpoint.ts";
import { writeConfig } from "../../artifacts/run-folder.ts";
import { truncateTrace } from "../../artifacts/trace-file.ts";
import { keptConfig, openConfiguredRun } from "../run-config.ts";
import { openTerminal } from "../terminal.ts";
import { openRun, work } from "../work.ts";

/** What `hypertrain resume` accepts. */
export interface ResumeFlags {
  /** How long the run is to be in all; default: as it was. */
  readonly epochs?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * Goes on with a run, bit for bit.
 *
 * @returns the exit code
 */
export async function resume(
  path: string,
  { epochs, json = false, quiet = false }: ResumeFlags,
): Promise<number> {
  const { folder, config: written } = await openConfiguredRun(path);
  const from = await readCheckpoint(folder.checkpoint);
  const config = epochs === undefined ? written : lengthened(written, epochs, from);
  const terminal = await openTerminal({ json, quiet });
  using interrupt = listenForInterrupt(terminal.note);
  const { progress, note } = terminal;
  const options = { progress, note, signal: interrupt.signal, clock: performance };

  const job = await loadJob(config, { signal: interrupt.signal, onFallback: terminal.note });
  const run = openRun(job, options, from);
  if (config !== written) await writeConfig(folder, keptConfig(config));
  if (from) await truncateTrace(folder.metrics, from.snapshot.progress.last.step);
  const outcome = await work(job, run, folder, options, from);
  if (outcome.kind === "interrupted") {
    terminal.note(`stopped; resume with: hypertrain resume ${folder.path}`);
    return INTERRUPTED;
  }
  if (!outcome.advanced) {
    terminal.note(
      `${folder.path} was finished after ${outcome.result.final.epoch} epochs; the report is written anew, and --epochs N goes on to N epochs`,
    );
  }
  terminal.result(outcome.result);
  return 0;
}

/** With more epochs, which then are the only end: limits of time and patience would end the run where it stands. */
function lengthened(config: Config, epochs: number, from: Checkpoint | undefined): Config {
  const done = from?.snapshot.progress.last.epoch ?? 0;
  if (!(epochs > done)) {
    throw inputError(`--epochs must be more than the ${done} epochs that are done, but got ${epochs}`);
  }
  if (config.schedule === "cosine" && epochs !== config.epochs) {
    throw inputError(
      `--epochs must be left out for a run with the schedule cosine, which ends where its learning rate does, but got ${epochs}`,
    );
  }
  const { time: _time, patience: _patience, ...rest } = config;
  return { ...rest, epochs };
}
