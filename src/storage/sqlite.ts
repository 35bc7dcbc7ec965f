import { statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

import { SqliteDialect, type Dialect, type SqliteDatabase, type SqliteStatement } from "kysely";

import { inputError, workError } from "../util/error.ts";
import { oneLine } from "../util/text.ts";

/** How long a process stands still for another one's transaction, in milliseconds, before it tries again later. */
const PATIENCE = 5;

/**
 * Kysely's dialect for a SQLite file by way of `node:sqlite`, or for memory as ":memory:". Transactions take the right to write when they
 * begin, so that none is refused half-way; a write-ahead log lets others read meanwhile.
 *
 * @throws {HypertrainError} for a file of another program, and what `node:sqlite` throws where it cannot be opened.
 */
export function sqliteDialect(path: string, { readOnly = false } = {}): Dialect {
  refuseStubs(path);
  const database = readOnly ? openToRead(path) : new DatabaseSync(path, { timeout: PATIENCE });
  try {
    refuseOthers(database, path, readOnly);
    if (!readOnly) prepare(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return new SqliteDialect({ database: asKyselyWants(database, readOnly ? "begin" : "begin immediate") });
}

/**
 * Opens a file that cannot be written to. Without a log beside it, SQLite reads it only as one that nobody changes: it would make one.
 *
 * @throws {HypertrainError} where a log is beside it that cannot be read, with changes that the file lacks.
 */
function openToRead(path: string): DatabaseSync {
  const options = { readOnly: true, timeout: PATIENCE };
  const database = new DatabaseSync(path, options);
  try {
    database.prepare("select count(*) from sqlite_master").get();
    return database;
  } catch (error) {
    database.close();
    if ((error as SqliteError).errcode !== CANTOPEN) throw error;
    if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
      throw inputError(
        `the store ${path} must be where it can be written to as long as ${path}-wal is beside it, in which it has its last changes; copy both to another folder and look at the copy`,
        { cause: error },
      );
    }
    const unchanging = pathToFileURL(path);
    unchanging.search = "immutable=1";
    return new DatabaseSync(unchanging, options);
  }
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
function refuseOthers(database: DatabaseSync, path: string, readOnly: boolean): void {
  database.exec("pragma busy_timeout = 5000"); // another process may be making the tables
  const rows = database.prepare("select name from sqlite_master where type = 'table'").all();
  database.exec(`pragma busy_timeout = ${PATIENCE}`);
  const names = rows.map(({ name }) => String(name));
  if (names.includes("hypertrain") || (names.length === 0 && !readOnly)) return;
  if (names.length === 0) {
    throw inputError(`a store that can only be read must hold studies, but ${path} is empty; choose another`);
  }
  throw inputError(
    `a store must be a new file or one of hypertrain's, but ${path} is a database of another program, with the tables ${oneLine(names.join(", "))}; choose another file`,
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

/** What `node:sqlite` throws. */
interface SqliteError {
  readonly errcode?: number;
}

/** Whether another process has the file. */
export const isBusy = (error: unknown): boolean => BUSY.includes((error as SqliteError).errcode ?? 0);

/** SQLITE_CANTOPEN */
const CANTOPEN = 14;

/** What must hold of a store for SQLite to go on, as the end of a sentence; undefined where it says enough itself. */
export function sqliteTrouble(error: unknown): string | undefined {
  return troubles[((error as SqliteError).errcode ?? 0) % 256];
}

/** Whether SQLite cannot write to the file. */
export const refusesWrites = (error: unknown): boolean =>
  ((error as SqliteError).errcode ?? 0) % 256 === READONLY;

/** SQLITE_READONLY; the codes of a kind have their last byte in common. */
const READONLY = 8;

/** What must hold of a store that lacks a part, as the end of a sentence. */
export const CUT_SHORT = "must be whole, but is damaged, or was cut short; restore a copy";

/** By the error codes of SQLite: READONLY, IOERR, CORRUPT and FULL. */
const troubles: Readonly<Record<number, string>> = {
  [READONLY]:
    "must be writable for this, but its file, or its disk, is read-only; see to it that it can be written to",
  10: "must be on a disk that works, but that reports an error: it may be full, or damaged; make room, or move the store, and begin the command again",
  11: CUT_SHORT,
  13: "must have room to grow, but its disk is full; make room, and begin the command again",
};

/** SQLITE_BUSY, SQLITE_BUSY_RECOVERY, SQLITE_BUSY_SNAPSHOT and SQLITE_LOCKED. */
const BUSY: readonly number[] = [5, 261, 517, 6];

function asKyselyWants(database: DatabaseSync, begin: string): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = statements.get(sql);
      if (known) return known;
      const made =
        sql === "rollback"
          ? rollbackOf(database)
          : statementOf(database.prepare(sql === "begin" ? begin : sql));
      statements.set(sql, made);
      return made;
    },
  };
}

/** SQLite itself takes a transaction back where the disk is full: what failed then must not be hidden by there being none to take back. */
const rollbackOf = (database: DatabaseSync): SqliteStatement => {
  const statement = statementOf(database.prepare("rollback"));
  const none = { changes: 0, lastInsertRowid: 0 };
  return { ...statement, run: (values) => (database.isTransaction ? statement.run(values) : none) };
};

const statementOf = (statement: StatementSync): SqliteStatement => ({
  reader: statement.columns().length > 0,
  all: (parameters) => statement.all(...values(parameters)),
  run: (parameters) => statement.run(...values(parameters)),
  iterate: (parameters) => statement.iterate(...values(parameters)),
});

/** Kysely hands on what queries were given: texts, numbers, bytes and null here. */
const values = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
