import { sql } from "kysely";

import { discard, type ArtifactKeeper } from "./artifact-keeper.ts";
import { IN_DATABASE } from "./artifact-store.ts";
import { changeStudy, evaluationOf, modelOf, writePoint, writeTrial, type StudyRow } from "./changes.ts";
import { studyParts, sumOf } from "./row-sum.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Storage, StudyRecord } from "./storage.ts";
import { demandStudyName } from "./study-name.ts";
import type { TrialReader } from "./trial-reader.ts";
import type { Tx } from "./writes.ts";

type StudyPart = Pick<
  Storage,
  "create" | "reach" | "find" | "list" | "remove" | "stop" | "reopen" | "add" | "enqueue"
>;

/** Studies as a whole, in a SQL database. */
export function sqlStudies(
  { db, oneByOne, locked, whole, lost }: SqlDatabase,
  { forget }: TrialReader,
  keeper: ArtifactKeeper,
): StudyPart {
  const studies = async (): Promise<readonly StudyRecord[]> => {
    const rows = await db.selectFrom("study").selectAll().orderBy("name").execute();
    const orphan = await orphanOf();
    if (orphan !== undefined) throw lost(`the study "${orphan}"`);
    return rows.map((row) => recordOf(whole.study(row)));
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
  const inTransaction = <T>(action: (tx: Tx) => Promise<T>): Promise<T> =>
    oneByOne(() => db.transaction().execute(action));

  return {
    async create(study, config, artifacts = IN_DATABASE) {
      demandStudyName(study);
      if (await oneByOne(() => rowOf(study))) return false;
      const place = await keeper.begin(study, artifacts);
      const made = await inTransaction(async (tx) => {
        const row = {
          name: study,
          config: JSON.stringify(config),
          state: "open",
          revision: 0,
          model: null,
          trials: 0,
        } as const;
        const inserted = await tx
          .insertInto("study")
          .values({ ...row, sum: sumOf(studyParts(row)) })
          .onConflict((clash) => clash.doNothing())
          .returning("name")
          .executeTakeFirst();
        const isNew = inserted !== undefined;
        if (isNew)
          await tx
            .insertInto("place")
            .values({ study, ...place })
            .execute();
        else await discard(tx, place.artifacts, [`${place.room}/`]);
        return isNew;
      });
      if (!made) await keeper.clear();
      return made;
    },
    reach: keeper.demand,
    find: (study) => oneByOne(async () => (await studies()).find((row) => row.name === study)),
    list: () => oneByOne(studies),
    async remove(study) {
      forget(study);
      await inTransaction(async (tx) => {
        const place = await tx.selectFrom("place").selectAll().where("study", "=", study).executeTakeFirst();
        if (place) await discard(tx, place.artifacts, [`${place.room}/`]);
        await tx.deleteFrom("study").where("name", "=", study).execute();
      });
      return keeper.clear();
    },
    async stop(study) {
      await locked(study, async (by, row) => changeStudy(by, row, { state: "stopped" }));
    },
    async reopen(study, config) {
      await locked(study, async (by, row) => {
        const changed = { config: JSON.stringify(config) };
        await by.tx.updateTable("study").set(changed).where("name", "=", study).execute();
        changeStudy(by, { ...row, ...changed }, { state: "open" });
      });
    },
    async add(study, trials) {
      const added = await locked(study, async (by, row) => {
        if (row.trials > 0) return false;
        changeStudy(by, row, { trials: trials.length });
        for (const record of trials) {
          writeTrial(by, study, row.revision + 1, record);
          for (const { budget, loss } of record.curve) {
            const point = evaluationOf(budget, loss, record.measures);
            writePoint(by, study, row.revision + 1, record.number, budget, point);
          }
        }
        return true;
      });
      return added ?? false;
    },
    async enqueue(study, values) {
      await locked(study, async (by, row) => {
        changeStudy(by, row);
        const wanted = { study, seq: row.revision + 1, wanted: JSON.stringify(values) };
        await by.tx.insertInto("enqueued").values(wanted).execute();
      });
    },
  };
}

function recordOf({ name, config, state, revision, model }: StudyRow): StudyRecord {
  const best = modelOf(model);
  return { name, config: JSON.parse(config) as unknown, state, revision, ...(best && { model: best }) };
}
