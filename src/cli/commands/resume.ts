import { existsSync } from "node:fs";

import { readCheckpoint } from "../../artifacts/checkpoint.ts";
import { lockRunFolder } from "../../artifacts/lock.ts";
import type { Origin } from "../../artifacts/origin.ts";
import { hasEnded } from "../../artifacts/overview.ts";
import { endedAt } from "../../artifacts/record.ts";
import { writeConfig, type RunFolder } from "../../artifacts/run-folder.ts";
import { truncateTrace } from "../../artifacts/trace-file.ts";
import { listed } from "../../data/quote.ts";
import type { RunEnd } from "../../report/result.ts";
import { lossUnitOf } from "../../report/loss-unit.ts";
import type { Snapshot } from "../../tuners/snapshot.ts";
import { HypertrainError, inputError } from "../../util/error.ts";
import { HostArray, sizeOf, type HostTree } from "../../util/host-array.ts";
import { parseConfig, secondsOf, type Config } from "../config.ts";
import { flagOf } from "../fields.ts";
import { isSearch } from "../../methods/lookup.ts";
import { INTERRUPTED, listenForInterrupt, stoppedNote } from "../interrupt.ts";
import { loadJob, type Job } from "../job.ts";
import { demandNotRefitted, demandSameOrigin, keepNetwork, keepOrigin, originOf } from "../origin.ts";
import { keptConfig, openConfiguredRun } from "../run-config.ts";
import { withFoundData, type DataFlags } from "../run-data.ts";
import { withTrustedModule, type ModuleFlags } from "../run-module.ts";
import { demandSameModule, otherModule } from "../same-module.ts";
import { openTerminal } from "../terminal.ts";
import { openTracking } from "../tracking/open-tracking.ts";
import { completeRun, openRun } from "../complete-run.ts";
import { present, wantsBaseline } from "../finish-run.ts";
import type { RunContext } from "../record-training.ts";
import { demandUseful } from "../useful-fields.ts";

/** What `hypertrain finish` accepts. */
export interface FinishFlags extends ModuleFlags, DataFlags {
  /** Goes on although the data, the problem or the versions are not what they were. */
  readonly force?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What `hypertrain resume` accepts. */
export interface ResumeFlags extends FinishFlags {
  /** How long the run is to be in all: this or `time`; default: as it was. */
  readonly epochs?: number;
  /** How long it is to train in all, such as `60s`. */
  readonly time?: string;
  /** Of the engine onnx, from here on; default: as it was. */
  readonly threads?: number;
  /** Writes the report while the run goes on. */
  readonly watch?: boolean;
}

/**
 * Goes on with a run, bit for bit.
 *
 * @returns the exit code
 */
export const resume = (path: string, flags: ResumeFlags): Promise<number> => goOn(path, flags, "train");

/**
 * Ends a run where its checkpoint stands: writes the model and the report of its best epoch, and trains no more.
 *
 * @returns the exit code
 */
export const finish = (path: string, flags: FinishFlags): Promise<number> => goOn(path, flags, "end");

async function goOn(path: string, flags: ResumeFlags, how: "train" | "end"): Promise<number> {
  const { watch = false, json = false, quiet = false, force = false, trust = false, module } = flags;
  const { folder, config: written } = await openConfiguredRun(path);
  demandOwn(path, written);
  await using lock = await lockRunFolder(folder);
  const origin = await originOf(folder);
  demandNotRefitted(folder, origin, "go on");
  const found = await readCheckpoint(folder.checkpoint);
  const from = found?.snapshot;
  const wanted = onThreads(lengthened(written, flags, from), flags);
  const trusted = await withTrustedModule(folder, origin, wanted, flags, { doing: "going on with it" });
  const config = withFoundData(folder, trusted, flags);
  const terminal = await openTerminal({ json, quiet });
  if (found?.warning !== undefined) terminal.note(`warning: ${found.warning}`);
  if (config.problem !== undefined) terminal.note(`running the module ${config.problem}`);
  using interrupt = listenForInterrupt(terminal.note);
  interrupt.beforeEnd(lock.release);
  const { progress, note } = terminal;
  const options = { progress, note, signal: interrupt.signal, clock: performance, lock };

  const job = await loadJob(
    { ...config, watch },
    { signal: interrupt.signal, onFallback: terminal.note, auto: origin?.auto },
  );
  const lossUnit = job.named.supervised && lossUnitOf(job.named.supervised);
  if (lossUnit !== undefined) terminal.note(lossUnit);
  if (!force && (origin || from)) await demandSameOrigin(folder, origin, job, flags);
  const sameModule = () => demandKnownModule(folder, origin, job, { force, note });
  const keepOwn = async () => {
    if (force || trust || module !== undefined || !origin) await keepOrigin(folder, job);
    if (config === written) return;
    await keepNetwork(folder, config);
    await writeConfig(folder, keptConfig(config));
  };
  if (how === "end") {
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
    await sameModule();
    await truncateTrace(folder.metrics, from.progress.last.step);
    const ended = { ...stopped, reason: await reasonAt(job, options, from) };
    await keepOwn();
    const remark = wantsBaseline(job, ended) ? withoutComparison(folder, ended) : undefined;
    terminal.result(await present(job, folder, ended, options, remark === undefined ? {} : { remark }));
    return 0;
  }
  if (force && from) demandSameHypers(path, job, from);
  await sameModule();
  const run = await openRun(job, options, from);
  await keepOwn();
  if (from) await truncateTrace(folder.metrics, from.progress.last.step);
  await using tracking = await openTracking(config, job.named.name, note);
  const { tracker } = tracking;
  const outcome = await completeRun(job, run, folder, { ...options, ...(tracker && { tracker }) }, from);
  if (outcome.kind === "interrupted") {
    terminal.note(stoppedNote(folder.path));
    return INTERRUPTED;
  }
  if (!outcome.advanced) {
    terminal.note(
      `${folder.path} was finished after ${outcome.result.final.epoch} epochs; the report is written anew, and --epochs N or --time TIME goes on`,
    );
  }
  terminal.result(outcome.result);
  if (outcome.failure) throw outcome.failure;
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

/** A problem that was changed may have other hyperparameters than those whose values are kept. */
function demandSameHypers(path: string, { config, named }: Job, { progress }: Snapshot): void {
  if (isSearch(config.method)) return; // whose own history must fit
  const then = Object.keys(progress.last.hyperparameters);
  const now = Object.keys(named.task.problem.space.hypers);
  const odd = [...then.filter((name) => !now.includes(name)), ...now.filter((name) => !then.includes(name))];
  if (odd.length === 0) return;
  throw inputError(
    `the hyperparameters of ${config.problem ?? config.model} must be those of ${path}, but ${listed(odd)} ${odd.length === 1 ? "is" : "are"} of one of the two alone; restore that file`,
  );
}

/** A network that was changed may have no place for the weights of before. */
function demandSameLayers(path: string, { config, named }: Job, weights: HostTree): void {
  const { layers, models = 1 } = named.task.problem;
  const odd = layers?.find(({ name, weight }) => {
    const own = (weights as Readonly<Record<string, { readonly weight?: HostTree } | undefined>>)[name]
      ?.weight;
    return !(own instanceof HostArray) || own.data.length !== models * sizeOf(weight.shape);
  });
  if (!odd) return;
  throw inputError(
    `the layers of ${config.problem ?? config.model} must be those that ${path} has trained, but "${odd.name}" is not among these in its shape; restore that file`,
  );
}

/** Weights are worth nothing to a network that does otherwise with them. Another problem goes on by force, which is told. */
async function demandKnownModule(
  folder: RunFolder,
  origin: Origin | undefined,
  job: Job,
  { force, note }: { readonly force: boolean } & Pick<RunContext, "note">,
): Promise<void> {
  const isProblem = job.config.problem !== undefined;
  const mend = isProblem ? ", or go on all the same with --force" : "";
  if (!force) return demandSameModule(folder, origin, job, mend);
  const other = await otherModule(origin, job);
  if (!other) return;
  if (!isProblem) throw other;
  note(`warning: ${other.message.split("; ")[0]}; going on with it all the same`);
}

/** A study's folder holds what it found, not where it stands. */
function demandOwn(path: string, { store }: Config): void {
  if (store === undefined) return;
  throw inputError(
    `${path} must be a run of its own to go on, but its search lies in a store; go on with \`hypertrain tune --store ${store}\` and the flags that began it`,
  );
}

/** With another number of threads. */
function onThreads(config: Config, { threads }: ResumeFlags): Config {
  if (threads === undefined) return config;
  demandUseful({ threads }, config, [config.method], flagOf);
  return { ...config, threads: parseConfig({ threads }, flagOf).threads };
}

/** With more epochs or time, which then are the only end: other limits would end the run where it stands. */
function lengthened(config: Config, { epochs, time }: ResumeFlags, from: Snapshot | undefined): Config {
  if (epochs === undefined && time === undefined) return config;
  if (epochs !== undefined && time !== undefined) {
    throw inputError(
      "--epochs or --time must say how long the run is to be in all, but got both; leave one out",
    );
  }
  const { epochs: before, time: _time, patience: _patience, ...rest } = config;
  if (config.schedule === "cosine" && (epochs === undefined || epochs !== before)) {
    throw inputError(
      `${epochs === undefined ? "--time" : "--epochs"} must be left out for a run with the schedule cosine, which ends where its learning rate does, but got ${epochs ?? time}`,
    );
  }
  const limit = parseConfig({ epochs, time }, flagOf);
  const { seconds = 0, last } = from?.progress ?? {};
  const epoch = last?.epoch ?? 0;
  if (epochs !== undefined && !(epochs > epoch)) {
    throw inputError(`--epochs must be more than the ${epoch} epochs that are done, but got ${epochs}`);
  }
  if (limit.time !== undefined && !(secondsOf(limit.time) > seconds)) {
    throw inputError(`--time must be more than the ${seconds.toFixed(1)} s that are done, but got ${time}`);
  }
  return { ...rest, ...(epochs === undefined ? { time: limit.time } : { epochs }) };
}
