import { Kysely, sql, type Dialect } from "kysely";

import type { TracePoint } from "../api/trace.ts";
import type { HyperValues } from "../space/space.ts";
import type { Suggestion, TrialRecord } from "../study/next-segment.ts";
import { measuresAfter } from "../study/trial-measures.ts";
import { workError, type HypertrainError } from "../util/error.ts";
import {
  changeStudy,
  digestOf,
  ended,
  evaluationOf,
  keep,
  removeStale,
  rewrite,
  writePoint,
  writeTrial,
  type Held,
  type StudyRow,
  type Tx,
} from "./changes.ts";
import type { Hearing } from "./hearing.ts";
import { pointParts, studyParts, sumOf, trialParts, unlessDamaged } from "./row-sum.ts";
import type {
  Claim,
  Claimed,
  HeldSegment,
  Note,
  PickedTrials,
  Storage,
  StoredPoint,
  StoredSegment,
  StudyModel,
  StudyRecord,
  TrialPick,
} from "./storage.ts";
import { demandStudyName } from "./study-name.ts";
import { makeTables, type Tables } from "./tables.ts";
import { takingTurns, type TurnsOptions } from "./turns.ts";

/** A trial whose workers died so often without a checkpoint in between fails. */
const MOST_DEATHS = 3;

/** What storages on different databases differ in. */
export interface SqlOptions extends TurnsOptions {
  readonly hearing: Hearing;
  readonly dialect: Dialect;
  /** The type for bytes, by which the two kinds of databases differ in their words as well. */
  readonly bytes: "blob" | "bytea";
}

/**
 * A storage in a SQL database. Trials are kept in memory, too: a transaction reads those that changed since the last one.
 *
 * @throws {HypertrainError} where the tables are of another version.
 */
export async function sqlStorage(options: SqlOptions): Promise<Storage> {
  const { dialect, bytes, name, hearing } = options;
  const db = new Kysely<Tables>({ dialect });
  const caches = new Map<string, Cache>();
  let closing = false;
  const oneByOne = takingTurns({ ...options, present: () => closing || options.present?.() });
  const whole = unlessDamaged(name);

  try {
    await oneByOne(() => makeTables(db, bytes, name));
  } catch (error) {
    await db.destroy().catch(() => undefined); // what failed first says more
    throw error;
  }

  const wholeStudy = (row: StudyRow): StudyRow => whole(row, studyParts(row), `the study "${row.name}"`);

  /** A transaction that has the study to itself. */
  const locked = <T>(
    study: string,
    action: (tx: Tx, found: StudyRow) => Promise<T>,
  ): Promise<T | undefined> =>
    oneByOne(() =>
      db.transaction().execute(async (tx) => {
        const query = tx.selectFrom("study").selectAll().where("name", "=", study);
        const found = await (bytes === "bytea" ? query.forUpdate() : query).executeTakeFirst();
        return found && action(tx, wholeStudy(found));
      }),
    );

  /** A change by a worker, if its claim still holds. @param how if it ends the segment */
  const fenced = async (
    claim: Claim,
    change: (held: Held) => Promise<void>,
    how: Tables["segment"]["ended"] = null,
  ): Promise<boolean> => {
    const { study, trial, attempt } = claim;
    const done = await locked(study, async (tx, row) => {
      const found = await rowOf(tx, claim).selectAll().where("state", "=", "running").executeTakeFirst();
      if (!found) return false;
      const record = wholeTrial(found);
      await change({ ...{ tx, study, trial, attempt, record, row }, model: modelOf(row.model) });
      await hear(tx, claim, how);
      return true;
    });
    return done ?? false;
  };

  const now =
    bytes === "bytea" ? sql<number>`extract(epoch from clock_timestamp())` : sql<number>`unixepoch('subsec')`;

  const hear = (tx: Tx, { study, trial, attempt }: Claim, ended: Tables["segment"]["ended"]) =>
    tx
      .updateTable("segment")
      .set({ heard: now, ended })
      .where("study", "=", study)
      .where("trial", "=", trial)
      .where("attempt", "=", attempt)
      .execute();

  /** A change of a trial by people, where its state allows it. */
  const byHand = async (
    study: string,
    number: number,
    states: readonly TrialRecord["state"][],
    change: (held: Held) => Promise<void>,
  ): Promise<boolean> => {
    const done = await locked(study, async (tx, row) => {
      const query = tx
        .selectFrom("trial")
        .selectAll()
        .where("study", "=", study)
        .where("number", "=", number);
      const found = await query.where("state", "in", states).executeTakeFirst();
      if (!found) return false;
      const { attempt } = found;
      const held = { tx, study, trial: number, attempt, record: wholeTrial(found), row };
      await change({ ...held, model: modelOf(row.model) });
      return true;
    });
    return done ?? false;
  };

  const wholeTrial = (row: Tables["trial"]): TrialRecord =>
    JSON.parse(whole(row, trialParts(row), `trial ${row.number}`).record) as TrialRecord;

  const lost = (what: string): HypertrainError =>
    workError(`${what} must be in ${name}, but is gone: the store is damaged; restore a copy`);

  const studies = async (): Promise<readonly StudyRecord[]> => {
    const rows = await db.selectFrom("study").selectAll().orderBy("name").execute();
    const orphan = await orphanOf();
    if (orphan !== undefined) throw lost(`the study "${orphan}"`);
    return rows.map((row) => recordOf(wholeStudy(row)));
  };

  /** The name of a study that has a trial but no row. From one name to the next by the index: a glance at every trial takes too long. */
  const orphanOf = async (): Promise<string | undefined> => {
    const { rows } = await sql<{ name: string }>`
      with recursive names (name) as (
        select min(study) from trial
        union all
        select (select min(study) from trial where study > names.name) from names where names.name is not null
      )
      select name from names where name is not null and name not in (select name from study) limit 1`.execute(
      db,
    );
    return rows[0]?.name;
  };

  /** A study's trials, each of which must be there that the study's own row knows of. */
  const allTrialsOf = async (study: string): Promise<readonly TrialRecord[]> => {
    const countOf = async () => {
      const row = await db.selectFrom("study").selectAll().where("name", "=", study).executeTakeFirst();
      if ((row?.revision ?? 0) < cacheOf(study).revision) caches.delete(study); // it was removed, and maybe begun anew
      return row ? wholeStudy(row).trials : 0;
    };
    const least = await countOf();
    const trials = await trialsOf(db, study);
    if (trials.length >= least || (await countOf()) < least) return trials; // fewer where it was begun anew meanwhile
    throw lost(`trial ${trials.length} of "${study}"`);
  };

  const trialsOf = async (tx: Kysely<Tables>, study: string): Promise<readonly TrialRecord[]> => {
    const cache = cacheOf(study);
    const rows = await tx
      .selectFrom("trial")
      .selectAll()
      .where("study", "=", study)
      .where("revision", ">", cache.revision)
      .orderBy("number")
      .execute();
    for (const row of rows) {
      const record = wholeTrial(row);
      if (row.number > cache.trials.length) throw lost(`trial ${cache.trials.length} of "${study}"`);
      cache.trials[row.number] = record;
    }
    cache.revision = rows.reduce((most, { revision }) => Math.max(most, revision), cache.revision);
    return cache.trials;
  };

  const cacheOf = (study: string): Cache => {
    const cache = caches.get(study) ?? { revision: 0, trials: [] };
    caches.set(study, cache);
    return cache;
  };

  /** Trials that are not kept; each must be there that the study's own row knows of. */
  const someTrialsOf = async (study: string, which: TrialPick): Promise<PickedTrials> => {
    const studyRow = () => db.selectFrom("study").selectAll().where("name", "=", study).executeTakeFirst();
    const before = await studyRow();
    const { revision, trials: of } = before ? wholeStudy(before) : { revision: 0, trials: 0 };
    const all = db.selectFrom("trial").selectAll().where("study", "=", study).orderBy("number");
    const rows =
      "from" in which
        ? await all.where("number", ">=", which.from).where("number", "<", which.to).execute()
        : "after" in which
          ? await all.where("revision", ">", which.after).execute() // new ones as well
          : await byNumbers(which.numbers, (numbers) => all.where("number", "in", numbers).execute());
    const there = new Set(rows.map(({ number }) => number));
    const missing = numbersOf(which, of).find((number) => !there.has(number));
    // fewer where it was removed, and maybe begun anew, meanwhile
    if (missing !== undefined && ((await studyRow())?.trials ?? 0) > missing) {
      throw lost(`trial ${missing} of "${study}"`);
    }
    return { trials: rows.map(wholeTrial), revision, of };
  };

  return {
    name,
    changed: hearing.changed,

    create: (study, config) =>
      oneByOne(async () => {
        demandStudyName(study);
        const row = {
          name: study,
          config: JSON.stringify(config),
          state: "open",
          revision: 0,
          model: null,
          trials: 0,
        } as const;
        const { numInsertedOrUpdatedRows: made } = await db
          .insertInto("study")
          .values({ ...row, sum: sumOf(studyParts(row)) })
          .onConflict((clash) => clash.doNothing())
          .executeTakeFirst();
        return Boolean(made);
      }),
    find: (study) => oneByOne(async () => (await studies()).find((row) => row.name === study)),
    list: () => oneByOne(studies),
    async remove(study) {
      caches.delete(study);
      await oneByOne(() => db.deleteFrom("study").where("name", "=", study).execute());
    },
    async stop(study) {
      await locked(study, (tx, row) => changeStudy(tx, row, { state: "stopped" }));
    },
    async reopen(study, config) {
      const change = { state: "open", config: JSON.stringify(config) } as const;
      await locked(study, (tx, row) => changeStudy(tx, row, change));
    },
    async add(study, trials) {
      const added = await locked(study, async (tx, row) => {
        if (row.trials > 0) return false;
        await changeStudy(tx, row, { trials: trials.length });
        for (const record of trials) {
          await writeTrial(tx, study, row.revision + 1, record);
          for (const { budget, loss } of record.curve) {
            await writePoint(tx, study, row.revision + 1, record.number, budget, evaluationOf(budget, loss));
          }
        }
        return true;
      });
      return added ?? false;
    },
    async enqueue(study, values) {
      await locked(study, async (tx, row) => {
        await changeStudy(tx, row);
        const wanted = { study, seq: row.revision + 1, wanted: JSON.stringify(values) };
        await tx.insertInto("enqueued").values(wanted).execute();
      });
    },
    enqueued: (study) =>
      oneByOne(async () => {
        const rows = await db
          .selectFrom("enqueued")
          .selectAll()
          .where("study", "=", study)
          .orderBy("seq")
          .execute();
        return rows.map(({ wanted }) => JSON.parse(wanted) as HyperValues);
      }),
    trials: (study) => oneByOne(async () => [...(await allTrialsOf(study))]),
    someTrials: (study, which) => oneByOne(() => someTrialsOf(study, which)),
    points: (study, range) =>
      oneByOne(async () => {
        const trials = range ? (await someTrialsOf(study, range)).trials : [...(await allTrialsOf(study))];
        const query = db.selectFrom("point").selectAll().where("study", "=", study).orderBy("seq");
        const rows = await (
          range ? query.where("trial", ">=", range.from).where("trial", "<", range.to) : query
        ).execute();
        const measured = Map.groupBy(rows, ({ trial }) => trial);
        const short = trials.find(({ number, curve }) => (measured.get(number)?.length ?? 0) < curve.length);
        if (short) throw lost(`an evaluation of trial ${short.number} of "${study}"`);
        return rows.map((row): StoredPoint => {
          const { trial, budget, point } = whole(row, pointParts(row), `an evaluation of trial ${row.trial}`);
          return { trial, budget, point: JSON.parse(point) as TracePoint };
        });
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
        if (row && digestOf(row.bytes) !== sha) {
          throw workError(
            `the bytes ${sha.slice(0, 12)} of "${study}" must be as hypertrain wrote them, but differ from their digest: ${name} is damaged; restore a copy`,
          );
        }
        return row && new Uint8Array(row.bytes);
      }),

    async claim(study, worker, next) {
      const claimed = await locked(study, async (tx, row): Promise<Claimed> => {
        const revision = row.revision + 1;
        if (row.state !== "open") return { kind: "done" };
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
          if (held) await changeStudy(tx, row, held);
          return segment;
        }
        await changeStudy(tx, row, { trials: Math.max(row.trials, segment.trial.number + 1) });
        if (segment.dequeued && wanted) {
          await tx.deleteFrom("enqueued").where("study", "=", study).where("seq", "=", wanted.seq).execute();
        }
        if (segment.decision) {
          const decision = JSON.stringify(segment.decision);
          await tx.insertInto("decision").values({ study, seq: revision, decision }).execute();
        }
        const { changed } = segment;
        for (const record of changed.filter(({ number }) => number !== segment.trial.number)) {
          await writeTrial(tx, study, revision, record);
        }
        const { attempt: before } = segment.trial;
        const trial = { ...segment.trial, state: "running", attempt: before + 1 } as const;
        await writeTrial(tx, study, revision, trial, worker);
        const start = trial.curve.at(-1)?.budget ?? 0;
        const began = { worker, start, began: now, heard: now, ended: null };
        const { number, attempt } = trial;
        await tx
          .insertInto("segment")
          .values({ study, trial: number, attempt, ...began })
          .execute();
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
        const { record, tx, study, trial } = held;
        const before = record.curve.filter((earlier) => earlier.budget < budget - 1e-9);
        const measured = budget > 0 ? [{ budget, loss: point.valid.loss }] : [];
        const measures = record.measures && budget > 0 && measuresAfter(record.measures, point, budget);
        await rewrite(held, { curve: [...before, ...measured], ...(measures && { measures }) });
        await writePoint(tx, study, held.row.revision + 1, trial, budget, point);
      }),

    checkpoint: (claim, snapshot) => {
      const sha = digestOf(snapshot);
      return fenced(claim, async (held) => {
        await keep(held, sha, snapshot);
        await rewrite(held, { checkpoint: sha, deaths: 0 }); // it got somewhere
      });
    },

    tell: (claim, end) => {
      const sha = end.kind === "trained" && end.snapshot ? digestOf(end.snapshot) : undefined;
      const best = end.kind === "trained" ? end.model : undefined;
      return fenced(
        claim,
        async (held) => {
          if (sha !== undefined && end.kind === "trained" && end.snapshot)
            await keep(held, sha, end.snapshot);
          const better = best && !(held.model && held.model.point.valid.loss <= best.point.valid.loss);
          const model = better
            ? { trial: held.trial, point: best.point, sha: digestOf(best.weights) }
            : held.model;
          if (better && model) await keep(held, model.sha, best.weights);
          await rewrite({ ...held, model }, ended(end, sha));
          if (better) await removeStale(held.tx, held.study, model);
        },
        end.kind,
      );
    },

    release: (claim) =>
      fenced(
        claim,
        async (held) => {
          const deaths = held.record.deaths + 1;
          const dead = { state: "failed", reason: `its worker died ${deaths} times` } as const;
          await rewrite(held, { deaths, ...(deaths >= MOST_DEATHS ? dead : { state: "waiting" }) });
        },
        "died",
      ),

    fail: (study, trial, reason) =>
      byHand(study, trial, ["waiting", "running", "paused"], async (held) => {
        await rewrite(held, ended({ kind: "failed", reason }, undefined));
        if (held.record.state === "running") await hear(held.tx, held, "failed");
      }),

    retry: (study, trial) =>
      byHand(study, trial, ["failed"], async (held) => {
        const { checkpoint, suggested } = held.record;
        const anew = checkpoint === undefined;
        const { told: _, ...untold } = suggested ?? {}; // the sampler is to hear how it fares now
        const row = held.row.state === "done" ? { ...held.row, state: "open" as const } : held.row;
        await rewrite(
          { ...held, row },
          {
            ...{ state: "waiting", deaths: 0, reason: undefined },
            ...(anew && { curve: [], ...(held.record.measures && { measures: {} }) }),
            ...(suggested && { suggested: untold as Suggestion }), // without what is optional
          },
        );
        if (!anew) return;
        await held.tx.deleteFrom("point").where("study", "=", study).where("trial", "=", trial).execute();
      }),
    async annotate(study, trial = -1, text) {
      await locked(study, async (tx, row) => {
        await changeStudy(tx, row);
        await tx.deleteFrom("note").where("study", "=", study).where("trial", "=", trial).execute();
        if (text !== "") await tx.insertInto("note").values({ study, trial, text }).execute();
      });
    },
    notes: (study) =>
      oneByOne(async () => {
        const rows = await db
          .selectFrom("note")
          .selectAll()
          .where("study", "=", study)
          .orderBy("trial")
          .execute();
        return rows.map(({ trial, text }): Note => ({ ...(trial >= 0 && { trial }), text }));
      }),
    segments: (study, most) =>
      oneByOne(async () => {
        const query = db.selectFrom("segment").selectAll().where("study", "=", study);
        const last = query.orderBy("began", "desc").orderBy("trial", "desc").orderBy("attempt", "desc");
        const rows = await last.limit(most).execute();
        return rows.reverse().map(({ study: _, ...segment }): StoredSegment => segment);
      }),

    async [Symbol.asyncDispose]() {
      closing = true; // what went wrong before says more
      await hearing[Symbol.asyncDispose]();
      await oneByOne(() => db.destroy());
    },
  };
}

interface Cache {
  /** All changes up to this one are in `trials`. */
  revision: number;
  readonly trials: TrialRecord[];
}

/** What queries by some numbers each find; by always as many, since every other count would be another statement to keep. */
async function byNumbers<Row>(
  numbers: readonly number[],
  query: (numbers: readonly number[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let at = 0; at < numbers.length; at += AT_ONCE) {
    rows.push(...(await query(Array.from({ length: AT_ONCE }, (_, i) => numbers[at + i] ?? -1)))); // which no trial has
  }
  return rows;
}

const AT_ONCE = 500;

/** The numbers of trials that a pick must have, of a study with so many. */
function numbersOf(which: TrialPick, of: number): readonly number[] {
  if ("numbers" in which) return which.numbers.filter((number) => number >= 0 && number < of);
  const { from, to } = "from" in which ? which : { from: which.known, to: of };
  return Array.from({ length: Math.max(0, Math.min(to, of) - from) }, (_, i) => from + i);
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
