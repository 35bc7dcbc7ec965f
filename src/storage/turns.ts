import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { workError, type HypertrainError } from "../util/error.ts";
import { oneLine } from "../util/text.ts";

/** What taking turns needs to know of a database. */
export interface TurnsOptions {
  /** What the place is called in messages. */
  readonly name: string;
  /** Whether an action that failed so may be tried again: another process was in the way, or the server went away. */
  transient(error: unknown): boolean;
  /** Milliseconds between two tries at most; default a second. Short where a try is cheap and what is in the way soon gone. */
  readonly longest?: number;
  /** Whether the database itself says that something is wrong, and not this program. */
  isOfDatabase(error: unknown): boolean;
  /** What must hold of the place, as the end of a sentence about it; undefined where the database itself says enough. */
  trouble?(error: unknown): string | undefined;
  /** Throws where the database is not the one that was opened any more; called before every action. */
  present?(): unknown;
}

/**
 * Lets actions of one process take turns, since they share a connection, and tries each again while what stops it may pass: after 1, 2, 4,
 * … milliseconds, never more than `longest`, for five minutes in all. Of each pause a random part is left out, so that processes in each
 * other's way do not meet again.
 */
export function takingTurns(options: TurnsOptions): <T>(action: () => Promise<T>) => Promise<T> {
  const { transient, isOfDatabase, present, longest = 1000 } = options;
  let last: Promise<unknown> = Promise.resolve();
  const patient = async <T>(action: () => Promise<T>): Promise<T> => {
    for (let waited = 0, pause = 1; ; waited += pause, pause = Math.min(2 * pause, longest)) {
      try {
        present?.();
        return await action();
      } catch (error) {
        if (waited > PATIENCE || !transient(error)) throw isOfDatabase(error) ? said(options, error) : error;
        await sleep(pause * (0.5 + randomInt(1000) / 2000));
      }
    }
  };
  return (action) => {
    const mine = last.then(() => patient(action));
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** Milliseconds after which what may pass is taken for lasting. */
const PATIENCE = 300_000;

/** What a database said, in a sentence. */
function said({ name, trouble }: TurnsOptions, cause: unknown): HypertrainError {
  const { message, code } = cause as { readonly message?: string; readonly code?: unknown };
  const must =
    trouble?.(cause) ??
    `must be whole and within reach, but its database said: ${oneLine(message || String(code))}; restore a copy, or see to it that it can be read and written`;
  return workError(`the store ${name} ${must}`, { cause });
}
