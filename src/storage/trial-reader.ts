import { sql, type Compilable, type Kysely } from "kysely";

import type { TrialRecord } from "../study/next-segment.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { PickedTrials, TrialPick } from "./storage.ts";
import type { Tables } from "./tables.ts";

/** Reads trials, each of which must be there that its study's own row knows of. */
export interface TrialReader {
  /** All trials of a study. They are kept in memory: those that changed since the last time are read. */
  all(study: string): Promise<readonly TrialRecord[]>;
  /** What a transaction reads to know all trials, and the first of the values that wait. */
  changed(tx: Kysely<Tables>, study: string): Compilable<ChangedTrial>;
  /** All trials of a study, by what was read of those that changed. */
  after(tx: Kysely<Tables>, study: string, changed: readonly ChangedTrial[]): Promise<readonly TrialRecord[]>;
  /** Some trials, which are not kept. */
  some(study: string, which: TrialPick): Promise<PickedTrials>;
  /** Keeps nothing of a study any more. */
  forget(study: string): void;
}

/** A trial that changed, with its study's room and the first of the values that wait there; of a study where none did, without a trial. */
export type ChangedTrial = Pick<Tables["place"], "room"> &
  OrNull<Tables["trial"]> &
  OrNull<Pick<Tables["enqueued"], "seq" | "wanted">>;

type OrNull<T> = { readonly [K in keyof T]: T[K] | null };

/** A reader of the trials in a database. */
export function trialReader({ db, whole, lost }: SqlDatabase): TrialReader {
  const caches = new Map<string, Cache>();
  const cacheOf = (study: string): Cache => {
    const cache = caches.get(study) ?? { room: undefined, revision: 0, trials: [] };
    caches.set(study, cache);
    return cache;
  };
  const rowOf = (study: string) =>
    db
      .selectFrom("study")
      .leftJoin("place", "place.study", "study.name")
      .selectAll("study")
      .select("room")
      .where("name", "=", study)
      .executeTakeFirst();

  /** One statement, so that trials are of the room that is read with them. */
  const changed = (tx: Kysely<Tables>, study: string): Compilable<ChangedTrial> => {
    const query = sql<ChangedTrial>`select trial.*, room, seq, wanted from place
      left join trial on trial.study = place.study and revision > ${cacheOf(study).revision}
      left join (select seq, wanted from enqueued where study = ${study} order by seq limit 1) as first on true
      where place.study = ${study} order by number`;
    return { compile: () => query.compile(tx) };
  };
  const read = async (tx: Kysely<Tables>, study: string) =>
    (await tx.executeQuery(changed(tx, study).compile())).rows;
  const after: TrialReader["after"] = async (tx, study, rows) => {
    const cache = cacheOf(study);
    const room = rows[0]?.room;
    if (cache.revision > 0 && cache.room !== room) {
      caches.delete(study); // it was removed, and maybe begun anew
      return after(tx, study, await read(tx, study));
    }
    cache.room = room;
    for (const row of rows.filter(isTrial)) {
      const record = whole.trial(row);
      if (row.number > cache.trials.length) throw lost(`trial ${cache.trials.length} of "${study}"`);
      cache.trials[row.number] = record;
      cache.revision = Math.max(cache.revision, row.revision);
    }
    return cache.trials;
  };

  return {
    changed,
    after,
    async all(study) {
      const countOf = async () => {
        const row = await rowOf(study);
        return row ? whole.study(row).trials : 0;
      };
      const least = await countOf();
      const trials = await after(db, study, await read(db, study));
      if (trials.length >= least || (await countOf()) < least) return trials; // fewer where it was begun anew meanwhile
      throw lost(`trial ${trials.length} of "${study}"`);
    },
    async some(study, which) {
      const before = await rowOf(study);
      const { revision, trials: of } = before ? whole.study(before) : { revision: 0, trials: 0 };
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
      if (missing !== undefined && ((await rowOf(study))?.trials ?? 0) > missing) {
        throw lost(`trial ${missing} of "${study}"`);
      }
      return { trials: rows.map(whole.trial), room: before?.room ?? undefined, revision, of };
    },
    forget: (study) => void caches.delete(study),
  };
}

interface Cache {
  /** Of the study that `trials` are of: another one of its name has another. */
  room: string | undefined;
  /** All changes up to this one are in `trials`. */
  revision: number;
  readonly trials: TrialRecord[];
}

const isTrial = (row: ChangedTrial): row is ChangedTrial & Tables["trial"] => row.number !== null;

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
