import { describe, expect, test, vi } from "vitest";

import { openStorage } from "../../src/storage/open-storage.ts";
import type { Claim, Claimed, Decide } from "../../src/storage/storage.ts";
import type { TrialRecord } from "../../src/study/next-segment.ts";
import { kinds, storeFor } from "./kinds.ts";
import { another, claimOf, pointOf } from "./trials.ts";

describe.each(Object.entries(kinds))("a storage in %s", (kind, where) => {
  const { storage, begin, at } = storeFor(where);

  test("claims of many processes at once are of different trials", async () => {
    const claim = await begin("many");
    const others = kind === "memory" ? [] : await Promise.all([openStorage(at()), openStorage(at())]);
    const claims = await Promise.all([
      ...Array.from({ length: 20 }, claim),
      ...others.flatMap((other) => Array.from({ length: 20 }, () => other.claim("many", "other", another))),
    ]);
    const trials = claims.map((claimed) => claimOf(claimed).trial).sort((a, b) => a - b);
    expect(trials).toEqual(Array.from({ length: claims.length }, (_, i) => i));
    for (const other of others) await other[Symbol.asyncDispose]();
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
    const others = kind === "memory" ? storage : await openStorage(at());
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
});
