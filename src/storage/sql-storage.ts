import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { Kysely, type Dialect, type Transaction } from "kysely";

import type { TracePoint } from "../api/trace.ts";
import type { HyperValues } from "../space/space.ts";
import type { TrialRecord } from "../study/next-segment.ts";
import type {
  Claim,
  Claimed,
  HeldSegment,
  SegmentEnd,
  Storage,
  StoredPoint,
  StudyModel,
  StudyRecord,
} from "./storage.ts";
import { makeTables, type Tables } from "./tables.ts";

/** A segment whose workers died so often fails its trial. */
const MOST_DEATHS = 3;

/** What storages on different databases differ in. */
export interface SqlOptions {
  readonly dialect: Dialect;
  /** The type for bytes, by which the two kinds of databases differ in their words as well. */
  readonly bytes: "blob" | "bytea";
  /** What the place is called in messages. */
  readonly name: string;
  /** Whether a transaction that failed so may be tried again: another process was in the way, or the server went away. */
  transient(error: unknown): boolean;
}

/**
 * A storage in a SQL database. Trials are kept in memory, too: a transaction reads those that changed since the last one.
 *
 * @throws {HypertrainError} where the tables are of another version.
 */
export async function sqlStorage({ dialect, bytes, name, transient }: SqlOptions): Promise<Storage> {
  const db = new Kysely<Tables>({ dialect });
  const caches = new Map<string, Cache>();
  const oneByOne = queue(transient);

  try {
    await oneByOne(() => makeTables(db, bytes, name));
  } catch (error) {
    await db.destroy().catch(() => undefined); // what failed first says more
    throw error;
  }

  /** A transaction that has the study to itself. */
  const locked = <T>(
    study: string,
    action: (tx: Tx, found: StudyRow) => Promise<T>,
  ): Promise<T | undefined> =>
    oneByOne(() =>
      db.transaction().execute(async (tx) => {
        const query = tx.selectFrom("study").selectAll().where("name", "=", study);
        const found = await (bytes === "bytea" ? query.forUpdate() : query).executeTakeFirst();
        return found && action(tx, found);
      }),
    );

  /** A change by a worker, if its claim still holds. */
  const fenced = async (claim: Claim, change: (held: Held) => Promise<void>): Promise<boolean> => {
    const { study, trial, attempt } = claim;
    const done = await locked(study, async (tx, { revision, model }) => {
      const row = await rowOf(tx, claim).select("record").where("state", "=", "running").executeTakeFirst();
      if (!row) return false;
      const record = JSON.parse(row.record) as TrialRecord;
      await change({
        ...{ tx, study, trial, attempt, record },
        revision: revision + 1,
        model: modelOf(model),
      });
      return true;
    });
    return done ?? false;
  };

  const trialsOf = async (tx: Kysely<Tables>, study: string): Promise<readonly TrialRecord[]> => {
    const cache = caches.get(study) ?? { revision: 0, trials: [] };
    caches.set(study, cache);
    const rows = await tx
      .selectFrom("trial")
      .select(["number", "revision", "record"])
      .where("study", "=", study)
      .where("revision", ">", cache.revision)
      .execute();
    for (const { number, revision, record } of rows) {
      cache.trials[number] = JSON.parse(record) as TrialRecord;
      cache.revision = Math.max(cache.revision, revision);
    }
    return cache.trials;
  };

  return {
    name,

    create: (study, config) =>
      oneByOne(async () => {
        const row = {
          name: study,
          config: JSON.stringify(config),
          state: "open",
          revision: 0,
          model: null,
        } as const;
        const { numInsertedOrUpdatedRows: made } = await db
          .insertInto("study")
          .values(row)
          .onConflict((clash) => clash.doNothing())
          .executeTakeFirst();
        return Boolean(made);
      }),
    find: (study) =>
      oneByOne(async () => {
        const row = await db.selectFrom("study").selectAll().where("name", "=", study).executeTakeFirst();
        return row && recordOf(row);
      }),
    list: () =>
      oneByOne(async () =>
        (await db.selectFrom("study").selectAll().orderBy("name").execute()).map(recordOf),
      ),
    async remove(study) {
      caches.delete(study);
      await oneByOne(() => db.deleteFrom("study").where("name", "=", study).execute());
    },
    async stop(study) {
      await locked(study, (tx, { revision }) => changeStudy(tx, study, revision + 1, { state: "stopped" }));
    },
    async reopen(study, config) {
      const change = { state: "open", config: JSON.stringify(config) } as const;
      await locked(study, (tx, { revision }) => changeStudy(tx, study, revision + 1, change));
    },
    async enqueue(study, values) {
      await locked(study, async (tx, { revision }) => {
        await changeStudy(tx, study, revision + 1);
        await tx
          .insertInto("enqueued")
          .values({ study, seq: revision + 1, wanted: JSON.stringify(values) })
          .execute();
      });
    },
    trials: (study) => oneByOne(async () => [...(await trialsOf(db, study))]),
    points: (study) =>
      oneByOne(async () => {
        const rows = await db
          .selectFrom("point")
          .selectAll()
          .where("study", "=", study)
          .orderBy("seq")
          .execute();
        return rows.map(({ trial, budget, point }): StoredPoint => ({
          trial,
          budget,
          point: JSON.parse(point) as TracePoint,
        }));
      }),
    decisions: (study) =>
      oneByOne(async () => {
        const rows = await db
          .selectFrom("decision")
          .selectAll()
          .where("study", "=", study)
          .orderBy("seq")
          .execute();
        return rows.map(({ decision }) => JSON.parse(decision) as unknown);
      }),
    held: (study) =>
      oneByOne(async () => {
        const rows = await db
          .selectFrom("trial")
          .select(["number", "attempt", "worker", "beats"])
          .where("study", "=", study)
          .where("state", "=", "running")
          .execute();
        return rows.map(({ number, attempt, worker, beats }): HeldSegment => ({
          ...{ study, trial: number, attempt, beats },
          worker: worker ?? "",
        }));
      }),
    artifact: (study, sha) =>
      oneByOne(async () => {
        const row = await db
          .selectFrom("artifact")
          .select("bytes")
          .where("study", "=", study)
          .where("sha", "=", sha)
          .executeTakeFirst();
        return row && new Uint8Array(row.bytes);
      }),

    async claim(study, worker, next) {
      const claimed = await locked(study, async (tx, { state, revision }): Promise<Claimed> => {
        if (state !== "open") return { kind: "done" };
        const [wanted] = await tx
          .selectFrom("enqueued")
          .selectAll()
          .where("study", "=", study)
          .orderBy("seq")
          .limit(1)
          .execute();
        const enqueued = wanted ? [JSON.parse(wanted.wanted) as HyperValues] : [];
        const segment = next(await trialsOf(tx, study), enqueued);
        if (segment.kind !== "segment") {
          const held = segment.kind === "done" && { state: "done" as const };
          if (held) await changeStudy(tx, study, revision + 1, held);
          return segment;
        }
        await changeStudy(tx, study, revision + 1);
        if (segment.dequeued && wanted) {
          await tx.deleteFrom("enqueued").where("study", "=", study).where("seq", "=", wanted.seq).execute();
        }
        if (segment.decision) {
          const decision = JSON.stringify(segment.decision);
          await tx
            .insertInto("decision")
            .values({ study, seq: revision + 1, decision })
            .execute();
        }
        const { changed } = segment;
        for (const record of changed.filter(({ number }) => number !== segment.trial.number)) {
          await writeTrial(tx, study, revision + 1, record);
        }
        const { attempt: before } = segment.trial;
        const trial = { ...segment.trial, state: "running", attempt: before + 1 } as const;
        await writeTrial(tx, study, revision + 1, trial, worker);
        return { kind: "segment", claim: { study, trial: trial.number, attempt: trial.attempt }, trial };
      });
      return claimed ?? { kind: "done" };
    },

    beat: (claim) =>
      oneByOne(async () => {
        const { numUpdatedRows } = await db
          .updateTable("trial")
          .set((row) => ({ beats: row("beats", "+", 1) }))
          .where("study", "=", claim.study)
          .where("number", "=", claim.trial)
          .where("attempt", "=", claim.attempt)
          .where("state", "=", "running")
          .executeTakeFirst();
        return numUpdatedRows > 0n;
      }),

    report: (claim, budget, point) =>
      fenced(claim, async (held) => {
        const { record, revision, tx, study, trial } = held;
        const before = record.curve.filter((earlier) => earlier.budget < budget - 1e-9);
        const measured = budget > 0 ? [{ budget, loss: point.valid.loss }] : [];
        await rewrite(held, { curve: [...before, ...measured] });
        const values = { study, trial, budget, seq: revision, point: JSON.stringify(point) };
        await tx
          .insertInto("point")
          .values(values)
          .onConflict((clash) =>
            clash.columns(["study", "trial", "budget"]).doUpdateSet({ seq: revision, point: values.point }),
          )
          .execute();
      }),

    checkpoint: (claim, snapshot) => {
      const sha = digestOf(snapshot);
      return fenced(claim, async (held) => {
        await keep(held, sha, snapshot);
        await rewrite(held, { checkpoint: sha });
      });
    },

    tell: (claim, end) => {
      const sha = end.kind === "trained" && end.snapshot ? digestOf(end.snapshot) : undefined;
      const best = end.kind === "trained" ? end.model : undefined;
      return fenced(claim, async (held) => {
        if (sha !== undefined && end.kind === "trained" && end.snapshot) await keep(held, sha, end.snapshot);
        const better = best && !(held.model && held.model.point.valid.loss <= best.point.valid.loss);
        const model = better
          ? { trial: held.trial, point: best.point, sha: digestOf(best.weights) }
          : held.model;
        if (better && model) await keep(held, model.sha, best.weights);
        await rewrite({ ...held, model }, ended(end, sha));
        if (better) await removeStale(held.tx, held.study, model);
      });
    },

    release: (claim) =>
      fenced(claim, async (held) => {
        const deaths = held.record.deaths + 1;
        const dead = { state: "failed", reason: `its worker died ${deaths} times` } as const;
        await rewrite(held, { deaths, ...(deaths >= MOST_DEATHS ? dead : { state: "waiting" }) });
      }),

    [Symbol.asyncDispose]: () => oneByOne(() => db.destroy()),
  };
}

type Tx = Transaction<Tables>;
type StudyRow = Tables["study"];

interface Cache {
  /** All changes up to this one are in `trials`. */
  revision: number;
  readonly trials: TrialRecord[];
}

/** Undefined is what goes. */
type TrialChange = { readonly [K in keyof TrialRecord]?: TrialRecord[K] | undefined };

/** A trial inside a transaction by the worker that holds it. */
interface Held extends Claim {
  readonly tx: Tx;
  readonly record: TrialRecord;
  /** That of the change. */
  readonly revision: number;
  /** The study's. */
  readonly model: StudyModel | null;
}

const rowOf = (tx: Tx, { study, trial, attempt }: Claim) =>
  tx
    .selectFrom("trial")
    .where("study", "=", study)
    .where("number", "=", trial)
    .where("attempt", "=", attempt);

function recordOf({ name, config, state, revision, model }: StudyRow): StudyRecord {
  const best = modelOf(model);
  return { name, config: JSON.parse(config) as unknown, state, revision, ...(best && { model: best }) };
}

const modelOf = (text: string | null): StudyModel | null =>
  text === null ? null : (JSON.parse(text) as StudyModel);

/** The parts of a trial that the end of its segment changes. */
function ended(end: SegmentEnd, checkpoint: string | undefined): TrialChange {
  if (end.kind === "handed back") return { state: "waiting" };
  const own = { deaths: 0, checkpoint };
  if (end.kind === "failed") return { ...own, state: "failed", reason: end.reason };
  return { ...own, state: end.complete ? "complete" : "paused" };
}

/** Writes the changed trial; bytes that nothing names any more are removed. */
async function rewrite(held: Held, change: TrialChange): Promise<void> {
  const { tx, study, revision, record, model } = held;
  await changeStudy(tx, study, revision, { model: model && JSON.stringify(model) });
  const changed = JSON.parse(JSON.stringify({ ...record, ...change })) as TrialRecord; // without what is undefined
  await writeTrial(tx, study, revision, changed, changed.state === "running" ? undefined : null);
  if (changed.checkpoint !== record.checkpoint) await removeStale(tx, study, model);
}

function removeStale(tx: Tx, study: string, model: StudyModel | null) {
  const ofTrials = tx.selectFrom("trial").select("checkpoint").where("study", "=", study);
  return tx
    .deleteFrom("artifact")
    .where("study", "=", study)
    .where("sha", "not in", ofTrials.where("checkpoint", "is not", null))
    .where("sha", "!=", model?.sha ?? "")
    .execute();
}

const changeStudy = (tx: Tx, study: string, revision: number, change: Partial<StudyRow> = {}) =>
  tx
    .updateTable("study")
    .set({ ...change, revision })
    .where("name", "=", study)
    .execute();

/** @param worker who trains it now; undefined for whoever did before */
async function writeTrial(
  tx: Tx,
  study: string,
  revision: number,
  record: TrialRecord,
  worker?: string | null,
): Promise<void> {
  const { number, state, attempt, checkpoint = null } = record;
  const row = { revision, state, attempt, checkpoint, record: JSON.stringify(record) };
  const holder = worker === undefined ? {} : { worker };
  await tx
    .insertInto("trial")
    .values({ study, number, beats: 0, worker: null, ...row, ...holder })
    .onConflict((clash) => clash.columns(["study", "number"]).doUpdateSet({ ...row, ...holder }))
    .execute();
}

const keep = ({ tx, study }: Held, sha: string, bytes: Uint8Array) =>
  tx
    .insertInto("artifact")
    .values({ study, sha, bytes })
    .onConflict((clash) => clash.doNothing())
    .execute();

const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/**
 * Lets actions of one process take turns, since they share a connection, and tries each again while what stops it may pass: after 1, 2, 4,
 * … milliseconds, never more than a second, for five minutes in all.
 */
function queue(transient: SqlOptions["transient"]): <T>(action: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  const patient = async <T>(action: () => Promise<T>): Promise<T> => {
    for (let waited = 0, pause = 1; ; waited += pause, pause = Math.min(2 * pause, 1000)) {
      try {
        return await action();
      } catch (error) {
        if (waited > 300_000 || !transient(error)) throw error;
        await sleep(pause);
      }
    }
  };
  return (action) => {
    const mine = last.then(() => patient(action));
    last = mine.catch(() => undefined);
    return mine;
  };
}
