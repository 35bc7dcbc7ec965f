import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { Kysely, sql } from "kysely";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";

import type { TracePoint } from "../../src/api/trace.ts";
import { workProcesses } from "../../src/cli/study/processes.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import { postgresDialect } from "../../src/storage/postgres.ts";
import type { Tables } from "../../src/storage/tables.ts";
import type { Claim, Claimed, Decide, Storage, StudyRecord, TrialPick } from "../../src/storage/storage.ts";
import type { NextSegment, TrialRecord } from "../../src/study/next-segment.ts";
import { openNetwork } from "./hanging-network.ts";
import { startPostgres, type PostgresServer } from "./postgres-server.ts";
import { startS3, type S3Server } from "./s3-server.ts";

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
const kinds: Readonly<Record<string, readonly [place: () => Promise<string>, artifacts?: string]>> = {
  memory: [() => Promise.resolve(":memory:")],
  sqlite: [sqlite],
  postgres: [database],
  "sqlite, its artifacts in files": [sqlite, `file:${join(folder, "artifacts")}`],
  "sqlite, its artifacts in a bucket": [sqlite, "s3://bucket"],
  "postgres, its artifacts in a bucket": [database, "s3://bucket/of/postgres"],
};

/** Starts trials without an end, each to one epoch. */
const another = (trials: readonly TrialRecord[]): NextSegment => {
  const orphan = trials.find(({ state }) => state === "waiting");
  if (orphan) return { kind: "segment", trial: orphan, changed: [] };
  const number = trials.length;
  const trial = {
    number,
    values: { x: number },
    state: "waiting",
    attempt: 0,
    deaths: 0,
    to: 1,
    curve: [],
  } as const;
  return { kind: "segment", trial, changed: [trial], decision: { kind: "start", to: 1 } };
};

/** The same, and the trial before hears that it counts, as a sampler would tell it. */
const settling: Decide = (trials) => {
  const next = another(trials);
  const before = trials.at(-1);
  if (next.kind !== "segment" || !before) return next;
  const suggested = { asked: before.number, values: before.values, told: 1 };
  return { ...next, changed: [{ ...before, suggested }, ...next.changed] };
};

const pointOf = (loss: number): TracePoint => ({
  ...{ step: 10, epoch: 1, examples: 100, gradientEvaluations: 10, seconds: 1 },
  ...{ train: { loss, penalty: 0 }, valid: { loss }, hyperparameters: {} },
});

const claimOf = (claimed: Claimed): Claim => {
  if (claimed.kind !== "segment") throw new Error(`a segment was expected, not ${claimed.kind}`);
  return claimed.claim;
};

describe.each(Object.entries(kinds))("a storage in %s", (kind, [place, artifacts]) => {
  let at: string;
  let storage: Storage;
  beforeAll(async () => {
    at = await place();
    const opened = await openStorage(at);
    storage = {
      ...opened,
      create: (name, config, _, trials) => opened.create(name, config, artifacts, trials),
    };
  });
  afterAll(async () => storage[Symbol.asyncDispose]());

  const begin = async (name: string) => {
    await storage.create(name, { of: name });
    return () => storage.claim(name, "worker", another);
  };

  test("a study is created once, found, listed and removed with all that belongs to it", async () => {
    expect(await storage.create("a", { first: true })).toBe(true);
    expect(await storage.create("a", { first: false })).toBe(false);
    expect(await storage.find("a")).toMatchObject({ name: "a", config: { first: true }, state: "open" });
    const claim = claimOf(await storage.claim("a", "worker", another));
    await storage.report(claim, 1, pointOf(0.5));
    await storage.checkpoint(claim, new Uint8Array([1, 2, 3]));
    expect((await storage.list()).map(({ name }) => name)).toContain("a");
    await storage.remove("a");
    expect(await storage.find("a")).toBeUndefined();
    expect(await storage.trials("a")).toEqual([]);
    expect(await storage.points("a")).toEqual([]);
  });

  test("claims of many processes at once are of different trials", async () => {
    const claim = await begin("many");
    const others = kind === "memory" ? [] : await Promise.all([openStorage(at), openStorage(at)]);
    const claims = await Promise.all([
      ...Array.from({ length: 20 }, claim),
      ...others.flatMap((other) => Array.from({ length: 20 }, () => other.claim("many", "other", another))),
    ]);
    const trials = claims.map((claimed) => claimOf(claimed).trial).sort((a, b) => a - b);
    expect(trials).toEqual(Array.from({ length: claims.length }, (_, i) => i));
    for (const other of others) await other[Symbol.asyncDispose]();
  });

  test("who waits for a change wakes when another process makes it", async () => {
    const pause = kind.startsWith("postgres") ? 1e8 : 1; // which PostgreSQL must not need
    await using waiter = await openStorage(at, { pause });
    const claim = await begin("waited");
    const there = kind !== "memory" ? waiter : storage;
    await there.changed("segments"); // from here on it listens
    const claims = async () => (await there.trials("waited")).length;
    const before = await claims(); // read first: the other process's claim may be as quick as a look
    const waits = async () => {
      while ((await claims()) === before) await there.changed("segments");
    };
    const [, held] = await Promise.all([waits(), claim()]);
    const evaluated = async () => {
      while ((await there.points("waited")).length === 0) await there.changed("anything");
    };
    await Promise.all([evaluated(), storage.report(claimOf(held), 1, pointOf(1))]);
    const over = new AbortController();
    const waiting = Array.from({ length: 2 }, () => there.changed("segments", over.signal));
    over.abort();
    await Promise.all(waiting);
  });

  test("every change raises the study's revision, and what is read is what was written", async () => {
    const claim = claimOf(await (await begin("written"))());
    const before = (await storage.find("written"))?.revision ?? NaN;
    expect(await storage.report(claim, 0, pointOf(2))).toBe(true);
    expect(await storage.report(claim, 1, pointOf(0.5))).toBe(true);
    expect((await storage.find("written"))?.revision).toBe(before + 2);
    const [trial] = await storage.trials("written");
    expect(trial).toMatchObject({ state: "running", attempt: 1, curve: [{ budget: 1, loss: 0.5 }] });
    expect(await storage.points("written")).toEqual([
      { trial: 0, budget: 0, point: pointOf(2) },
      { trial: 0, budget: 1, point: pointOf(0.5) },
    ]);
    expect(await storage.decisions("written")).toEqual([{ kind: "start", to: 1 }]);
  });

  test("a worker whose segment was taken changes nothing any more", async () => {
    const claim = await begin("taken");
    const first = claimOf(await claim());
    await storage.report(first, 1, pointOf(0.5));
    expect(await storage.release(first)).toBe(true);
    const second = claimOf(await claim());
    expect(second).toEqual({ study: "taken", room: first.room, trial: 0, attempt: 2 });
    const before = await storage.trials("taken");
    const zombie = [
      storage.beat(first),
      storage.report(first, 1, pointOf(0.1)),
      storage.checkpoint(first, new Uint8Array([9])),
      storage.tell(first, { kind: "failed", reason: "a zombie" }),
      storage.release(first),
    ];
    expect(await Promise.all(zombie)).toEqual([false, false, false, false, false]);
    expect(await storage.trials("taken")).toEqual(before);
    expect((await storage.points("taken")).map(({ point }) => point.valid.loss)).toEqual([0.5]);
    expect(await storage.beat(second)).toBe(true);
    expect(await storage.held("taken")).toEqual([{ ...second, worker: "worker", beats: 1 }]);
  });

  test("a worker of a study that was removed changes nothing in another of its name, and gets nothing of it", async () => {
    const first = claimOf(await (await begin("replaced"))());
    await storage.remove("replaced");
    const claim = await begin("replaced");
    const second = claimOf(await claim());
    expect(second).toEqual({ ...first, room: expect.not.stringMatching(String(first.room)) as string });
    const before = await storage.trials("replaced");
    const end = { kind: "trained", complete: true } as const;
    const late = [
      storage.beat(first),
      storage.report(first, 1, pointOf(0.1)),
      storage.reportAll(first, [{ budget: 1, point: pointOf(0.1) }]),
      storage.checkpoint(first, new Uint8Array([9])),
      storage.tell(first, { kind: "failed", reason: "of another study" }),
      storage.tell(first, { ...end, model: { point: pointOf(0.1), weights: new Uint8Array([9]) } }),
      storage.tellAndClaim(first, end, "worker", another),
      storage.release(first),
    ];
    expect((await Promise.all(late)).map(Boolean)).toEqual(late.map(() => false));
    expect(await storage.claim("replaced", "worker", another, first.room)).toEqual({ kind: "done" });
    expect(await storage.trials("replaced")).toEqual(before);
    expect(await storage.points("replaced")).toEqual([]);
    expect(await storage.held("replaced")).toEqual([{ ...second, worker: "worker", beats: 0 }]);
    expect(claimOf(await storage.claim("replaced", "worker", another, second.room)).trial).toBe(1);
    expect(await storage.beat({ study: "replaced", trial: 0, attempt: 1 })).toBe(true); // of whichever has the name
    expect(await storage.tell(second, end)).toBe(true);
  });

  test("losses that a program reports rise in their budgets within an attempt, whoever is told of them", async () => {
    const claim = await begin("ordered");
    const first = claimOf(await claim());
    const others = kind === "memory" ? storage : await openStorage(at);
    const curve = async () => (await storage.trials("ordered"))[0]?.curve;
    expect(await storage.report(first, 0.25, pointOf(1))).toBe(true);
    expect(await others.report(first, 0.5, pointOf(0.2))).toBe(true);
    expect(await storage.report(first, 0.5, pointOf(0.2))).toBe(true); // the answer got lost
    for (const [budget, loss] of [
      [0.25, 9],
      [0.5, 9],
      [0, 9],
    ] as const) {
      const late = storage.report(first, budget, pointOf(loss));
      await expect(late).rejects.toMatchObject({
        code: "input",
        message: expect.stringContaining("trial 0 has 0.2 at 0.5 already") as string,
      });
    }
    expect(await curve()).toEqual([
      { budget: 0.25, loss: 1 },
      { budget: 0.5, loss: 0.2 },
    ]);
    await storage.tell(first, { kind: "handed back" });
    const second = claimOf(await claim());
    expect(await others.report(second, 0.25, pointOf(3))).toBe(true); // it went on from a checkpoint before
    expect(await curve()).toEqual([{ budget: 0.25, loss: 3 }]);
    await expect(storage.report(second, 0.2, pointOf(1))).rejects.toThrow("in the order of their budgets");
    if (others !== storage) await others[Symbol.asyncDispose]();
  });

  test("a trial fails when the third of its workers dies, and its deaths are forgotten when a segment ends", async () => {
    const claim = await begin("deaths");
    for (const state of ["waiting", "waiting", "failed"]) {
      await storage.release(claimOf(await claim()));
      expect((await storage.trials("deaths"))[0]?.state).toBe(state);
    }
    expect((await storage.trials("deaths"))[0]?.reason).toBe("its worker died 3 times");
    await storage.release(claimOf(await claim()));
    const again = claimOf(await claim());
    await storage.tell(again, { kind: "trained", complete: false, snapshot: new Uint8Array([1]) });
    expect((await storage.trials("deaths"))[again.trial]).toMatchObject({ state: "paused", deaths: 0 });
  });

  test("bytes are kept as long as a trial or the model names them, and no longer", async () => {
    const claim = await begin("bytes");
    const first = claimOf(await claim());
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
    await storage.checkpoint(first, bytes);
    const sha = (await storage.trials("bytes"))[0]?.checkpoint ?? "";
    expect(await storage.artifact("bytes", sha)).toEqual(bytes);
    await storage.tell(first, { kind: "handed back" });
    expect((await storage.trials("bytes"))[0]).toMatchObject({ state: "waiting", checkpoint: sha });
    const again = claimOf(await claim());
    const model = { point: pointOf(0.5), weights: new Uint8Array([7]) };
    await storage.tell(again, { kind: "trained", complete: true, model });
    expect(await storage.artifact("bytes", sha)).toBeUndefined();
    const best = (await storage.find("bytes"))?.model;
    expect(best).toMatchObject({ trial: 0, point: { valid: { loss: 0.5 } } });
    expect(await storage.artifact("bytes", best?.sha ?? "")).toEqual(new Uint8Array([7]));

    const worse = { point: pointOf(0.6), weights: new Uint8Array([8]) };
    await storage.tell(claimOf(await claim()), { kind: "trained", complete: true, model: worse });
    expect((await storage.find("bytes"))?.model).toEqual(best);
    const better = { point: pointOf(0.4), weights: new Uint8Array([9]) };
    await storage.tell(claimOf(await claim()), { kind: "trained", complete: true, model: better });
    expect((await storage.find("bytes"))?.model?.trial).toBe(2);
    expect(await storage.artifact("bytes", best?.sha ?? "")).toBeUndefined();
  });

  test("a study that is done, stopped or gone gives no work, and one that is reopened does", async () => {
    const claim = await begin("ends");
    expect(await storage.claim("ends", "worker", () => ({ kind: "wait" }))).toEqual({ kind: "wait" });
    expect(await storage.claim("ends", "worker", () => ({ kind: "done" }))).toEqual({ kind: "done" });
    expect((await storage.find("ends"))?.state).toBe("done");
    expect(await claim()).toEqual({ kind: "done" });
    expect(await storage.reopen("ends", () => undefined)).toBe(true);
    expect((await storage.find("ends"))?.state).toBe("done");
    expect(await storage.reopen("ends", () => ({ more: true }))).toBe(true);
    expect(await storage.reopen("nowhere", () => ({ more: true }))).toBe(false);
    expect(await storage.find("ends")).toMatchObject({ state: "open", config: { more: true } });
    expect((await claim()).kind).toBe("segment");
    await storage.stop("ends");
    expect(await claim()).toEqual({ kind: "done" });
    expect(await storage.claim("nowhere", "worker", another)).toEqual({ kind: "done" });
  });

  test("what is enqueued is offered first come, first served, until a segment takes it", async () => {
    await begin("queued");
    await storage.enqueue("queued", { x: 5 }, () => 2);
    await storage.enqueue("queued", { x: 6 }, () => 2);
    const offered: unknown[] = [];
    for (const dequeued of [false, true, true, true]) {
      await storage.claim("queued", "worker", (trials, enqueued) => {
        offered.push(enqueued);
        return { ...another(trials), ...(dequeued && { dequeued }) };
      });
    }
    expect(offered).toEqual([[{ x: 5 }], [{ x: 5 }], [{ x: 6 }], []]);
  });

  test("however many enqueue values at once, none waits for a trial that a study has not", async () => {
    const claim = await begin("full");
    await claim();
    const others = kind === "memory" ? [storage] : [storage, await openStorage(at)];
    const enqueued = others.flatMap((one) =>
      [1, 2, 3].map((x) =>
        one.enqueue("full", { x }, ({ config }) => (isDeepStrictEqual(config, { of: "full" }) ? 3 : 0)),
      ),
    );
    const results = await Promise.all(enqueued);
    expect(results.flatMap(({ added, waiting }) => (added ? [waiting] : [])).sort()).toEqual([1, 2]);
    expect(results.find(({ added }) => !added)).toEqual({ added: false, made: 1, waiting: 2 });
    expect(await storage.enqueued("full")).toHaveLength(2);
    await storage.claim("full", "worker", () => ({ kind: "done" }));
    const late = { added: false, made: 1, waiting: 2 };
    expect(await storage.enqueue("full", { x: 1 }, () => 9)).toEqual(late);
    expect(await storage.enqueue("nowhere", { x: 1 }, () => 9)).toEqual({
      added: false,
      made: 0,
      waiting: 0,
    });
    await others[1]?.[Symbol.asyncDispose]();
  });

  test("a study that many reopen at once loses none of their changes", async () => {
    await storage.create("widened", { trials: 0 });
    const others = kind === "memory" ? [storage] : [storage, await openStorage(at)];
    const wider = ({ config }: StudyRecord) => ({
      trials: (config as { readonly trials: number }).trials + 1,
    });
    await Promise.all(others.flatMap((one) => [1, 2, 3].map(() => one.reopen("widened", wider))));
    expect((await storage.find("widened"))?.config).toEqual({ trials: 3 * others.length });
    await others[1]?.[Symbol.asyncDispose]();
  });

  test("trials that ended elsewhere are a study's first, all of them or none", async () => {
    const claim = () => storage.claim("added", "worker", another);
    const ended = (number: number): TrialRecord => ({
      ...{ number, values: { x: number }, state: "complete", attempt: 1, deaths: 0, to: 1 },
      curve: [{ budget: 1, loss: number }],
    });
    const torn = { ...ended(1), values: { x: 1n as never } }; // which JSON has no place for
    await expect(storage.create("added", {}, undefined, [ended(0), torn])).rejects.toThrow();
    expect(await storage.find("added")).toBeUndefined();
    expect(await storage.create("added", {}, undefined, [ended(0), ended(1)])).toBe(true);
    expect(await storage.trials("added")).toEqual([ended(0), ended(1)]);
    expect(claimOf(await claim()).trial).toBe(2);
    expect((await storage.points("added")).map(({ trial, point }) => [trial, point.valid.loss])).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect(await storage.points("added", { from: 1, to: 2 })).toMatchObject([{ trial: 1, budget: 1 }]);
    expect(await storage.create("added", {}, undefined, [ended(0)])).toBe(false);
    expect(await storage.trials("added")).toHaveLength(3);
  });

  test("some trials are those that were asked for: by number, or as they changed since a revision", async () => {
    const claim = await begin("picked");
    const claims = [];
    for (let i = 0; i < 5; i++) claims.push(claimOf(await claim()));
    const picked = async (which: TrialPick) =>
      (await storage.someTrials("picked", which)).trials.map(({ number }) => number);
    expect(await picked({ from: 0, to: 2 })).toEqual([0, 1]);
    expect(await picked({ from: 3, to: 9 })).toEqual([3, 4]);
    expect(await picked({ numbers: [4, 1, 7] })).toEqual([1, 4]);
    const { revision, of } = await storage.someTrials("picked", { from: 0, to: 2 });
    expect(of).toBe(5);
    await storage.report(claims[3] as Claim, 1, pointOf(0.5));
    await claim();
    expect(await picked({ after: revision, known: of })).toEqual([3, 5]);
    const { trials } = await storage.someTrials("picked", { numbers: [3] });
    expect(trials[0]?.curve).toEqual([{ budget: 1, loss: 0.5 }]);
    expect(await storage.someTrials("nowhere", { from: 0, to: 2 })).toEqual({
      trials: [],
      revision: 0,
      of: 0,
    });
  });

  test("segments tell who trained what when, and how it ended", async () => {
    const claim = await begin("segments");
    const first = claimOf(await claim());
    await storage.report(first, 1, pointOf(0.5));
    await storage.tell(first, { kind: "trained", complete: true });
    const second = claimOf(await claim());
    expect(await storage.release(second)).toBe(true);
    await claim(); // the same trial
    const segments = await storage.segments("segments", 10);
    expect(
      segments.map(({ trial, attempt, worker, start, ended }) => [trial, attempt, worker, start, ended]),
    ).toEqual([
      [0, 1, "worker", 0, "trained"],
      [1, 1, "worker", 0, "died"],
      [1, 2, "worker", 0, null],
    ]);
    for (const { began, heard } of segments) {
      expect(heard).toBeGreaterThanOrEqual(began);
      expect(Math.abs(began - Date.now() / 1000)).toBeLessThan(60); // the database's clock is this machine's
    }
    vi.spyOn(Date, "now").mockReturnValue(0); // nothing but the database's clock is asked
    const now = await storage.now();
    vi.restoreAllMocks();
    expect(now).toBeGreaterThanOrEqual(segments.at(-1)?.heard ?? Infinity);
    expect(Math.abs(now - Date.now() / 1000)).toBeLessThan(60);
    expect(await storage.segments("segments", 1)).toEqual(segments.slice(-1));
  });

  test("a trial that is made to fail is lost to its worker, and one that is tried again starts anew with its study", async () => {
    const claim = await begin("by hand");
    const held = claimOf(await claim());
    await storage.report(held, 1, pointOf(0.5));
    expect(await storage.fail("by hand", 0, "it hangs")).toBe(true);
    expect(await storage.trials("by hand")).toMatchObject([{ state: "failed", reason: "it hangs" }]);
    expect(await storage.segments("by hand", 9)).toMatchObject([{ ended: "failed" }]);
    expect(await storage.report(held, 2, pointOf(0.4))).toBe(false);
    expect(await storage.fail("by hand", 0, "again")).toBe(false);
    expect(await storage.fail("by hand", 7, "none")).toBe(false);
    await storage.claim("by hand", "worker", () => ({ kind: "done" }));
    expect((await storage.find("by hand"))?.state).toBe("done");
    expect(await storage.retry("by hand", 0)).toBe(true);
    expect(await storage.retry("by hand", 0)).toBe(false);
    expect((await storage.find("by hand"))?.state).toBe("open");
    expect(await storage.trials("by hand")).toEqual([
      { ...{ number: 0, values: { x: 0 }, state: "waiting", attempt: 1, deaths: 0, to: 1, curve: [] } },
    ]);
    expect(await storage.points("by hand")).toEqual([]);
    expect(claimOf(await claim())).toMatchObject({ study: "by hand", trial: 0, attempt: 2 });
  });

  test("a trial that is tried again goes on from its checkpoint, and the sampler hears anew how it fares", async () => {
    await begin("kept");
    const suggested = { asked: 0, values: { x: 1 }, told: null };
    const claimed = await storage.claim("kept", "worker", (trials) => {
      const next = another(trials);
      if (next.kind !== "segment") return next;
      const trial = { ...next.trial, suggested };
      return { ...next, trial, changed: [trial] };
    });
    const claim = claimOf(claimed);
    await storage.report(claim, 0.5, pointOf(0.5));
    await storage.checkpoint(claim, new Uint8Array([1]));
    for (let death = 0; death < 3; death++) {
      await storage.release(death === 0 ? claim : claimOf(await storage.claim("kept", "worker", another)));
    }
    expect(await storage.trials("kept")).toMatchObject([{ state: "failed", suggested: { told: null } }]);
    expect(await storage.retry("kept", 0)).toBe(true);
    const [trial] = await storage.trials("kept");
    expect(trial).toMatchObject({ state: "waiting", deaths: 0, curve: [{ budget: 0.5, loss: 0.5 }] });
    expect(trial?.checkpoint).toBeDefined();
    expect(trial?.suggested).toEqual({ asked: 0, values: { x: 1 } });
    expect(trial).not.toHaveProperty("reason");
  });

  test("notes on a study and its trials are kept, changed and removed", async () => {
    await begin("noted");
    const before = (await storage.find("noted"))?.revision ?? NaN;
    await storage.annotate("noted", 3, "odd: 'loss' jumps\nat epoch 2");
    await storage.annotate("noted", undefined, "first try");
    await storage.annotate("noted", undefined, "second try");
    expect(await storage.notes("noted")).toEqual([
      { text: "second try" },
      { trial: 3, text: "odd: 'loss' jumps\nat epoch 2" },
    ]);
    expect((await storage.find("noted"))?.revision).toBe(before + 3);
    await storage.annotate("noted", 3, "");
    expect(await storage.notes("noted")).toEqual([{ text: "second try" }]);
    await storage.remove("noted");
    expect(await storage.notes("noted")).toEqual([]);
  });

  test("evaluations that are reported together are those that are reported one by one", async () => {
    const claim = await begin("together");
    const [first, second] = [claimOf(await claim()), claimOf(await claim())];
    const made = [0, 0.25, 0.5, 0.75].map((budget) => ({ budget, point: pointOf(1 - budget) }));
    for (const { budget, point } of made) await storage.report(first, budget, point);
    expect(await storage.reportAll(second, made)).toBe(true);
    const [one, other] = await storage.trials("together");
    expect(other).toEqual({ ...one, number: 1, values: { x: 1 } });
    const points = async (trial: number) =>
      (await storage.points("together", { from: trial, to: trial + 1 })).map(({ trial: _, ...rest }) => rest);
    expect(await points(1)).toEqual(made);
    expect(await points(0)).toEqual(made);
    await storage.tell(second, { kind: "failed", reason: "enough" });
    expect(await storage.reportAll(second, made)).toBe(false);
  });

  test("a last evaluation that is told with the end is one as if it were reported", async () => {
    const claim = await begin("last");
    const [first, second] = [claimOf(await claim()), claimOf(await claim())];
    const last = { budget: 1, point: pointOf(0.25) };
    await storage.report(first, last.budget, last.point);
    await storage.tell(first, { kind: "trained", complete: true });
    expect(await storage.tell(second, { kind: "trained", complete: true, evaluations: [last] })).toBe(true);
    expect(await storage.tell(second, { kind: "trained", complete: true, evaluations: [last] })).toBe(false);
    const [one, other] = await storage.trials("last");
    expect(other).toEqual({ ...one, number: 1, values: { x: 1 } });
    expect(await storage.points("last")).toEqual([
      { trial: 0, ...last },
      { trial: 1, ...last },
    ]);
  });

  test("a segment's end and the next claim in one change are what they are one after the other", async () => {
    /** Two trials, the second at values that were enqueued; the study is stopped meanwhile. */
    const study = async (name: string, go: (claim: Claim, loss: number) => Promise<Claimed | undefined>) => {
      const claimed = await (await begin(name))();
      await storage.enqueue(name, { x: 7 }, () => 9);
      const next = await go(claimOf(claimed), 0.25);
      await storage.stop(name);
      const last = next && (await go(claimOf(next), 0.5));
      const { config: _, model, ...record } = (await storage.find(name)) ?? {};
      const times = { began: 0, heard: 0 };
      return {
        record: { ...record, name: "" },
        ...{ model: model?.trial, last, trials: await storage.trials(name) },
        points: await storage.points(name),
        decisions: await storage.decisions(name),
        enqueued: await storage.enqueued(name),
        segments: (await storage.segments(name, 9)).map((segment) => ({ ...segment, ...times })),
        held: (await storage.held(name)).length,
      };
    };
    const endOf = (loss: number) => ({
      ...({ kind: "trained", complete: true } as const),
      evaluations: [{ budget: 1, point: pointOf(loss) }],
      model: { point: pointOf(loss), weights: new Uint8Array([loss * 4]) },
    });
    const byLoss: Decide = (trials, [wanted]) => {
      const segment = another(trials);
      if (segment.kind !== "segment") return segment;
      const values = { x: trials[0]?.curve[0]?.loss ?? 0, ...wanted };
      const trial = { ...segment.trial, values };
      return { ...segment, trial, changed: [trial], dequeued: wanted !== undefined };
    };
    const expected = await study("apart", async (claim, loss) => {
      expect(await storage.tell(claim, endOf(loss))).toBe(true);
      return storage.claim(claim.study, "worker", byLoss);
    });
    expect(
      await study("at once", (claim, loss) => storage.tellAndClaim(claim, endOf(loss), "worker", byLoss)),
    ).toEqual(expected);
    expect(expected).toMatchObject({ last: { kind: "done" }, model: 0, enqueued: [], held: 0 });
    expect(expected.trials.map(({ values }) => values)).toEqual([{ x: 0 }, { x: 7 }]);
  });

  test("the next segment is chosen by what is told with it, and not by a worker that lost its own", async () => {
    const claim = claimOf(await (await begin("chosen"))());
    const end = {
      ...({ kind: "trained", complete: true } as const),
      evaluations: [{ budget: 1, point: pointOf(0.25) }],
    };
    let seen: readonly TrialRecord[] = [];
    const seeing: Decide = (trials) => another((seen = trials));
    const next = claimOf((await storage.tellAndClaim(claim, end, "worker", seeing)) ?? { kind: "done" });
    expect(seen).toMatchObject([{ state: "complete", curve: [{ budget: 1, loss: 0.25 }] }]);
    expect(await storage.release(next)).toBe(true);
    expect(await storage.tellAndClaim(next, end, "worker", another)).toBeUndefined();
    expect(await storage.trials("chosen")).toMatchObject([{ state: "complete" }, { state: "waiting" }]);
    expect(await storage.held("chosen")).toEqual([]);
  });

  test("what another process wrote is seen", async () => {
    if (kind === "memory") return;
    const claim = await begin("seen");
    await using other = await openStorage(at);
    expect(await other.trials("seen")).toEqual([]);
    await storage.report(claimOf(await claim()), 1, pointOf(0.3));
    expect((await other.trials("seen")).map(({ curve }) => curve)).toEqual([[{ budget: 1, loss: 0.3 }]]);
  });

  test.each([
    ["fewer", 1],
    ["as many", 2],
    ["more", 3],
  ])(
    "a study begun anew by another process starts from its own first trial, after %s changes",
    async (word, trials) => {
      if (kind === "memory") return;
      const name = `anew ${word}`;
      const fromLoss = (worker: Storage, loss: number) =>
        worker.claim(name, "worker", (known) => {
          const segment = another(known);
          if (segment.kind !== "segment") return segment;
          const trial = { ...segment.trial, values: { x: loss } };
          return { ...segment, trial, changed: [trial] };
        });
      await storage.create(name, {});
      for (let made = 0; made < 2; made++) await fromLoss(storage, 1);
      const rooms = new Set((await storage.held(name)).map(({ room }) => room));
      expect((await storage.trials(name)).map(({ values }) => values)).toEqual([{ x: 1 }, { x: 1 }]);
      await using other = await openStorage(at);
      await using second = await openStorage(at);
      for (const one of [other, second]) expect(await one.trials(name)).toHaveLength(2);
      await other.remove(name);
      await other.create(name, {}, artifacts);
      for (let made = 0; made < trials; made++) await fromLoss(other, 2);
      const { trial, attempt } = claimOf(await fromLoss(storage, 3));
      expect([trial, attempt]).toEqual([trials, 1]);
      const expected = [...Array.from({ length: trials }, () => ({ x: 2 })), { x: 3 }];
      for (const one of [storage, second]) {
        expect((await one.trials(name)).map(({ values }) => values)).toEqual(expected);
      }
      rooms.add((await storage.held(name))[0]?.room ?? "");
      expect(rooms.size).toBe(2);
      await other.remove(name);
      for (const one of [storage, second]) expect(await one.trials(name)).toEqual([]);
    },
  );
});

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
