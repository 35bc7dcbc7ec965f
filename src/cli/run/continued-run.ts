import { readCheckpoint } from "../../artifacts/checkpoint.ts";
import { demandUnlocked, lockRunFolder } from "../../artifacts/lock.ts";
import type { Origin } from "../../artifacts/origin.ts";
import { writeConfig, type RunFolder } from "../../artifacts/run-folder.ts";
import { lossUnitOf } from "../../report/loss-unit.ts";
import type { Snapshot } from "../../tuners/snapshot.ts";
import { inputError } from "../../util/error.ts";
import type { Config } from "../config/config.ts";
import { listenForInterrupt, stoppedNote } from "../terminal/interrupt.ts";
import { loadJob, type Job } from "./job.ts";
import { longerConfig, type LongerFlags } from "./longer-config.ts";
import { demandNotRefitted, demandSameOrigin, keepNetwork, keepOrigin, originOf } from "./origin.ts";
import type { RunContext } from "./record-training.ts";
import { keptConfig, openConfiguredRun } from "./run-config.ts";
import { withFoundData, type DataFlags } from "./run-data.ts";
import { loadTask } from "../registry/tasks.ts";
import { moduleOf, withTrustedModule, type ModuleFlags } from "./run-module.ts";
import { openTerminal, type Terminal } from "../terminal/terminal.ts";

/** What a command accepts that goes on with a run. */
export interface ContinueFlags extends ModuleFlags, DataFlags {
  /** Goes on although the data, the problem or the versions are not what they were. */
  readonly force?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** A run that a command goes on with, in the hands of this process until it is disposed. */
export interface ContinuedRun extends AsyncDisposable {
  readonly folder: RunFolder;
  readonly job: Job;
  readonly origin: Origin | undefined;
  /** Where it stands; nothing before its first checkpoint. */
  readonly from: Snapshot | undefined;
  readonly terminal: Terminal;
  readonly context: RunContext;
  /** Writes into the folder what the flags have changed of the run: the command does so once nothing can be refused any more. */
  keepChanges(): Promise<void>;
}

/**
 * Takes a run folder, and loads what its run goes on with.
 *
 * @throws {HypertrainError} where it is no run that can go on, and where the run would not be the same.
 */
export async function openContinuedRun(
  path: string,
  flags: ContinueFlags & LongerFlags & { readonly watch?: boolean },
): Promise<ContinuedRun> {
  const { watch = false, json = false, quiet = false, force = false } = flags;
  await using opened = new AsyncDisposableStack();
  const { folder, config: written } = await openConfiguredRun(path);
  demandOwn(path, written);
  await demandUnlocked(folder);
  const origin = await originOf(folder);
  demandNotRefitted(folder, origin, "go on");
  const trusted = await withTrustedModule(folder, origin, written, flags, { doing: "going on with it" });
  const here = withFoundData(folder, trusted, flags);
  const terminal = await openTerminal({ json, quiet });
  const { progress, note } = terminal;
  if (here.problem !== undefined) note(`running the module ${here.problem}`);
  const named = moduleOf(here) === undefined ? undefined : await loadTask(here); // before the lock, which a signal that ends the module would leave behind

  const lock = opened.use(await lockRunFolder(folder));
  const found = await readCheckpoint(folder.checkpoint);
  const from = found?.snapshot;
  const config = longerConfig(here, flags, from);
  if (found?.warning !== undefined) note(`warning: ${found.warning}`);
  const interrupt = opened.use(listenForInterrupt(note));
  interrupt.beforeEnd(() => {
    terminal.stopped(stoppedNote(folder.path));
    lock.release();
  });
  const { signal } = interrupt;
  const job = await loadJob({ ...config, watch }, { signal, onFallback: note, auto: origin?.auto, named });
  if (!force && (origin || from)) await demandSameOrigin(folder, origin, job, flags);
  const lossUnit = job.named.supervised && lossUnitOf(job.named.supervised);
  if (lossUnit !== undefined) note(lossUnit);

  const held = opened.move();
  return {
    ...{ folder, job, origin, from, terminal },
    context: { progress, note, signal, clock: performance, lock },
    async keepChanges() {
      const { trust = false, module } = flags;
      if (force || trust || module !== undefined || !origin) await keepOrigin(folder, job);
      if (config === written) return;
      await keepNetwork(folder, config);
      await writeConfig(folder, keptConfig(config));
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** A study's folder holds what it found, not where it stands. */
function demandOwn(path: string, { store }: Config): void {
  if (store === undefined) return;
  throw inputError(
    `${path} must be a run of its own to go on, but its search lies in a store; go on with \`hypertrain tune --store ${store}\` and the flags that began it`,
  );
}
