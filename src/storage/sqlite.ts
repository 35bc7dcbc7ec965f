import { statSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

import { SqliteDialect, type Dialect, type SqliteDatabase, type SqliteStatement } from "kysely";

import { inputError, workError } from "../util/error.ts";
import { shown } from "../util/text.ts";

/** How long a process stands still for another one's transaction, in milliseconds, before it tries again later. */
const PATIENCE = 5;

/**
 * Kysely's dialect for a SQLite file by way of `node:sqlite`, or for memory as ":memory:". Transactions take the right to write when they
 * begin, so that none is refused half-way; a write-ahead log lets others read meanwhile.
 *
 * @throws {HypertrainError} for a file of another program, and what `node:sqlite` throws where it cannot be opened.
 */
export function sqliteDialect(path: string): Dialect {
  refuseStubs(path);
  const database = new DatabaseSync(path, { timeout: PATIENCE });
  try {
    refuseOthers(database, path);
    prepare(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return new SqliteDialect({ database: asKyselyWants(database) });
}

/** Throws for a file of a few bytes, which SQLite takes for a new one. */
function refuseStubs(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0 || size >= HEADER) return;
  throw workError(
    `a store must be a SQLite file, but ${path} has ${size} bytes: it is another file, or was cut short; restore a copy`,
  );
}

/** The least bytes of a SQLite file. */
const HEADER = 512;

/** Throws for the file of another program, before anything of it is changed. */
function refuseOthers(database: DatabaseSync, path: string): void {
  database.exec("pragma busy_timeout = 5000"); // another process may be making the tables
  const rows = database.prepare("select name from sqlite_master where type = 'table'").all();
  database.exec(`pragma busy_timeout = ${PATIENCE}`);
  const names = rows.map(({ name }) => String(name));
  if (names.length === 0 || names.includes("hypertrain")) return;
  throw inputError(
    `a store must be a new file or one of hypertrain's, but ${path} is a database of another program, with the tables ${shown(names.join(", "))}; choose another file`,
  );
}

function prepare(database: DatabaseSync): void {
  database.exec("pragma foreign_keys = on; pragma synchronous = normal");
  try {
    database.exec("pragma journal_mode = wal"); // the file remembers
  } catch (error) {
    if (!isBusy(error)) throw error; // another process sees to it
  }
}

/** Whether SQLite says that something is wrong. */
export const isOfSqlite = (error: unknown): boolean =>
  (error as { readonly code?: unknown }).code === "ERR_SQLITE_ERROR";

/** A check that the file at a path is still the one that is there now. */
export function sameFile(path: string): () => void {
  const number = () => {
    const { dev, ino } = statSync(path, { throwIfNoEntry: false }) ?? {};
    return ino === undefined ? "gone" : `${dev}/${ino}`;
  };
  const before = number();
  return () => {
    const now = number();
    if (now === before) return;
    throw workError(
      `the store ${path} must stay where it is while it is worked on, but was ${now === "gone" ? "removed" : "replaced by another file"}; put it back and go on, or begin anew`,
    );
  };
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
