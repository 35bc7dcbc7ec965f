import { artifactKeeper } from "./artifact-keeper.ts";
import { artifactPlaces } from "./artifact-places.ts";
import { fenceOf } from "./fence.ts";
import { sqlActs } from "./sql-acts.ts";
import { sqlClaims } from "./sql-claims.ts";
import { openSqlDatabase, type SqlOptions } from "./sql-database.ts";
import { sqlReadings } from "./sql-readings.ts";
import { sqlStudies } from "./sql-studies.ts";
import type { Storage } from "./storage.ts";
import { trialReader } from "./trial-reader.ts";

/**
 * A storage in a SQL database. Trials are kept in memory, too: a transaction reads those that changed since the last one.
 *
 * @throws {HypertrainError} where the tables are of another version.
 */
export async function sqlStorage({ file, waits = false, ...options }: SqlStorageOptions): Promise<Storage> {
  const database = await openSqlDatabase(options);
  const reader = trialReader(database);
  const fenced = fenceOf(database);
  const keeper = artifactKeeper(database, fenced, artifactPlaces(database, file, { waits }));
  return {
    name: options.name,
    readOnly: options.readOnly ?? false,
    changed: options.hearing.changed,
    ...sqlStudies(database, reader, keeper),
    ...sqlReadings(database, reader, keeper),
    ...sqlClaims(database, reader, fenced, keeper),
    ...sqlActs(database, keeper),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** A database, and how to reach artifacts outside it. */
export interface SqlStorageOptions extends SqlOptions {
  /** The database's own file, if it is one. */
  readonly file?: string;
  /** Whether an object store that is away now is waited for; default false: it is a mistake. */
  readonly waits?: boolean;
}
