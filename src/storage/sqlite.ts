import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

import { SqliteDialect, type Dialect, type SqliteDatabase, type SqliteStatement } from "kysely";

/** How long a process stands still for another one's transaction, in milliseconds, before it tries again later. */
const PATIENCE = 5;

/**
 * Kysely's dialect for a SQLite file by way of `node:sqlite`, or for memory as ":memory:". Transactions take the right to write when they
 * begin, so that none is refused half-way; a write-ahead log lets others read meanwhile.
 *
 * @throws what `node:sqlite` throws where the file cannot be opened.
 */
export function sqliteDialect(path: string): Dialect {
  const database = new DatabaseSync(path, { timeout: PATIENCE });
  database.exec("pragma foreign_keys = on; pragma synchronous = normal");
  try {
    database.exec("pragma journal_mode = wal"); // the file remembers
  } catch (error) {
    if (!isBusy(error)) throw error; // another process sees to it
  }
  return new SqliteDialect({ database: asKyselyWants(database) });
}

/** Whether another process has the file. */
export const isBusy = (error: unknown): boolean =>
  BUSY.includes((error as { errcode?: number }).errcode ?? 0);

/** SQLITE_BUSY, SQLITE_BUSY_RECOVERY, SQLITE_BUSY_SNAPSHOT and SQLITE_LOCKED. */
const BUSY: readonly number[] = [5, 261, 517, 6];

function asKyselyWants(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = statements.get(sql);
      if (known) return known;
      const made = statementOf(database.prepare(sql === "begin" ? "begin immediate" : sql));
      statements.set(sql, made);
      return made;
    },
  };
}

const statementOf = (statement: StatementSync): SqliteStatement => ({
  reader: statement.columns().length > 0,
  all: (parameters) => statement.all(...values(parameters)),
  run: (parameters) => statement.run(...values(parameters)),
  iterate: (parameters) => statement.iterate(...values(parameters)),
});

/** Kysely hands on what queries were given: texts, numbers, bytes and null here. */
const values = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
