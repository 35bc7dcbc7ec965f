import { spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import pg from "pg";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { digestOf } from "../../src/storage/changes.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import type { Claim, Storage } from "../../src/storage/storage.ts";
import type { NextSegment, TrialRecord } from "../../src/study/next-segment.ts";
import { startPostgres } from "./postgres-server.ts";
import { startS3, type S3Server } from "./s3-server.ts";
import { tablesBefore } from "./tables-before.ts";

const folder = mkdtempSync(join(tmpdir(), "hypertrain-artifacts-"));
let s3: S3Server;
let at: string;
let number = 0;
beforeEach(async () => {
  s3 = await startS3();
  for (const [name, value] of Object.entries(s3.environment)) vi.stubEnv(name, value);
  at = join(folder, String(++number), "study.db");
  mkdirSync(join(folder, String(number)));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await s3.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Lets the trial that waits go on, or starts one without an end. */
const next = (trials: readonly TrialRecord[]): NextSegment => {
  const waiting = trials.find(({ state }) => state === "waiting");
  if (waiting) return { kind: "segment", trial: waiting, changed: [] };
  const trial: TrialRecord = {
    ...{ number: trials.length, values: {}, state: "waiting", attempt: 0, deaths: 0, to: 9, curve: [] },
  };
  return { kind: "segment", trial, changed: [trial], decision: { kind: "start", to: 9 } };
};

async function claimIn(storage: Storage): Promise<Claim> {
  const claimed = await storage.claim("s", "worker", next);
  if (claimed.kind !== "segment") throw new Error("a segment was expected");
  return claimed.claim;
}

const point = (loss: number) => ({
  ...{ step: 1, epoch: 1, examples: 1, gradientEvaluations: 1, seconds: 0 },
  ...{ valid: { loss }, hyperparameters: {} },
});

const snapshot = (text: string) => new TextEncoder().encode(text);

/** What lies in each kind of store: the texts, sorted. */
const kinds = {
  sql: {
    place: "sql",
    texts: () => {
      const database = new DatabaseSync(at);
      const rows = database.prepare("select data from chunk").all() as { data: Uint8Array }[];
      database.close();
      return rows.map(({ data }) => new TextDecoder().decode(data)).sort();
    },
  },
  file: {
    place: "file:kept",
    texts: () =>
      readdirSync("kept", { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
        .sort(),
  },
  s3: {
    place: "s3://bucket/kept",
    texts: () =>
      [...s3.objects]
        .filter(([key]) => !key.endsWith("/hypertrain-study"))
        .map(([, bytes]) => String(bytes))
        .sort(),
  },
};

describe.each(Object.entries(kinds))("artifacts in %s", (kind, { place, texts }) => {
  let storage: Storage;
  const before = process.cwd();
  beforeEach(async () => {
    process.chdir(join(folder, String(number)));
    storage = await openStorage(at);
    await storage.create("s", {}, place);
  });
  afterEach(async () => {
    await storage[Symbol.asyncDispose]();
    process.chdir(before);
  });

  test("what lies there is what rows name, and goes with its study", async () => {
    const first = await claimIn(storage);
    await storage.checkpoint(first, snapshot("a"));
    await storage.checkpoint(first, snapshot("b"));
    expect(texts()).toEqual(["b"]);
    const model = (loss: number) => ({ point: point(loss), weights: snapshot(`weights ${loss}`) });
    await storage.tell(first, { kind: "trained", complete: false, snapshot: snapshot("c"), model: model(2) });
    expect(texts()).toEqual(["c", "weights 2"]);
    const [{ checkpoint = "" } = {}] = await storage.trials("s");
    expect(await storage.artifact("s", checkpoint)).toEqual(snapshot("c"));
    const second = await claimIn(storage);
    await storage.tell(second, { kind: "trained", complete: true, model: model(3) });
    expect(texts()).toEqual(["c", "weights 2"]);
    const third = await claimIn(storage);
    await storage.checkpoint(third, snapshot("d"));
    await storage.tell(third, { kind: "trained", complete: true, model: model(1) });
    expect(texts()).toEqual(["c", "weights 1"]);
    expect(await storage.fail("s", 0, "by hand")).toBe(true);
    expect(texts()).toEqual(["weights 1"]);
    await storage.create("t", {}, place);
    const other = await storage.claim("t", "worker", next);
    if (other.kind === "segment") await storage.checkpoint(other.claim, snapshot("of t"));
    await storage.remove("s");
    expect(texts()).toEqual(["of t"]);
    expect(await storage.artifact("s", digestOf(snapshot("weights 1")))).toBeUndefined();
    await storage.remove("t");
    expect(texts()).toEqual([]);
  });

  test("a checkpoint that two trials share stays until neither names it", async () => {
    const first = await claimIn(storage);
    await storage.checkpoint(first, snapshot("shared"));
    await storage.tell(first, { kind: "handed back" });
    const [source] = await storage.trials("s");
    const copied = await storage.claim("s", "worker", (trials) => {
      const trial = { ...(trials[0] as TrialRecord), number: 1, attempt: 0, state: "waiting" } as const;
      return { kind: "segment", trial, changed: [trial] };
    });
    await storage.tell(await claimIn(storage), { kind: "trained", complete: true });
    expect(await storage.artifact("s", source?.checkpoint ?? "")).toEqual(snapshot("shared"));
    if (copied.kind === "segment") await storage.tell(copied.claim, { kind: "trained", complete: true });
    expect(texts()).toEqual([]);
  });

  test("two studies that write the same bytes do not take each other's", async () => {
    await storage.create("t", {}, place);
    await using other = await openStorage(join(folder, String(number), "other.db"));
    await other.create("s", {}, place);
    const first = await claimIn(storage);
    const [second, third] = [await storage.claim("t", "worker", next), await claimIn(other)];
    await storage.checkpoint(first, snapshot("same"));
    if (second.kind === "segment") await storage.checkpoint(second.claim, snapshot("same"));
    await other.checkpoint(third, snapshot("same"));
    await storage.tell(first, { kind: "trained", complete: true });
    await storage.remove("s");
    expect(await storage.artifact("t", digestOf(snapshot("same")))).toEqual(snapshot("same"));
    expect(await other.artifact("s", digestOf(snapshot("same")))).toEqual(snapshot("same"));
    expect(await other.artifact(undefined, digestOf(snapshot("same")))).toEqual(snapshot("same"));
    expect(await other.artifact(undefined, digestOf(snapshot("other")))).toBeUndefined();
  });

  test("a worker that died while it wrote loses the others nothing, and leaves nothing", async () => {
    const first = await claimIn(storage);
    await storage.checkpoint(first, snapshot("before"));
    const child = killedAmid(at, first, kind);
    await child;
    expect(texts()).toContain("amid");
    expect((await storage.trials("s"))[0]?.checkpoint).toBe(digestOf(snapshot("before")));
    await storage.release(first);
    expect(texts()).toEqual(["before"]);
    const again = await claimIn(storage);
    expect(await storage.artifact("s", digestOf(snapshot("before")))).toEqual(snapshot("before"));
    await storage.checkpoint(again, snapshot("amid"));
    expect(texts()).toEqual(["amid"]);
  });

  if (kind !== "sql") {
    test("loss and damage are told in one sentence", async () => {
      const first = await claimIn(storage);
      await storage.checkpoint(first, snapshot("whole"));
      const read = () => storage.artifact("s", digestOf(snapshot("whole")));
      change(kind, (bytes) => bytes.map((byte) => byte ^ 1));
      await expect(read()).rejects.toThrow(
        /^the bytes \w{12} of "s" must be as hypertrain wrote them, but differ from their digest: [^\n]* is damaged; restore a copy$/,
      );
      change(kind, () => undefined);
      await expect(read()).rejects.toThrow(
        /^the bytes \w{12} of "s" must be in [^\n]*, but are gone; restore/,
      );
    });

    test("a study goes on where its artifacts are, and nowhere else", async () => {
      await storage.reach("s");
      await storage.reach("s", place);
      await expect(storage.reach("s", "sql")).rejects.toThrow(
        /^the artifacts of "s" must stay where they are, in (file|s3):[^\n]*, but got sql;/,
      );
    });
  }
});

/** Lets a process write bytes for a claim, and kills it when they lie there, but no row names them. */
async function killedAmid(store: string, claim: Claim, kind: string): Promise<void> {
  const storage = JSON.stringify(new URL("../../src/storage/open-storage.ts", import.meta.url).href);
  const hooks: Readonly<Record<string, string>> = {
    sql: `import { DatabaseSync, StatementSync } from "node:sqlite";
      const run = StatementSync.prototype.run;
      const all = StatementSync.prototype.all;
      let wrote = false;
      StatementSync.prototype.run = function (...args) {
        if (wrote && /^commit/.test(this.sourceSQL)) { run.apply(this, args); process.kill(process.pid, "SIGKILL"); }
        if (/insert into "chunk"/.test(this.sourceSQL)) wrote = true;
        return run.apply(this, args);
      };`,
    file: `import promises from "node:fs/promises";
      import { syncBuiltinESMExports } from "node:module";
      const { rename } = promises;
      promises.rename = async (...args) => { await rename(...args); process.kill(process.pid, "SIGKILL"); };
      syncBuiltinESMExports();`,
    s3: "",
  };
  const script = `${hooks[kind]}
    const { openStorage } = await import(${storage});
    const storage = await openStorage(${JSON.stringify(store)});
    await storage.checkpoint(${JSON.stringify(claim)}, new TextEncoder().encode("amid"));
    console.log("it lives");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], { env: process.env });
  let said = "";
  child.stdout.on("data", (text) => (said += String(text)));
  child.stderr.on("data", (text) => (said += String(text)));
  s3.fault = (method, key) => {
    if (method !== "PUT" || child.killed) return undefined;
    s3.objects.set(key, Buffer.from("amid"));
    child.kill("SIGKILL");
    return "silence";
  };
  const signal = await new Promise((resolve) => child.on("close", (_, name) => resolve(name)));
  s3.fault = () => undefined;
  expect([said, signal]).toEqual(["", "SIGKILL"]);
}

/** Changes, or removes, all bytes of a store that others see. */
function change(kind: string, into: (bytes: Uint8Array) => Uint8Array | undefined): void {
  if (kind === "s3") {
    for (const [key, bytes] of s3.objects) {
      const changed = into(bytes);
      if (changed) s3.objects.set(key, Buffer.from(changed));
      else s3.objects.delete(key);
    }
    return;
  }
  for (const entry of readdirSync("kept", { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile()) continue;
    const changed = into(readFileSync(path));
    if (changed) writeFileSync(path, changed);
    else rmSync(path);
  }
}

test("a folder beside the SQLite file goes with it where it is moved to", async () => {
  const own = join(folder, String(number));
  await (async () => {
    await using storage = await openStorage(at);
    await storage.create("s", {}, `file:${join(own, "kept")}`);
    await storage.checkpoint(await claimIn(storage), snapshot("moved"));
  })();
  const elsewhere = join(folder, `${number}-elsewhere`);
  renameSync(own, elsewhere);
  await using storage = await openStorage(join(elsewhere, "study.db"));
  await storage.reach("s");
  expect(await storage.artifact("s", digestOf(snapshot("moved")))).toEqual(snapshot("moved"));
});

test("what cannot be removed now is removed when somebody reaches it", async () => {
  await using storage = await openStorage(at);
  await storage.create("s", {}, "s3://bucket");
  await storage.checkpoint(await claimIn(storage), snapshot("left"));
  s3.fault = (method) => (method === "GET" ? 403 : undefined);
  expect(await storage.remove("s")).toEqual(["s3://bucket"]);
  expect(await storage.find("s")).toBeUndefined();
  expect(s3.objects.size).toBe(2);
  s3.fault = () => undefined;
  await using other = await openStorage(at);
  await other.create("s", {}, "sql");
  await other.checkpoint(await claimIn(other), snapshot("other"));
  expect(s3.objects.size).toBe(0);
  expect(await other.remove("s")).toEqual([]);
});

test("a worker whose trial goes on elsewhere while it writes changes nothing, and leaves nothing", async () => {
  await using storage = await openStorage(at);
  await using other = await openStorage(at);
  await storage.create("s", {}, "s3://bucket");
  const slow = await claimIn(storage);
  s3.fault = async (method) => {
    if (method !== "PUT") return undefined;
    s3.fault = () => undefined;
    await other.release(slow);
    await other.checkpoint(await claimIn(other), snapshot("of the other"));
    return undefined; // only now do the bytes of the slow one arrive, after the others took them for gone
  };
  expect(await storage.checkpoint(slow, snapshot("of the slow one"))).toBe(false);
  expect([...s3.objects.values()].map(String).sort()).toEqual(["of the other", expect.stringMatching(/^s-/)]);
});

test("bytes that a worker is writing stay while others end their segments", async () => {
  await using storage = await openStorage(at);
  await using other = await openStorage(at);
  await storage.create("s", {}, "s3://bucket");
  const [slow, quick] = [await claimIn(storage), await claimIn(other)];
  s3.fault = async (method) => {
    if (method !== "PUT") return undefined;
    s3.fault = () => undefined;
    await other.checkpoint(quick, snapshot("quick"));
    await other.tell(quick, { kind: "trained", complete: true });
    return undefined;
  };
  expect(await storage.checkpoint(slow, snapshot("slow"))).toBe(true);
  expect(await storage.artifact("s", digestOf(snapshot("slow")))).toEqual(snapshot("slow"));
});

test.each(["SQLite", "PostgreSQL"])("a store of the tables before is taken over whole: %s", async (kind) => {
  const isSqlite = kind === "SQLite";
  await using server = isSqlite ? undefined : await startPostgres();
  const place = server ? await server.database("before") : at;
  if (isSqlite) {
    using database = new DatabaseSync(place);
    database.exec(tablesBefore("blob"));
  } else {
    const client = new pg.Client(place);
    await client.connect();
    await client.query(tablesBefore("bytea"));
    await client.end();
  }
  const claim = { study: "s", trial: 0, attempt: 1 };
  await using storage = await openStorage(place);
  expect((await storage.list()).map(({ name, config }) => [name, config])).toEqual([
    ["other", {}],
    ["s", { of: "before" }],
  ]);
  expect(await storage.trials("s")).toMatchObject([{ state: "running", curve: [{ budget: 1, loss: 0.5 }] }]);
  expect(await storage.points("s")).toEqual([{ trial: 0, budget: 1, point: { ...point(0.5), seconds: 1 } }]);
  expect(await storage.enqueued("s")).toEqual([{ x: 1 }]);
  expect(await storage.artifact("s", digestOf(snapshot("s-kept")))).toEqual(snapshot("s-kept"));
  expect(await storage.checkpoint(claim, snapshot("later"))).toBe(true);
  expect(await storage.artifact("s", digestOf(snapshot("later")))).toEqual(snapshot("later"));
  expect(await storage.artifact("s", digestOf(snapshot("s-kept")))).toBeUndefined();
  const end = { kind: "trained", complete: true, evaluations: [{ budget: 9, point: point(0.2) }] } as const;
  expect(await storage.tellAndClaim(claim, end, "worker", next)).toMatchObject({ trial: { number: 1 } });
  expect(await storage.segments("s", 9)).toMatchObject([{ trial: 1, worker: "worker", ended: null }]);
  await using waiter = await openStorage(place, { pause: isSqlite ? 1 : 1e8 });
  await waiter.changed("segments");
  await Promise.all([waiter.changed("segments"), storage.enqueue("s", { x: 2 }, () => 9)]); // it is told of it, too
});
