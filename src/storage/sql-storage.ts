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
export async function sqlStorage(options: SqlOptions): Promise<Storage> {
  const database = await openSqlDatabase(options);
  const reader = trialReader(database);
  return {
    name: options.name,
    changed: options.hearing.changed,
    ...sqlStudies(database, reader),
    ...sqlReadings(database, reader),
    ...sqlClaims(database, reader),
    ...sqlActs(database),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
