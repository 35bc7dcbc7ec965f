import { shellWord } from "../util/shell-word.ts";

/** Ends the work in good order at the first SIGINT, SIGTERM or SIGHUP, at once at the second. */
export interface Interrupt extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Has something done before the second signal ends the process: what takes no waiting. */
  beforeEnd(finish: () => void): void;
}

/**
 * Listens for signals until it is disposed.
 *
 * @param say tells the user that the first signal was heard
 */
export function listenForInterrupt(say: (line: string) => void): Interrupt {
  const controller = new AbortController();
  const finishing: (() => void)[] = [];
  const hear = () => {
    if (controller.signal.aborted) endAtOnce(finishing);
    say("stopping after this step; once more to stop at once");
    controller.abort();
  };
  hearing.add(hear);
  listen(hear);
  return {
    signal: controller.signal,
    beforeEnd: (finish) => void finishing.push(finish),
    [Symbol.dispose]() {
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

function listen(hear: () => void): void {
  ignore(hear); // never twice
  for (const name of signals) process.on(name, hear);
}

function ignore(hear: () => void): void {
  for (const name of signals) process.off(name, hear);
}

/**
 * Ends this process as it stands. `process.exit` would end the worker thread of onnxruntime as well, in the midst of a model, where
 * it may abort; a process that another takes the place of runs nothing more.
 */
function endAtOnce(finishing: readonly (() => void)[]): never {
  try {
    for (const finish of finishing) finish();
    process.execve?.("/bin/sh", ["sh", "-c", `exit ${INTERRUPTED}`], {});
  } finally {
    process.exit(INTERRUPTED); // Windows cannot do that
  }
}

/** What a command says in the end that was stopped and whose run folder stays. */
export const stoppedNote = (path: string): string =>
  `stopped; \`hypertrain finish ${shellWord(path)}\` writes model and report of the best epoch so far; resume with: hypertrain resume ${shellWord(path)}`;

/** The exit code of an interrupted command. */
export const INTERRUPTED = 130;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
