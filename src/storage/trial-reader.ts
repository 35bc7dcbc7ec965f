import type { Compilable, Kysely } from "kysely";

import type { TrialRecord } from "../study/next-segment.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { PickedTrials, TrialPick } from "./storage.ts";
import type { Tables } from "./tables.ts";

/** Reads trials, each of which must be there that its study's own row knows of. */
export interface TrialReader {
  /** All trials of a study. They are kept in memory: those that changed since the last time are read. */
  all(study: string): Promise<readonly TrialRecord[]>;
  /** What a transaction reads to know all trials. */
  changed(tx: Kysely<Tables>, study: string): Compilable<Tables["trial"]>;
  /** All trials of a study, by the rows of those that changed. */
  after(study: string, changed: readonly Tables["trial"][]): readonly TrialRecord[];
  /** Some trials, which are not kept. */
  some(study: string, which: TrialPick): Promise<PickedTrials>;
  /** Keeps nothing of a study any more. */
  forget(study: string): void;
}

/** A reader of the trials in a database. */
export function trialReader({ db, whole, lost }: SqlDatabase): TrialReader {
  const caches = new Map<string, Cache>();
  const cacheOf = (study: string): Cache => {
    const cache = caches.get(study) ?? { revision: 0, trials: [] };
    caches.set(study, cache);
    return cache;
  };
  const rowOf = (study: string) =>
    db.selectFrom("study").selectAll().where("name", "=", study).executeTakeFirst();

  const changed = (tx: Kysely<Tables>, study: string) =>
    tx
      .selectFrom("trial")
      .selectAll()
      .where("study", "=", study)
      .where("revision", ">", cacheOf(study).revision)
      .orderBy("number");
  const after: TrialReader["after"] = (study, rows) => {
    const cache = cacheOf(study);
    for (const row of rows) {
      const record = whole.trial(row);
      if (row.number > cache.trials.length) throw lost(`trial ${cache.trials.length} of "${study}"`);
      cache.trials[row.number] = record;
    }
    cache.revision = rows.reduce((most, { revision }) => Math.max(most, revision), cache.revision);
    return cache.trials;
  };

  return {
    changed,
    after,
    async all(study) {
      const countOf = async () => {
        const row = await rowOf(study);
        if ((row?.revision ?? 0) < cacheOf(study).revision) caches.delete(study); // it was removed, and maybe begun anew
        return row ? whole.study(row).trials : 0;
      };
      const least = await countOf();
      const trials = after(study, await changed(db, study).execute());
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
      return { trials: rows.map(whole.trial), revision, of };
    },
    forget: (study) => void caches.delete(study),
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
