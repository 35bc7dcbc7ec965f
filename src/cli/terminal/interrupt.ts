import { shellWord } from "../../util/shell-word.ts";

/** Ends the work in good order at the first SIGINT, SIGTERM or SIGHUP, at once at the second. */
export interface Interrupt extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Has something done before the second signal, or code of a module, ends the process: what takes no waiting. Until it is disposed. */
  beforeEnd(finish: () => void): void;
}

/**
 * Listens for signals until it is disposed.
 *
 * @param say tells the user that the first signal was heard
 */
export function listenForInterrupt(say: (line: string) => void): Interrupt {
  const controller = new AbortController();
  const own: (() => void)[] = [];
  const hear = () => {
    if (controller.signal.aborted) endAtOnce(INTERRUPTED);
    say("stopping after this step; once more to stop at once");
    controller.abort();
  };
  hearing.add(hear);
  listen(hear);
  return {
    signal: controller.signal,
    beforeEnd(finish) {
      own.push(finish);
      finishing.add(finish);
    },
    [Symbol.dispose]() {
      for (const finish of own) finishing.delete(finish);
      hearing.delete(hear);
      ignore(hear);
    },
  };
}

/**
 * Calls code of a user's that may never give the thread back, as an endless loop does not: nobody would hear a signal there, so that the first one ends the
 * process, as where nobody listens.
 */
export async function unheard<T>(work: () => T | Promise<T>): Promise<T> {
  for (const hear of hearing) ignore(hear);
  try {
    return await work();
  } finally {
    for (const hear of hearing) listen(hear);
  }
}

/** What hears signals. */
const hearing = new Set<() => void>();

/** What is done before the process ends at once. */
const finishing = new Set<() => void>();

function listen(hear: () => void): void {
  ignore(hear); // never twice
  for (const name of signals) process.on(name, hear);
}

function ignore(hear: () => void): void {
  for (const name of signals) process.off(name, hear);
}

/**
 * Ends this process as it stands, once all has been done that is to be done before. `process.exit` would end the worker thread of onnxruntime as well, in the midst of a model, where
 * it may abort; a process that another takes the place of runs nothing more.
 */
export function endAtOnce(code: number): never {
  try {
    for (const finish of finishing) finish();
    process.execve?.("/bin/sh", ["sh", "-c", `exit ${code}`], {});
  } finally {
    process.exit(code); // Windows cannot do that
  }
}

/** What a command says in the end that was stopped and whose run folder stays. */
export const stoppedNote = (path: string): string =>
  `stopped; \`hypertrain finish ${shellWord(path)}\` writes model and report of the best epoch so far; resume with: hypertrain resume ${shellWord(path)}`;

/** The exit code of an interrupted command. */
export const INTERRUPTED = 130;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
