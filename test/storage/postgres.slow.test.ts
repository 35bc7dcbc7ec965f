import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { Socket } from "node:net";

import { Kysely, sql } from "kysely";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";

import { workProcesses } from "../../src/cli/study/processes.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import { postgresDialect } from "../../src/storage/postgres.ts";
import type { Tables } from "../../src/storage/tables.ts";
import type { Claim } from "../../src/storage/storage.ts";
import { openNetwork } from "./hanging-network.ts";
import { startPostgres, type PostgresServer } from "./postgres-server.ts";
import { another, claimOf, pointOf, settling } from "./trials.ts";

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres[Symbol.asyncDispose]());

test("a PostgreSQL server that stops amid the work and starts again loses nothing, and does nothing twice", async () => {
  const at = await postgres.database("restarted");
  const storages = await Promise.all(Array.from({ length: 4 }, () => openStorage(at)));
  await storages[0]?.create("restarted", {});
  let stop = false;
  const work = storages.map(async (storage) => {
    const told: Claim[] = [];
    while (!stop) {
      const claim = claimOf(await storage.claim("restarted", "worker", another));
      if (await storage.report(claim, 1, pointOf(claim.trial))) told.push(claim);
      await storage.tell(claim, { kind: "trained", complete: true });
    }
    return told;
  });
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await postgres.stop();
    await postgres.start();
  }
  while (((await storages[0]?.trials("restarted"))?.length ?? 0) < 30) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  stop = true;
  const told = (await Promise.all(work)).flat().map(({ trial }) => trial);
  expect(new Set(told).size).toBe(told.length);
  const trials = (await storages[0]?.trials("restarted")) ?? [];
  expect(told.length).toBeGreaterThan(20);
  expect(told.filter((number) => trials[number]?.state !== "complete")).toEqual([]);
  for (const storage of storages) await storage[Symbol.asyncDispose]();
});

test("what was acknowledged survives a PostgreSQL server that is killed", async () => {
  const at = await postgres.database("killed");
  await using storage = await openStorage(at);
  await storage.create("killed", {});
  for (const told of [3, 6]) {
    for (let i = 0; i < 3; i++) {
      const claim = claimOf(await storage.claim("killed", "worker", another));
      const last = { budget: 1, point: pointOf(i) };
      expect(await storage.tell(claim, { kind: "trained", complete: true, evaluations: [last] })).toBe(true);
    }
    await postgres.kill();
    await postgres.start();
    await using other = await openStorage(at, { waits: true });
    const trials = await other.trials("killed");
    expect(trials.map(({ state, curve }) => [state, curve.length])).toEqual(
      Array.from({ length: told }, () => ["complete", 1]),
    );
  }
});

test("a change that PostgreSQL refuses fails its transaction by its own reason, and no other", async () => {
  const at = await postgres.database("refused");
  await (await openStorage(at))[Symbol.asyncDispose](); // makes the tables
  await using db = new Kysely<Tables>({ dialect: await postgresDialect(at) });
  const orphan = { study: "none", trial: 0, text: "" };
  const refused = (andThen: (tx: Kysely<Tables>) => Promise<unknown>) =>
    db.transaction().execute(async (tx) => {
      await tx.insertInto("note").values(orphan).execute();
      await andThen(tx);
    });
  await expect(refused(() => Promise.resolve())).rejects.toThrow(/foreign key/);
  await expect(refused((tx) => tx.selectFrom("study").selectAll().execute())).rejects.toThrow(/foreign key/);
  const kept = await db.transaction().execute(async (tx) => {
    await tx.insertInto("garbage").values({ key: "a/", artifacts: "sql" }).execute();
    return tx.selectFrom("garbage").selectAll().execute();
  });
  expect(kept).toEqual([{ key: "a/", artifacts: "sql" }]);
  expect(await db.selectFrom("garbage").selectAll().execute()).toEqual(kept);
});

test("a worker that begins while the server is away waits for it, where others are told", async () => {
  const at = await postgres.database("away");
  await postgres.stop();
  await expect(openStorage(at)).rejects.toThrow(/must be reachable, but .* refuses connections/);
  const waiting = openStorage(at, { waits: true });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await postgres.start();
  await using storage = await waiting;
  expect(await storage.list()).toEqual([]);
});

test("a worker that takes a dead one's place waits for a server that is away", async () => {
  const url = new URL(await postgres.database("replaced"));
  await using storage = await openStorage(url.href);
  await storage.create("done", { trials: 1, space: {}, origin: {}, config: {} });
  await storage.claim("done", "worker", () => ({ kind: "done" }));
  const port = Number(url.port);
  let isBack = false;
  const knocked = Promise.withResolvers<void>();
  const door = createServer((socket) => {
    if (isBack) return void socket.pipe(connect(port, "127.0.0.1")).pipe(socket);
    socket.destroy();
    knocked.resolve();
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  url.port = String((door.address() as AddressInfo).port);
  const { signal } = new AbortController();
  const progress = () => Promise.resolve(0);
  const work = workProcesses(
    { store: url.href, study: "done", workers: 1 },
    { signal, note: () => {}, progress },
  );
  await Promise.race([work, knocked.promise]);
  isBack = true;
  await work;
  door.close();
});

test("a trial goes to a PostgreSQL server twice, each time in one piece: to read, and to write", async () => {
  using network = await openNetwork(await postgres.database("turns"));
  await using storage = await openStorage(network.url);
  await storage.create("turns", {});
  let claim = claimOf(await storage.claim("turns", "worker", another));
  const before = network.turns();
  const writes = vi.spyOn(Socket.prototype, "_writev");
  for (let i = 0; i < 20; i++) {
    const evaluations = [{ budget: 1, point: pointOf(1 / (i + 1)) }];
    const end = { kind: "trained", complete: true, evaluations } as const;
    claim = claimOf((await storage.tellAndClaim(claim, end, "worker", another)) ?? { kind: "done" });
  }
  expect(network.turns() - before).toBe(40);
  const port = Number(new URL(network.url).port);
  const sockets = writes.mock.contexts as readonly Socket[]; // whose method it is
  expect(sockets.filter(({ remotePort }) => remotePort === port).length).toBe(40);
  writes.mockRestore();
  expect((await storage.trials("turns")).length).toBe(21);
});

test("a trial's end and the next claim change each row of PostgreSQL's once", async () => {
  const at = await postgres.database("rows");
  {
    await using storage = await openStorage(at);
    await storage.create("rows", {});
    let claim = claimOf(await storage.claim("rows", "worker", settling));
    for (let i = 0; i < 5; i++) {
      const evaluations = [{ budget: 1, point: pointOf(1 / (i + 1)) }];
      const end = { kind: "trained", complete: true, evaluations } as const;
      claim = claimOf((await storage.tellAndClaim(claim, end, "worker", settling)) ?? { kind: "done" });
    }
  } // whose connection tells what it did when it ends
  await using db = new Kysely<Tables>({ dialect: await postgresDialect(at) });
  const { rows } = await sql<{ name: string; inserted: number; updated: number }>`
    select relname as name, n_tup_ins::integer as inserted, n_tup_upd::integer as updated from pg_stat_user_tables`.execute(
    db,
  );
  const of = (wanted: string) => rows.find(({ name }) => name === wanted);
  expect(of("study")).toMatchObject({ inserted: 1, updated: 6 });
  expect(of("trial")).toMatchObject({ inserted: 6, updated: 5 });
  expect(of("segment")).toMatchObject({ inserted: 6, updated: 5 });
  expect(of("point")).toMatchObject({ inserted: 5, updated: 0 });
});

test("connections that hang for good cost a while, and lock nobody out", async () => {
  const at = await postgres.database("hanging");
  using network = await openNetwork(at);
  await using far = await openStorage(network.url, { patience: 500 });
  await using near = await openStorage(at);
  await far.create("hanging", {});
  const claim = claimOf(await far.claim("hanging", "far", another));
  network.hang();
  expect(await far.report(claim, 1, pointOf(0.5))).toBe(true);
  const amid = far.claim("hanging", "far", (trials) => {
    if (trials.length === 1) network.hang(); // the transaction is open, and has the study's lock
    return another(trials);
  });
  const others = near.claim("hanging", "near", another);
  const numbers = [claimOf(await others).trial, claimOf(await amid).trial];
  expect(numbers.sort()).toEqual([1, 2]);
  expect((await near.trials("hanging")).map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
});

test("who waits for changes goes on where nobody answers, and ends where nobody hears", async () => {
  const url = new URL(await postgres.database("deaf"));
  const port = Number(url.port);
  let isDeaf = false;
  const door = createServer((socket) => {
    const ahead = connect(port, "127.0.0.1");
    const ended = () => ahead.destroy();
    socket.on("error", ended).on("close", ended);
    socket.on("data", (bytes) => {
      isDeaf ||= bytes.includes("listen hypertrain");
      ahead.write(bytes);
    });
    ahead.on("data", (bytes) => isDeaf || socket.write(bytes));
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  url.port = String((door.address() as AddressInfo).port);
  {
    await using storage = await openStorage(url.href, { patience: 3000, pause: 10 });
    while (!isDeaf) await storage.changed("segments");
    await storage.changed("segments");
  }
  door.close();
});

test("a process that leaves a database ends though the network forgot its connections", async () => {
  using network = await openNetwork(await postgres.database("left"));
  const opening = new URL("../../src/storage/open-storage.ts", import.meta.url).href;
  const program = `const { openStorage } = await import(${JSON.stringify(opening)});
    const storage = await openStorage(process.argv[1]);
    await storage.changed("segments");
    console.log("there");
    process.stdin.once("data", () => storage[Symbol.asyncDispose]().then(() => process.stdin.destroy()));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, network.url]);
  onTestFinished(() => void child.kill("SIGKILL"));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  network.hang();
  child.stdin.write("leave");
  expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
});

test("a storage that cannot be opened is refused in one sentence without its password", async () => {
  await expect(openStorage("/dev/null/study.db")).rejects.toThrow(
    /^a store must be a SQLite file that can be written to/,
  );
  expect(existsSync("/dev/null/study.db")).toBe(false);
  const url = (await postgres.database("closed")).replace("secret", "wrong");
  const refused = openStorage(url);
  await expect(refused).rejects.toThrow(
    /^the database postgres:\/\/tester@localhost:\d+\/closed must be reachable, but it refuses the password of the user "tester"/,
  );
  await expect(refused).rejects.not.toThrow(/wrong/);
});
