import type { Client } from "pg";

import { pause, type Hearing, type Topic } from "./hearing.ts";

/** Milliseconds after which a look is due though nothing was heard: a connection may have broken without a word. */
const LONGEST = 1000;

/**
 * Hears what the triggers of the tables tell (`NOTIFY hypertrain`), on a connection of its own, which is opened when somebody waits and
 * anew when it broke.
 *
 * @param longest milliseconds between two looks at most
 */
export function postgresHearing(url: string, longest = LONGEST): Hearing {
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
      ...{ connectionString: url, connectionTimeoutMillis: 10_000, keepAlive: true },
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
      await made.end().catch(() => undefined);
      return undefined;
    }
  };

  return {
    async changed(topic, signal) {
      if (closed) return;
      const fresh = client === undefined;
      const heard = await (client ??= open());
      if (heard && fresh) return; // what happened before it listened is to be looked at
      if (unseen.delete(topic)) return;
      const over = new AbortController();
      await new Promise<void>((resolve) => {
        const one = { topic, wake: resolve };
        waiting.add(one);
        const end = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
        void pause(longest, end).then(resolve);
        over.signal.addEventListener("abort", () => waiting.delete(one));
      });
      over.abort();
      unseen.delete(topic);
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      for (const { wake } of waiting) wake();
      await (await client)?.end().catch(() => undefined);
    },
  };
}
