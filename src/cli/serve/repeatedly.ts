import { setTimeout as sleep } from "node:timers/promises";

/**
 * Does something again and again, with a pause after each time, until the signal comes.
 *
 * @param pause milliseconds
 * @throws what the action does, which ends it
 */
export async function repeatedly(
  action: () => Promise<void>,
  pause: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await action();
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}
