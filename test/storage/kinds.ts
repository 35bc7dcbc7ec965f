import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, vi } from "vitest";

import { openStorage } from "../../src/storage/open-storage.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { startPostgres, type PostgresServer } from "./postgres-server.ts";
import { startS3, type S3Server } from "./s3-server.ts";
import { another } from "./trials.ts";

/* The kinds of storages that the laws are tried on; their servers run while the tests of a file do. */

const folder = mkdtempSync(join(tmpdir(), "hypertrain-storage-"));
let postgres: PostgresServer;
let s3: S3Server;
let places = 0;

beforeAll(async () => {
  postgres = await startPostgres();
  s3 = await startS3();
  for (const [name, value] of Object.entries(s3.environment)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await s3.stop();
  await postgres[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const sqlite = () => Promise.resolve(join(folder, `${++places}.db`));
const database = () => postgres.database(`place${++places}`);
/** Where each kind is, and its artifacts where these lie elsewhere. */
export const kinds: Readonly<Record<string, readonly [place: () => Promise<string>, artifacts?: string]>> = {
  memory: [() => Promise.resolve(":memory:")],
  sqlite: [sqlite],
  postgres: [database],
  "sqlite, its artifacts in files": [sqlite, `file:${join(folder, "artifacts")}`],
  "sqlite, its artifacts in a bucket": [sqlite, "s3://bucket"],
  "postgres, its artifacts in a bucket": [database, "s3://bucket/of/postgres"],
};

/** Opens a storage at a place, whose studies keep their artifacts where they are to. */
export async function openAt(at: string, artifacts: string | undefined): Promise<Storage> {
  const opened = await openStorage(at);
  return { ...opened, create: (name, config, _, trials) => opened.create(name, config, artifacts, trials) };
}

/** A store of a kind for the tests of a suite: opened before them, and closed behind them. */
export function storeFor([place, artifacts]: (typeof kinds)[string]) {
  let at: string;
  let opened: Storage;
  beforeAll(async () => {
    at = await place();
    opened = await openAt(at, artifacts);
  });
  afterAll(async () => opened[Symbol.asyncDispose]());
  const storage = new Proxy({} as Storage, { get: (_, name) => Reflect.get(opened, name) as unknown }); // by the time that a test asks
  return {
    ...{ storage, artifacts },
    at: () => at,
    /** Creates a study; what it returns claims its trials. */
    begin: async (name: string) => {
      await storage.create(name, { of: name });
      return () => storage.claim(name, "worker", another);
    },
  };
}
