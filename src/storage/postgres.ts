import { PostgresDialect, type Dialect } from "kysely";
import type { PoolClient } from "pg";

import { inputError } from "../util/error.ts";
import { hasten } from "./hasten.ts";
import { endAtLast, endIfSilent } from "./silence.ts";

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
    pipeline: true,
    options: "-c plan_cache_mode=force_generic_plan", // statements are few, and asked again and again
    idle_in_transaction_session_timeout: patience, // the server's side: what we locked does not wait for us for ever
  });
  const open = new Set<PoolClient>();
  pool.on("error", () => {}); // an idle connection that broke: the next query says so, or finds a new one
  pool.on("connect", (client) => {
    client.on("error", () => {}); // likewise one between two queries of a transaction
    endIfSilent(client, patience);
    hasten(client);
    open.add(client);
    client.on("end", () => open.delete(client));
  });
  return new PostgresDialect({
    pool: {
      options: pool.options,
      connect: () => pool.connect(),
      end() {
        open.forEach(endAtLast);
        return pool.end();
      },
    },
  });
}

/** How to talk to a PostgreSQL server. */
export interface PostgresOptions {
  /** Milliseconds in which no byte of an answer comes, after which the way to the server is taken for dead; default twenty seconds. */
  readonly patience?: number;
}

const PATIENCE = 20_000;

/** Whether the server went away, or is not there yet. */
export function isGone(error: unknown): boolean {
  const { code = "", message = "" } = error as { readonly code?: string; readonly message?: string };
  return (
    /^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|57P0[1-3]|25P03|08\w{3}|40001|40P01)$/.test(
      code,
    ) || /connection (terminated|timeout|error)|timeout exceeded|not queryable/i.test(message)
  );
}

/** Whether the server, or the way to it, says that something is wrong: its errors have codes of five characters. */
export const isOfPostgres = (error: unknown): boolean =>
  isGone(error) || /^[0-9A-Z]{5}$/.test(String((error as { readonly code?: unknown }).code ?? ""));
