import type { Socket } from "node:net";

import { PostgresDialect, type Dialect } from "kysely";
import type { PoolClient } from "pg";

import { inputError } from "../util/error.ts";

/**
 * Kysely's dialect for a PostgreSQL database, on one connection, with the package `pg`, which is loaded here.
 *
 * @throws {HypertrainError} where that package is not installed.
 */
export async function postgresDialect(
  url: string,
  { patience = PATIENCE }: PostgresOptions = {},
): Promise<Dialect> {
  const { default: pg } = await import("pg").catch((cause: unknown) => {
    throw inputError(
      "a postgres:// store must have the package pg beside hypertrain, but it is not there; run `npm install pg`",
      { cause },
    );
  });
  const pool = new pg.Pool({
    ...{ connectionString: url, max: 1, connectionTimeoutMillis: 10_000, keepAlive: true },
    idle_in_transaction_session_timeout: patience, // the server's side: what we locked does not wait for us for ever
  });
  pool.on("error", () => {}); // an idle connection that broke: the next query says so, or finds a new one
  pool.on("connect", (client) => {
    client.on("error", () => {}); // likewise one between two queries of a transaction
    endIfSilent(client, patience);
  });
  return new PostgresDialect({ pool });
}

/** How to talk to a PostgreSQL server. */
export interface PostgresOptions {
  /** Milliseconds in which no byte of an answer comes, after which the way to the server is taken for dead; default twenty seconds. */
  readonly patience?: number;
}

const PATIENCE = 20_000;

/** Bytes a millisecond that the slowest way carries to the server. */
const SLOWEST = 100;

/**
 * Ends a connection on which a query is not answered: a machine on the way that forgot it, or a server that went without a word, would let
 * it wait for ever. The query then fails, and is tried again on another one.
 */
function endIfSilent(client: PoolClient, patience: number): void {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection; // not in its types
  const ask = client.query.bind(client) as unknown as Query; // of its forms, the one that Kysely calls
  const query: Query = (sql, parameters) => {
    let received = stream.bytesRead;
    const sent = parameters?.reduce<number>(
      (sum, one) => sum + (one instanceof Uint8Array ? one.length : 0),
      0,
    );
    const watch = setInterval(
      () => {
        if (stream.bytesRead === received) void client.end();
        received = stream.bytesRead;
      },
      patience + (sent ?? 0) / SLOWEST,
    );
    return ask(sql, parameters).finally(() => clearInterval(watch));
  };
  Object.assign(client, { query });
}

type Query = (sql: string, parameters?: readonly unknown[]) => Promise<unknown>;

/** Whether the server went away, or is not there yet. */
export function isGone(error: unknown): boolean {
  const { code = "", message = "" } = error as { readonly code?: string; readonly message?: string };
  return (
    /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|57P0[1-3]|25P03|08\w{3}|40001|40P01)$/.test(
      code,
    ) || /connection (terminated|timeout|error)|timeout exceeded|not queryable/i.test(message)
  );
}

/** Whether the server, or the way to it, says that something is wrong: its errors have codes of five characters. */
export const isOfPostgres = (error: unknown): boolean =>
  isGone(error) || /^[0-9A-Z]{5}$/.test(String((error as { readonly code?: unknown }).code ?? ""));
