import { createHash } from "node:crypto";

import type { PoolClient } from "pg";

import { streamOf, type PostgresAnswer, type PostgresQuery } from "./silence.ts";

/**
 * Lets a transaction take few ways to the server and back, and hold its locks for a short time:
 *
 * - `begin`, and changes of which no row is asked for, are sent, but not waited for. Where one of them fails, so does what is asked next, at the
 *   latest the commit.
 * - A commit releases its locks before it lies on the disk; it is done here when it lies there, by way of a second, empty one. So others can go on,
 *   and the disk is waited for together. Who saw a change that the disk never got cannot have done anything that it did get: it writes in order.
 * - All that is asked before this process has nothing else to do goes in one piece.
 * - The server parses and plans each statement once.
 *
 * The connection must be one with `pipeline`.
 */
export function hasten(client: PoolClient): void {
  const ask = client.query.bind(client) as unknown as PostgresQuery;
  const stream = streamOf(client);
  let failure: unknown;
  let inside = false;
  let gathering = false;
  const gather = (): void => {
    if (gathering) return;
    gathering = true;
    stream.cork();
    process.nextTick(() => {
      gathering = false;
      stream.uncork();
    });
  };
  const send = (text: string, values: readonly unknown[] = []): Promise<PostgresAnswer> => {
    gather();
    if (/^(select|insert|update|delete|with) /.test(text)) return ask({ name: nameOf(text), text, values });
    return ask(values.length > 0 ? { text, values } : { text });
  };
  const sendAhead = (text: string, values?: readonly unknown[]): PostgresAnswer => {
    send(text, values).catch((error: unknown) => (failure ??= error));
    return UNKNOWN;
  };
  const commit = async (): Promise<PostgresAnswer> => {
    const [committed, flushed] = await Promise.allSettled([send("commit"), send(FLUSH)]);
    if (failure !== undefined) throw failure;
    if (committed.status === "rejected") throw committed.reason;
    if (flushed.status === "rejected") throw flushed.reason;
    return committed.value;
  };
  const query = async (text: string, values?: readonly unknown[]): Promise<PostgresAnswer> => {
    if (text === "begin") {
      [inside, failure] = [true, undefined];
      return sendAhead(BEGIN);
    }
    if (inside && /^(with \w+ as \()?(insert|update|delete) /.test(text) && !/ returning /.test(text))
      return sendAhead(text, values);
    if (text === "commit" || text === "rollback") inside = false;
    if (text === "commit") return commit();
    return send(text, values).catch((error: unknown) => {
      throw failure ?? error; // which the others only follow from
    });
  };
  Object.assign(client, { query });
}

const UNKNOWN: PostgresAnswer = { command: "", rowCount: null, rows: [] };

/** Begins a transaction whose commit does not wait for the disk. */
const BEGIN = "begin; set local synchronous_commit = off";

/** Comes back when all that was committed before lies on the disk, as safely as the server's own settings have it. */
const FLUSH = "select pg_logical_emit_message(true, 'hypertrain', '')";

const names = new Map<string, string>();

function nameOf(text: string): string {
  const name = names.get(text) ?? createHash("sha256").update(text).digest("hex").slice(0, 32);
  names.set(text, name);
  return name;
}
