import { setTimeout as sleep } from "node:timers/promises";

/** How what waits in an outbox is sent. */
export interface OutboxOptions<T> {
  /**
   * Sends the first of those that wait.
   *
   * @returns how many
   */
  send(waiting: readonly T[], signal: AbortSignal): Promise<number>;
  /** Whether a failure is one that trying again does not change. */
  isFinal(error: Error): boolean;
  /** Milliseconds that `close` waits; default ten seconds. */
  readonly patience?: number;
}

/** Things on their way to somewhere that may be slow, or away. */
export interface Outbox<T> {
  add(thing: T): void;
  /** Sends what is left, for a while. @returns how many were not sent, and what went wrong first */
  close(): Promise<{ readonly lost: number; readonly why?: string }>;
}

/**
 * Sends things in order, beside other work. Where sending fails they wait, for a second at first and up to half a minute; the newest are
 * dropped beyond ten thousand.
 */
export function outbox<T>({ send, isFinal, patience = 10_000 }: OutboxOptions<T>): Outbox<T> {
  const waiting: T[] = [];
  const closing = new AbortController(); // ends pauses
  const given = new AbortController(); // ends everything
  let lost = 0;
  let why: string | undefined;
  let working: Promise<void> | undefined;

  const work = async (): Promise<void> => {
    for (let pause = 1000; waiting.length > 0 && !given.signal.aborted;) {
      try {
        waiting.splice(0, await send(waiting, given.signal));
        pause = 1000;
      } catch (error) {
        why ??= reasonOf(error as Error);
        if (isFinal(error as Error)) {
          waiting.shift();
          lost++;
          continue;
        }
        if (closing.signal.aborted) return;
        await sleep(pause, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
    }
  };
  return {
    add(thing) {
      if (waiting.length >= MOST_WAITING) return void lost++;
      waiting.push(thing);
      working ??= work().finally(() => (working = undefined));
    },
    async close() {
      closing.abort();
      const timer = setTimeout(() => given.abort(), patience);
      await working;
      clearTimeout(timer);
      return { lost: lost + waiting.length, ...(why !== undefined && { why }) };
    },
  };
}

const LONGEST_PAUSE = 30_000;
const MOST_WAITING = 10_000;

/** "fetch failed" alone tells nobody why. */
function reasonOf({ message, cause }: Error): string {
  const { code, message: why } = (cause ?? {}) as { readonly code?: string; readonly message?: string };
  return [message, code ?? why].filter(Boolean).join(": ");
}
