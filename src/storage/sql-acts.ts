import type { Suggestion, TrialRecord } from "../study/next-segment.ts";
import { ended } from "../study/trial-changes.ts";
import { sweep, type ArtifactKeeper } from "./artifact-keeper.ts";
import { changeStudy, hear, modelOf, rewrite, studyRecord, type Held } from "./changes.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { EnqueueResult, StudyActs } from "./storage.ts";

/** What people do to trials in a SQL database. */
export function sqlActs({ locked, whole }: SqlDatabase, { clear }: ArtifactKeeper): StudyActs {
  /** A change of a trial, where its state allows it. */
  const byHand = async (
    study: string,
    number: number,
    states: readonly TrialRecord["state"][],
    change: (held: Held) => Promise<void>,
  ): Promise<boolean> => {
    const done = await locked(study, async (by, row) => {
      const query = by.tx
        .selectFrom("trial")
        .selectAll()
        .where("study", "=", study)
        .where("number", "=", number);
      const found = await query.where("state", "in", states).executeTakeFirst();
      if (!found) return false;
      const { attempt } = found;
      const held = { ...by, study, trial: number, attempt, record: whole.trial(found), row };
      await change({ ...held, model: modelOf(row.model) });
      return true;
    });
    return done ?? false;
  };

  return {
    async enqueue(study, values, mostOf) {
      const result = await locked(study, async (by, row): Promise<EnqueueResult> => {
        const { trials: made } = row;
        const others = await by.tx.selectFrom("enqueued").select("seq").where("study", "=", study).execute();
        const isLeft = row.state !== "done" && made + others.length < mostOf(studyRecord(row));
        if (!isLeft) return { added: false, made, waiting: others.length };
        changeStudy(by, row);
        const wanted = { study, seq: row.revision + 1, wanted: JSON.stringify(values) };
        await by.tx.insertInto("enqueued").values(wanted).execute();
        return { added: true, made, waiting: others.length + 1 };
      });
      return result ?? { added: false, made: 0, waiting: 0 };
    },
    async fail(study, trial, reason) {
      const done = await byHand(study, trial, ["waiting", "running", "paused"], async (held) => {
        rewrite(held, { ...ended({ kind: "failed", reason }), checkpoint: undefined });
        if (held.record.state === "running") hear(held, held, "failed");
        await sweep(held, study);
      });
      await clear();
      return done;
    },
    retry: (study, trial) =>
      byHand(study, trial, ["failed"], async (held) => {
        const { checkpoint, suggested } = held.record;
        const anew = checkpoint === undefined;
        const { told: _, ...untold } = suggested ?? {}; // the sampler is to hear how it fares now
        const row = held.row.state === "done" ? { ...held.row, state: "open" as const } : held.row;
        rewrite(
          { ...held, row },
          {
            ...{ state: "waiting", deaths: 0, reason: undefined },
            ...(anew && { curve: [], measuredBy: undefined, ...(held.record.measures && { measures: {} }) }),
            ...(suggested && { suggested: untold as Suggestion }), // without what is optional
          },
        );
        if (!anew) return;
        await held.tx.deleteFrom("point").where("study", "=", study).where("trial", "=", trial).execute();
      }),
    async annotate(study, trial = -1, text) {
      await locked(study, async (by, row) => {
        const { tx } = by;
        changeStudy(by, row);
        await tx.deleteFrom("note").where("study", "=", study).where("trial", "=", trial).execute();
        if (text !== "") await tx.insertInto("note").values({ study, trial, text }).execute();
      });
    },
  };
}
