import { openStorage } from "../../storage/open-storage.ts";
import type { StudyReadings } from "../../storage/storage.ts";
import { inputError } from "../../util/error.ts";
import { INTERRUPTED, listenForInterrupt } from "../terminal/interrupt.ts";
import { neutralised } from "../../util/text.ts";
import { evaluationsOf, WAITS, workProcesses } from "../study/processes.ts";
import { isAsked, isCompared, readStudyConfig } from "../study/study-config.ts";
import { loadStudy } from "../study/study-job.ts";
import { trainStudy, type WorkerOptions } from "../study/worker.ts";

/** What `hypertrain work` accepts. */
export interface WorkFlags {
  /** Default: every open study, by name. */
  readonly study?: string;
  readonly workers?: number;
  readonly threads?: number;
  readonly quiet?: boolean;
}

/**
 * Trains for the studies of a storage until nothing is left to do.
 *
 * @returns the exit code
 */
export async function workCommand(store: string, flags: WorkFlags): Promise<number> {
  const { study, workers = 1, quiet = false } = flags;
  if (!Number.isInteger(workers) || workers < 1 || workers > 256) {
    throw inputError(`--workers must be a whole number from 1 to 256, but got ${workers}`);
  }
  const note = quiet ? () => {} : (line: string) => void process.stderr.write(`${neutralised(line)}\n`);
  using interrupt = listenForInterrupt(note);
  const { signal } = interrupt;
  await using storage = await openStorage(store, {
    mustExist: true,
    waits: WAITS in process.env,
  });
  const names = study === undefined ? await openStudies(storage) : [study];
  if (names.length === 0) note(`nothing is left to do in ${storage.name}`);
  for (const name of names) {
    if (signal.aborted) return INTERRUPTED;
    if (workers > 1) {
      await workProcesses(
        { store, study: name, workers, ...threadsOf(flags) },
        { signal, note, progress: () => evaluationsOf(storage, name) },
      );
      continue;
    }
    const options = { storage, signal, clock: performance, note };
    const outcome = await workOnStudy(name, options, threadsOf(flags));
    if (outcome === "interrupted") return INTERRUPTED;
  }
  return signal.aborted ? INTERRUPTED : 0;
}

async function workOnStudy(
  name: string,
  options: WorkerOptions,
  threads: ReturnType<typeof threadsOf>,
): Promise<"done" | "interrupted"> {
  const { storage, signal, note } = options;
  const found = await storage.find(name);
  const config = found && readStudyConfig(found);
  if (config && found.state === "done" && !isAsked(config)) return "done"; // nothing to load data and engine for
  if (config && isCompared(config)) {
    const { workOnComparison } = await import("../compare/compared-study.ts");
    return workOnComparison(name, config, { ...options, ...threads, load: { signal } });
  }
  return trainStudy(await loadStudy(storage, name, { signal, onFallback: note, ...threads }), options);
}

const threadsOf = ({ threads }: WorkFlags) => (threads === undefined ? {} : { threads });

async function openStudies(storage: StudyReadings): Promise<readonly string[]> {
  const studies = await storage.list();
  const open = studies
    .filter((study) => study.state === "open" && !isAsked(readStudyConfig(study)))
    .map(({ name }) => name);
  if (studies.length > 0) return open;
  throw inputError(
    `a store that is worked on must hold a study, but ${storage.name} holds none; begin one with \`hypertrain tune --store\``,
  );
}
