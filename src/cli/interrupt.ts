/** Ends the work in good order at the first SIGINT, SIGTERM or SIGHUP, at once at the second. */
export interface Interrupt extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
}

/**
 * Listens for signals until it is disposed.
 *
 * @param say tells the user that the first signal was heard
 */
export function listenForInterrupt(say: (line: string) => void): Interrupt {
  const controller = new AbortController();
  const hear = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    say("stopping after this step; once more to stop at once");
    controller.abort();
  };
  for (const name of signals) process.on(name, hear);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of signals) process.off(name, hear);
    },
  };
}

/** The exit code of an interrupted command. */
export const INTERRUPTED = 130;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
