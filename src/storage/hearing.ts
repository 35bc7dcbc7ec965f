import { setTimeout as sleep } from "node:timers/promises";

/** What may have changed: trials that began or ended, values that wait; or anything at all, evaluations as well. */
export type Topic = "segments" | "anything";

/** How a process learns that another one has changed a storage. */
export interface Hearing extends AsyncDisposable {
  /** Waits until something has changed since the last call, as far as that can be told, but not for ever: look then. */
  changed(topic: Topic, signal?: AbortSignal): Promise<void>;
}

/** Milliseconds between two looks where a database tells nothing. */
const PAUSE = 200;

/** Looks again after a pause: for databases that tell nothing. */
export const noHearing: Hearing = {
  changed: (_, signal) => pause(PAUSE, signal),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** Sleeps, unless the signal comes. */
export const pause = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  sleep(milliseconds, undefined, signal && { signal }).catch(() => undefined);
