import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

import { separatePassword } from "../../storage/open-storage.ts";
import type { StudyReadings } from "../../storage/storage.ts";
import { workError } from "../../util/error.ts";
import { INTERRUPTED } from "../terminal/interrupt.ts";

/** Workers of one study on this machine. */
export interface ProcessesOptions {
  readonly store: string;
  readonly study: string;
  readonly workers: number;
  /** Of each worker's engine; default: the cores, shared, and for a single worker what it would take by itself. */
  readonly threads?: number;
}

/** From `src/cli/study` and from `dist/cli/study`. */
const program = fileURLToPath(new URL("../../../bin/hypertrain.js", import.meta.url));

/** The variable by which a worker knows that it is one of several, and waits for a server that is away now. */
export const WAITS = "HYPERTRAIN_WAITS";

/** Workers that are killed are replaced, unless so many die one after the other while nothing is trained. */
const MOST_RESTARTS = 10;

/** What running workers needs beside. */
export interface ProcessesContext {
  readonly signal: AbortSignal;
  note(line: string): void;
  /** How much of the study is trained: a number that rises. */
  progress(): Promise<number>;
}

/**
 * Runs worker processes, `hypertrain work …`, until all have ended; one that was killed is replaced.
 *
 * @throws {HypertrainError} where workers do nothing but die, or say why they cannot work.
 */
export async function workProcesses(
  {
    store,
    study,
    workers,
    threads = workers > 1 ? Math.max(1, Math.floor(availableParallelism() / workers)) : undefined,
  }: ProcessesOptions,
  { signal, note, progress }: ProcessesContext,
): Promise<void> {
  const { place, password } = separatePassword(store);
  const secrets = password === undefined ? {} : { PGPASSWORD: password }; // others can read command lines
  let trained = await progress();
  let restarts = 0;
  const countDeath = async (): Promise<void> => {
    const now = await progress();
    restarts = now > trained ? 1 : restarts + 1;
    trained = Math.max(trained, now);
  };
  const work = async (): Promise<void> => {
    for (;;) {
      const { code, said } = await ended(
        ["work", place, "--study", study, ...(threads === undefined ? [] : ["--threads", String(threads)])],
        secrets,
        signal,
        note,
      );
      if (code === 0 || code === INTERRUPTED || signal.aborted) return;
      if (code === 1 || code === 2) throw workError(said || `a worker ended with exit code ${code}`);
      await countDeath();
      if (restarts > MOST_RESTARTS) {
        throw workError(
          `workers must live, but ${restarts} of them were killed while nothing was trained, the last with ${code}; look at the machine's memory`,
        );
      }
      note(`a worker was killed (${code}); another takes its place`);
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: workers }, work));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
}

/**
 * Lets something watch workers until they have ended, and end itself.
 *
 * @throws what the workers throw, and otherwise what the watching does.
 */
export async function watched(
  work: Promise<void>,
  watch: (ended: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const ended = new AbortController();
  const watching = watch(ended.signal);
  const outcomes = await Promise.allSettled([work.finally(() => ended.abort()), watching]);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
}

/** Evaluations of all trials of a study. */
export const evaluationsOf = async (storage: StudyReadings, study: string): Promise<number> =>
  (await storage.trials(study)).reduce((sum, { curve }) => sum + curve.length, 0);

interface Ended {
  /** An exit code or the name of a signal. */
  readonly code: number | string;
  /** The last line that it wrote. */
  readonly said: string;
}

function ended(
  args: readonly string[],
  secrets: Readonly<Record<string, string>>,
  signal: AbortSignal,
  note: (line: string) => void,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ["ignore", "ignore", "pipe", "ipc"], // by whose end it knows that this process is gone
      env: { ...process.env, ...secrets, HYPERTRAIN_PARENT: "1", [WAITS]: "1" },
      detached: true, // a terminal's Ctrl-C reaches this process alone, which hands it on
    });
    let said = "";
    const lines = createInterface({ input: child.stderr as Readable, crlfDelay: Infinity }); // as it is piped
    lines.on("line", (line) => {
      if (line === "") return;
      said = line;
      if (!line.startsWith("error: ")) note(line); // that is thrown, once for all workers
    });
    const stop = () => child.kill("SIGTERM");
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
    child.on("error", reject);
    child.on("close", (code, name) => {
      signal.removeEventListener("abort", stop);
      resolve({ code: code ?? name ?? "unknown", said: said.replace(/^error: /, "") });
    });
  });
}
