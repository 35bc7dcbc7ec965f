import { constants, existsSync } from "node:fs";
import { access } from "node:fs/promises";
import { dirname } from "node:path";

import { HypertrainError, inputError, workError } from "../util/error.ts";
import { oneLine } from "../util/text.ts";
import { tryArtifactPlace } from "./artifact-places.ts";
import { connectionFault } from "./connection-fault.ts";
import { noHearing, type Hearing } from "./hearing.ts";
import { postgresHearing } from "./postgres-hearing.ts";
import { sqlStorage } from "./sql-storage.ts";
import { isBusy, isOfSqlite, sameFile, refusesWrites, sqliteDialect, sqliteTrouble } from "./sqlite.ts";
import type { PostgresOptions } from "./postgres.ts";
import type { Storage } from "./storage.ts";

/**
 * Opens the storage at a place: a SQLite file, which is made where there is none, `:memory:`, or a PostgreSQL database by its URL.
 *
 * ```ts
 * await using storage = await openStorage("study.db");
 * ```
 *
 * @throws {HypertrainError} where it cannot be opened, in one sentence.
 */
export async function openStorage(
  place: string,
  { mustExist = false, looks = false, waits = false, patience, pause, artifacts }: OpenOptions = {},
): Promise<Storage> {
  if (isPostgres(place)) {
    return openPostgres(
      place,
      waits,
      postgresHearing(place, pause, patience),
      patience === undefined ? {} : { patience },
    );
  }
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(place) ?? [];
  if (scheme !== undefined) {
    throw inputError(
      `a store must be a SQLite file or a postgres:// URL, but got one of ${oneLine(scheme)}://; choose one of these`,
    );
  }
  if (mustExist && place !== ":memory:" && !existsSync(place)) {
    throw inputError(`a store must be there to be read, but ${place} is not; check the path`);
  }
  const isNew = place !== ":memory:" && !existsSync(place);
  if (isNew && artifacts !== undefined) await tryArtifactPlace(artifacts);
  return openSqlite(place, waits, looks && !isNew && !(await isWritable(place)));
}

/** How to open a storage. */
export interface OpenOptions {
  /** Whether a file that is not there is a mistake; default false: it is made. */
  readonly mustExist?: boolean;
  /** Whether it is only looked at: a file that cannot be written to is opened to be read; default false: that is a mistake. */
  readonly looks?: boolean;
  /** Where studies that it is opened for are to keep their artifacts: tried before a file is made for them. */
  readonly artifacts?: string | undefined;
  /** Whether a server that is away now is waited for, as one that goes away later is; default false: it is a mistake. */
  readonly waits?: boolean;
  /** Milliseconds without an answer after which a connection to a database is taken for dead; default twenty seconds. */
  readonly patience?: number;
  /** Milliseconds between two looks at PostgreSQL at most, though it tells of changes; default a second. */
  readonly pause?: number;
}

const isPostgres = (place: string): boolean => /^postgres(ql)?:\/\//.test(place);

async function openSqlite(path: string, waits: boolean, readOnly: boolean): Promise<Storage> {
  try {
    return await sqlStorage({
      ...{ bytes: "blob", name: path, transient: isBusy, hearing: noHearing },
      dialect: sqliteDialect(path, { readOnly }),
      isOfDatabase: isOfSqlite,
      trouble: sqliteTrouble,
      longest: 8,
      ...{ waits, readOnly },
      ...(path !== ":memory:" && { present: sameFile(path), file: path }),
    });
  } catch (cause) {
    if (cause instanceof HypertrainError) throw cause;
    const trouble = refusesWrites(cause) ? undefined : sqliteTrouble(cause);
    if (trouble !== undefined) throw workError(`the store ${path} ${trouble}`, { cause });
    const why = (await isReadOnly(path)) ? "its disk is read-only" : oneLine((cause as Error).message);
    throw inputError(
      `a store must be a SQLite file that can be written to, or a postgres:// URL, but ${path} is none: ${why}; choose another`,
      { cause },
    );
  }
}

/** Whether SQLite can write to a file, and keep its log beside it. */
const isWritable = (path: string): Promise<boolean> =>
  Promise.all([path, dirname(path)].map((one) => access(one, constants.W_OK))).then(
    () => true,
    () => false,
  );

/** SQLite alone says no more than that it cannot open the file. */
const isReadOnly = (path: string): Promise<boolean> =>
  access(dirname(path), constants.W_OK).then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === "EROFS",
  );

async function openPostgres(
  place: string,
  waits: boolean,
  hearing: Hearing,
  options: PostgresOptions,
): Promise<Storage> {
  const name = withoutPassword(place);
  const { isGone, isOfPostgres, postgresDialect } = await import("./postgres.ts");
  let opened = waits; // what is not there at first is a mistake; what goes away later comes back
  const transient = (error: unknown) => opened && isGone(error);
  try {
    const storage = await sqlStorage({
      dialect: await postgresDialect(place, options),
      bytes: "bytea",
      ...{ name, transient, hearing, waits },
      isOfDatabase: (error) => opened && isOfPostgres(error),
    });
    opened = true;
    return storage;
  } catch (cause) {
    if (cause instanceof HypertrainError) throw cause;
    const { says, todo } = connectionFault(place, cause);
    const sentence = `the database ${name} must be reachable, but ${oneLine(says, 300)}; ${todo}`;
    const isAway = isGone(cause) && (cause as { readonly code?: unknown }).code !== "ENOTFOUND";
    throw isAway ? workError(sentence, { cause }) : inputError(sentence, { cause });
  }
}

/** A place as others may see it, and the password that its URL holds. */
export function separatePassword(place: string): { readonly place: string; readonly password?: string } {
  if (!isPostgres(place)) return { place };
  const url = URL.parse(place);
  const password = url?.searchParams.get("password") ?? decodeURIComponent(url?.password ?? "");
  return password === "" ? { place } : { place: withoutPassword(place), password };
}

/** A connection string for messages. */
function withoutPassword(place: string): string {
  const url = URL.parse(place);
  const [, port] =
    /^[^/?#]*:(\d+)(?:[/?#]|$)/.exec(place.slice(place.lastIndexOf("@") + 1 || place.indexOf("//") + 2)) ??
    [];
  if (!url && Number(port) > 65_535)
    throw inputError(`the port of a postgres:// URL must be at most 65535, but got ${port}; correct it`);
  if (!url)
    throw inputError(
      `a postgres:// URL must name user, host and database, but got ${place.slice(0, 12)}…; write it as postgres://USER@HOST/DATABASE`,
    );
  url.password = "";
  if (url.searchParams.has("password")) url.searchParams.delete("password");
  return url.href;
}
