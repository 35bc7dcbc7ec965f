import type { Client } from "pg";

import { endAtLast } from "./silence.ts";
import { pause, type Hearing, type Topic } from "./hearing.ts";

/** Milliseconds after which a look is due though nothing was heard: a connection may have broken without a word. */
const LONGEST = 1000;

/**
 * Hears what the triggers of the tables tell (`NOTIFY hypertrain`), on a connection of its own, which is opened when somebody waits and
 * anew when it broke.
 *
 * @param longest milliseconds between two looks at most
 * @param patience milliseconds after which a server that does not answer is taken for away
 */
export function postgresHearing(url: string, longest = LONGEST, patience = 20_000): Hearing {
  const unseen = new Set<Topic>();
  const waiting = new Set<{ readonly topic: Topic; wake(): void }>();
  let client: Promise<Client | undefined> | undefined;
  let closed = false;

  const hear = (topic: Topic): void => {
    unseen.add(topic);
    for (const one of waiting) if (one.topic === topic) one.wake();
  };
  const open = async (): Promise<Client | undefined> => {
    const { default: pg } = await import("pg");
    const made = new pg.Client({
      ...{ connectionString: url, connectionTimeoutMillis: Math.min(10_000, patience), keepAlive: true },
      query_timeout: patience, // the answer to what is asked here may get lost
    });
    const lose = () => void (client = undefined);
    made.on("error", lose).on("end", lose);
    made.on("notification", ({ payload }) => {
      hear("anything");
      if (payload === "segments") hear("segments");
    });
    try {
      await made.connect();
      await made.query("listen hypertrain");
      return made;
    } catch {
      lose(); // the server is away: whoever works with it says so
      endAtLast(made);
      await made.end().catch(() => undefined);
      return undefined;
    }
  };

  /** What a promise gives, unless a look is due before. */
  const soon = <T>(promise: Promise<T>, signal?: AbortSignal): Promise<T | void> => {
    const over = new AbortController();
    const end = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
    return Promise.race([promise, pause(longest, end)]).finally(() => over.abort());
  };

  return {
    async changed(topic, signal) {
      if (closed) return;
      const fresh = client === undefined;
      const heard = await soon((client ??= open()), signal);
      if (heard && fresh) return; // what happened before it listened is to be looked at
      if (unseen.delete(topic)) return;
      const { promise, resolve: wake } = Promise.withResolvers<void>();
      const one = { topic, wake };
      waiting.add(one);
      await soon(promise, signal);
      waiting.delete(one);
      unseen.delete(topic);
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      for (const { wake } of waiting) wake();
      const made = await client;
      if (!made) return;
      endAtLast(made);
      await made.end().catch(() => undefined);
    },
  };
}
