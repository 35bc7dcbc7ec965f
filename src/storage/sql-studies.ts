import { sql } from "kysely";

import type { TrialMeasures } from "../search/goals.ts";
import { costMeasures, type KnownMeasure } from "../search/measures.ts";
import type { TrialRecord } from "../study/next-segment.ts";
import { toldPoint } from "../study/told-point.ts";
import { discard, type ArtifactKeeper } from "./artifact-keeper.ts";
import { IN_DATABASE } from "./artifact-store.ts";
import { changeStudy, studyRecord, writePoint, writeTrial, type StudyRow } from "./changes.ts";
import { studyParts, sumOf } from "./row-sum.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { StudyLifecycle, StudyReadings, StudyRecord } from "./storage.ts";
import { demandStudyName } from "./study-name.ts";
import type { TrialReader } from "./trial-reader.ts";
import type { Change } from "./writes.ts";

/** Studies as a whole, in a SQL database. */
export function sqlStudies(
  { db, oneByOne, transaction, locked, whole, lost }: SqlDatabase,
  { forget }: TrialReader,
  keeper: ArtifactKeeper,
): StudyLifecycle & Pick<StudyReadings, "find" | "list"> {
  const studies = async (): Promise<readonly StudyRecord[]> => {
    const rows = await db.selectFrom("study").selectAll().orderBy("name").execute();
    const orphan = await orphanOf();
    if (orphan !== undefined) throw lost(`the study "${orphan}"`);
    return rows.map((row) => studyRecord(whole.study(row)));
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

  const rowOf = (study: string) =>
    db.selectFrom("study").select("name").where("name", "=", study).executeTakeFirst();

  return {
    async create(study, config, artifacts = IN_DATABASE, trials = []) {
      demandStudyName(study);
      if (await oneByOne(() => rowOf(study))) return false;
      const place = await keeper.begin(study, artifacts);
      const made = await transaction(async (by) => {
        const parts = {
          ...({ name: study, state: "open" } as const),
          ...{ config: JSON.stringify(config), revision: 0, model: null, trials: 0 },
        };
        const row = { ...parts, sum: sumOf(studyParts(parts)) };
        const inserted = await by.tx
          .insertInto("study")
          .values(row)
          .onConflict((clash) => clash.doNothing())
          .returning("name")
          .executeTakeFirst();
        if (inserted === undefined) {
          await discard(by.tx, place.artifacts, [`${place.room}/`]);
          return false;
        }
        await by.tx
          .insertInto("place")
          .values({ study, ...place })
          .execute();
        writeEnded(by, row, trials);
        return true;
      });
      if (!made) await keeper.clear();
      return made;
    },
    reach: keeper.demand,
    find: (study) =>
      oneByOne(async () => {
        const row = await db.selectFrom("study").selectAll().where("name", "=", study).executeTakeFirst();
        if (row) return studyRecord(whole.study(row));
        const orphan = await orphanOf();
        if (orphan !== undefined) throw lost(`the study "${orphan}"`);
        return undefined;
      }),
    list: () => oneByOne(studies),
    async remove(study) {
      forget(study);
      await transaction(async ({ tx }) => {
        const place = await tx.selectFrom("place").selectAll().where("study", "=", study).executeTakeFirst();
        if (place) await discard(tx, place.artifacts, [`${place.room}/`]);
        await tx.deleteFrom("study").where("name", "=", study).execute();
      });
      return keeper.clear();
    },
    async stop(study) {
      await locked(study, async (by, row) => changeStudy(by, row, { state: "stopped" }));
    },
    async reopen(study, configOf) {
      const found = await locked(study, async (by, row) => {
        const config = configOf(studyRecord(row), row.trials);
        if (config === undefined) return true;
        const changed = { config: JSON.stringify(config) };
        await by.tx.updateTable("study").set(changed).where("name", "=", study).execute();
        changeStudy(by, { ...row, ...changed }, { state: "open" });
        return true;
      });
      return found ?? false;
    },
  };
}

/** Writes the first trials of a study, which have ended elsewhere. */
function writeEnded(by: Change, row: StudyRow, trials: readonly TrialRecord[]): void {
  if (trials.length === 0) return;
  const { name, revision } = changeStudy(by, row, { trials: trials.length });
  for (const record of trials) {
    writeTrial(by, name, revision, record);
    const measures = scoresIn(record.measures);
    for (const { budget, loss } of record.curve) {
      const point = toldPoint({ budget, loss, ...(Object.keys(measures).length > 0 && { measures }) });
      writePoint(by, name, revision, record.number, budget, point);
    }
  }
}

/** What was measured of a trial, but for its loss and its cost. */
const scoresIn = (measures: TrialMeasures = {}): TrialMeasures => {
  const others: ReadonlySet<string> = new Set<KnownMeasure>(["loss", ...costMeasures]);
  return Object.fromEntries(Object.entries(measures).filter(([name]) => !others.has(name)));
};
