import { createHash } from "node:crypto";

import type { PoolClient } from "pg";

import type { PostgresAnswer, PostgresQuery } from "./silence.ts";

/**
 * Lets a transaction take few ways to the server and back, and hold its locks for a short time:
 *
 * - `begin`, and changes of which no row is asked for, are sent, but not waited for. Where one of them fails, so does what is asked next, at the
 *   latest the commit.
 * - A commit releases its locks before it lies on the disk; it is done here when it lies there, by way of a second, empty one. So others can go on,
 *   and the disk is waited for together. Who saw a change that the disk never got cannot have done anything that it did get: it writes in order.
 * - The server parses and plans each statement once.
 *
 * The connection must be one with `pipeline`.
 */
export function hasten(client: PoolClient): void {
  const ask = client.query.bind(client) as unknown as PostgresQuery;
  let failure: unknown;
  let inside = false;
  const send = (text: string, values: readonly unknown[] = []) =>
    ask(
      /^(select|insert|update|delete) /.test(text) ? { name: nameOf(text), text, values } : { text, values },
    );
  const sendAhead = (text: string, values?: readonly unknown[]): PostgresAnswer => {
    send(text, values).catch((error: unknown) => (failure ??= error));
    return UNKNOWN;
  };
  const commit = async (): Promise<PostgresAnswer> => {
    const [committed, flushed] = await Promise.allSettled([send("commit"), ask({ text: FLUSH })]);
    if (failure !== undefined) throw failure;
    if (committed.status === "rejected") throw committed.reason;
    if (flushed.status === "rejected") throw flushed.reason;
    return committed.value;
  };
  const query = async (text: string, values?: readonly unknown[]): Promise<PostgresAnswer> => {
    if (text === "begin") {
      [inside, failure] = [true, undefined];
      return sendAhead(text);
    }
    if (inside && /^(insert|update|delete) /.test(text) && !/ returning /.test(text))
      return sendAhead(text, values);
    if (text === "commit" || text === "rollback") inside = false;
    if (text === "commit") return commit();
    return send(text, values).catch((error: unknown) => {
      throw failure ?? error; // which the others only follow from
    });
  };
  void ask({ text: "set synchronous_commit = off" }).catch(() => undefined); // the next query says what is wrong
  Object.assign(client, { query });
}

const UNKNOWN: PostgresAnswer = { command: "", rowCount: null, rows: [] };

/** Comes back when all that was committed before lies on the disk, as safely as the server's own settings have it. */
const FLUSH =
  "begin; set local synchronous_commit to default; select pg_logical_emit_message(true, 'hypertrain', ''); commit";

const names = new Map<string, string>();

function nameOf(text: string): string {
  const name = names.get(text) ?? createHash("sha256").update(text).digest("hex").slice(0, 32);
  names.set(text, name);
  return name;
}
