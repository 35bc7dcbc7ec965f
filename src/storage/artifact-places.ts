import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { inputError } from "../util/error.ts";
import { oneLine } from "../util/text.ts";
import { IN_DATABASE, roomOf, type ArtifactStore } from "./artifact-store.ts";
import { fileArtifacts } from "./file-artifacts.ts";
import { bucketOf, s3Artifacts, type S3Options } from "./s3-artifacts.ts";
import { sqlArtifacts } from "./sql-artifacts.ts";
import type { SqlDatabase } from "./sql-database.ts";

/** Where artifacts of a database's studies may lie. */
export interface ArtifactPlaces {
  /** A place as it is stored: `sql`, `file:DIR` or `s3://BUCKET/PREFIX`. @throws {HypertrainError} for anything else. */
  stored(given: string): string;
  /** The store at a place as it is stored. */
  open(stored: string): Promise<ArtifactStore>;
}

/**
 * The places of a database.
 *
 * @param file the database's own, if it is one: a folder beside or below it is stored as seen from there, so that both can be moved together
 */
export function artifactPlaces(
  database: SqlDatabase,
  file: string | undefined,
  s3: S3Options,
): ArtifactPlaces {
  const stores = new Map<string, Promise<ArtifactStore>>();
  const home = file === undefined ? undefined : dirname(resolve(file));
  const make = async (stored: string): Promise<ArtifactStore> => {
    if (stored === IN_DATABASE) return sqlArtifacts(database);
    if (stored.startsWith("s3:")) return s3Artifacts(stored, s3);
    return fileArtifacts(resolve(home ?? ".", stored.slice("file:".length)));
  };
  return {
    stored(given) {
      if (isInDatabase(given)) return IN_DATABASE;
      if (given.startsWith("s3:")) return bucketOf(given).place;
      const folder = folderOf(given);
      const seen = home === undefined ? folder : relative(home, folder);
      return `file:${isAbsolute(seen) || seen.split(sep)[0] === ".." ? folder : seen || "."}`;
    },
    open(stored) {
      const store = stores.get(stored) ?? make(stored);
      stores.set(stored, store);
      store.catch(() => stores.delete(stored));
      return store;
    },
  };
}

/**
 * Tries a place for artifacts before a store is made for them: makes a room there, and removes it.
 *
 * @throws {HypertrainError} where that cannot be.
 */
export async function tryArtifactPlace(given: string): Promise<void> {
  if (isInDatabase(given)) return;
  const place = given.startsWith("s3:") ? await s3Artifacts(given) : fileArtifacts(folderOf(given));
  const room = roomOf("tried");
  await place.begin(room);
  await place.clear(room);
}

const isInDatabase = (given: string): boolean => given === IN_DATABASE || given === `${IN_DATABASE}:`;

function folderOf(given: string): string {
  const [, path] = /^file:(.+)$/.exec(given) ?? [];
  if (path === undefined) {
    throw inputError(
      `artifacts must be kept in sql (the store itself), file:DIR or s3://BUCKET/PREFIX, but got ${oneLine(given)}; choose one of these`,
    );
  }
  if (!path.startsWith("//")) return resolve(path);
  const { host = "", pathname = "" } = URL.parse(given) ?? {};
  if ((host === "" || host === "localhost") && pathname.length > 1) return fileURLToPath(given);
  throw inputError(
    `artifacts in a folder must be at file:DIR, or file:///DIR from the root on, but got ${oneLine(given)}; write one of these`,
  );
}
