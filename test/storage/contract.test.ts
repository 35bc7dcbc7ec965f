import { isDeepStrictEqual } from "node:util";

import { describe, expect, test } from "vitest";

import { openStorage } from "../../src/storage/open-storage.ts";
import type { Claim, Storage, StudyRecord, TrialPick } from "../../src/storage/storage.ts";
import type { TrialRecord } from "../../src/study/next-segment.ts";
import { kinds, storeFor } from "./kinds.ts";
import { another, claimOf, pointOf } from "./trials.ts";

describe.each(Object.entries(kinds))("a storage in %s", (kind, where) => {
  const { storage, artifacts, begin, at } = storeFor(where);

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

  test("who waits for a change wakes when another process makes it", async () => {
    const pause = kind.startsWith("postgres") ? 1e8 : 1; // which PostgreSQL must not need
    await using waiter = await openStorage(at(), { pause });
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
    const others = kind === "memory" ? [storage] : [storage, await openStorage(at())];
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
    const others = kind === "memory" ? [storage] : [storage, await openStorage(at())];
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

  test("what another process wrote is seen", async () => {
    if (kind === "memory") return;
    const claim = await begin("seen");
    await using other = await openStorage(at());
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
      await using other = await openStorage(at());
      await using second = await openStorage(at());
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
