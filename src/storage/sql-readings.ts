import type { TracePoint } from "../api/trace.ts";
import type { HyperValues } from "../space/space.ts";
import type { ArtifactKeeper } from "./artifact-keeper.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { HeldSegment, Note, StoredPoint, StoredSegment, StudyReadings } from "./storage.ts";
import type { TrialReader } from "./trial-reader.ts";

/** What can be read of a study in a SQL database. */
export function sqlReadings(
  { db, now, oneByOne, whole, lost }: SqlDatabase,
  reader: TrialReader,
  keeper: ArtifactKeeper,
): Omit<StudyReadings, "name" | "readOnly" | "changed" | "find" | "list"> {
  return {
    trials: (study) => oneByOne(async () => [...(await reader.all(study))]),
    someTrials: (study, which) => oneByOne(() => reader.some(study, which)),
    points: (study, range) =>
      oneByOne(async () => {
        const trials = range ? (await reader.some(study, range)).trials : [...(await reader.all(study))];
        const query = db
          .selectFrom("point")
          .selectAll()
          .where("study", "=", study)
          .orderBy("seq")
          .orderBy("budget")
          .orderBy("trial");
        const rows = await (
          range ? query.where("trial", ">=", range.from).where("trial", "<", range.to) : query
        ).execute();
        const measured = Map.groupBy(rows, ({ trial }) => trial);
        const short = trials.find(({ number, curve }) => (measured.get(number)?.length ?? 0) < curve.length);
        if (short) throw lost(`an evaluation of trial ${short.number} of "${study}"`);
        return rows.map((row): StoredPoint => {
          const { trial, budget, point } = whole.point(row);
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
    held: (study) =>
      oneByOne(async () => {
        const rows = await db
          .selectFrom("trial")
          .innerJoin("place", "place.study", "trial.study")
          .select(["number", "attempt", "worker", "beats", "room"])
          .where("trial.study", "=", study)
          .where("state", "=", "running")
          .execute();
        return rows.map(({ number, attempt, worker, beats, room }): HeldSegment => ({
          ...{ study, trial: number, attempt, beats, room },
          worker: worker ?? "",
        }));
      }),
    artifact: keeper.read,
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
    now: () =>
      oneByOne(async () => {
        const { seconds } = await db.selectNoFrom(now.as("seconds")).executeTakeFirstOrThrow();
        return Number(seconds);
      }),
    segments: (study, most) =>
      oneByOne(async () => {
        const query = db.selectFrom("segment").selectAll().where("study", "=", study);
        const last = query.orderBy("began", "desc").orderBy("trial", "desc").orderBy("attempt", "desc");
        const rows = await last.limit(most).execute();
        return rows.reverse().map(({ study: _, ...segment }): StoredSegment => segment);
      }),
  };
}
