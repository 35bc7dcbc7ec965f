import { hasEnded, type ProcessName } from "../../artifacts/machine.ts";
import type { HeldSegment, StudyClaims, StudyReadings } from "../../storage/storage.ts";

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
  storage: StudyReadings & StudyClaims,
  study: string,
  clock: { now(): number },
  note: (line: string) => void,
): () => Promise<void> {
  let seen: ReadonlyMap<string, Silence> = new Map();
  const keyOf = ({ room, trial, attempt }: HeldSegment) => `${room} ${trial} ${attempt}`;
  const silenceOf = (segment: HeldSegment): Silence => {
    const before = seen.get(keyOf(segment));
    return before?.beats === segment.beats ? before : { beats: segment.beats, since: clock.now() };
  };
  const isDead = ({ worker }: HeldSegment, { since }: Silence): boolean => {
    const name = JSON.parse(worker) as WorkerName; // only ever written as one
    if ("pid" in name && hasEnded(name)) return true;
    const lease = "client" in name ? name.lease : WORKER_LEASE;
    return clock.now() - since > 1000 * lease;
  };
  return async () => {
    const held = await storage.held(study);
    seen = new Map(held.map((segment) => [keyOf(segment), silenceOf(segment)]));
    for (const segment of held) {
      if (isDead(segment, silenceOf(segment)) && (await storage.release(segment))) {
        note(`took trial ${segment.trial} of "${study}" from a worker that died`);
      }
    }
  };
}

/** Since when a worker has said no more than so often that it lives. */
interface Silence {
  readonly beats: number;
  readonly since: number;
}
