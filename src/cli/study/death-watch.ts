import { hasEnded, type ProcessName } from "../../artifacts/machine.ts";
import type { HeldSegment, Storage } from "../../storage/storage.ts";

/** Seconds without a sign of life after which a worker on another machine is taken for dead. */
const WORKER_LEASE = 30;

/** What a worker calls itself: a process, or a program that asks by HTTP, says how long it may be silent, and names its question. */
export type WorkerName =
  ProcessName | { readonly client: string; readonly lease: number; readonly request?: string | undefined };

/**
 * Takes segments from workers that have died: on this machine at once, since processes can be seen; elsewhere after no sign of life was
 * seen for a while by this process's own clock, so that clocks need not agree.
 */
export function deathWatch(
  storage: Storage,
  study: string,
  clock: { now(): number },
  note: (line: string) => void,
): () => Promise<void> {
  const seen = new Map<string, { readonly beats: number; readonly since: number }>();
  const isDead = ({ trial, attempt, beats, worker }: HeldSegment): boolean => {
    const key = `${trial}/${attempt}`;
    const before = seen.get(key);
    if (before?.beats !== beats) seen.set(key, { beats, since: clock.now() });
    const name = JSON.parse(worker) as WorkerName; // only ever written as one
    if ("pid" in name && hasEnded(name)) return true;
    const lease = "client" in name ? name.lease : WORKER_LEASE;
    return before?.beats === beats && clock.now() - before.since > 1000 * lease;
  };
  return async () => {
    for (const segment of await storage.held(study)) {
      if (isDead(segment) && (await storage.release(segment))) {
        note(`took trial ${segment.trial} of "${study}" from a worker that died`);
      }
    }
  };
}
