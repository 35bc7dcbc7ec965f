import type { HyperValues } from "../space/space.ts";
import type { TrialRecord } from "../study/next-segment.ts";
import { measuresAfter } from "../study/trial-measures.ts";
import { inputError } from "../util/error.ts";
import { changeStudy, digestOf, ended, rewrite, writePoint, writeTrial, type Held } from "./changes.ts";
import type { ArtifactKeeper } from "./artifact-keeper.ts";
import type { Fence } from "./fence.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Claimed, TrialEvaluation, SegmentEnd, Storage } from "./storage.ts";
import type { TrialReader } from "./trial-reader.ts";

type ClaimPart = Pick<Storage, "claim" | "beat" | "report" | "reportAll" | "checkpoint" | "tell" | "release">;

/** A trial whose workers died so often without a checkpoint in between fails. */
const MOST_DEATHS = 3;

/** What workers do with a study in a SQL database. */
export function sqlClaims(
  { db, now, oneByOne, locked }: SqlDatabase,
  reader: TrialReader,
  fenced: Fence,
  { naming }: ArtifactKeeper,
): ClaimPart {
  const reportAll: Storage["reportAll"] = (claim, evaluations) =>
    fenced(claim, async (held) => {
      await rewrite(held, afterAll(held.record, evaluations));
      await writePoints(held, evaluations);
    });

  return {
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
        const segment = next(await reader.within(tx, study), enqueued);
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
        const evaluations = [{ budget, point }];
        demandLater(held.record, budget, point.valid.loss);
        await rewrite(held, afterAll(held.record, evaluations));
        await writePoints(held, evaluations);
      }),
    reportAll,

    checkpoint(claim, bytes) {
      const sha = digestOf(bytes);
      return naming(claim, [{ sha, bytes }], (held) => rewrite(held, { checkpoint: sha, deaths: 0 })); // it got somewhere
    },

    tell(claim, end) {
      const {
        snapshot,
        model: best,
        evaluations = [],
      }: Partial<Extract<SegmentEnd, { kind: "trained" }>> = end.kind === "trained" ? end : {};
      const isBetter = ({ model }: Held) =>
        best !== undefined && !(model && model.point.valid.loss <= best.point.valid.loss);
      const state = snapshot && { sha: digestOf(snapshot), bytes: snapshot };
      const weights = best && { sha: digestOf(best.weights), bytes: best.weights, wanted: isBetter };
      return naming(
        claim,
        [state, weights].filter((offer) => offer !== undefined),
        async (held) => {
          const better = best && weights && isBetter(held);
          const model = better ? { trial: held.trial, point: best.point, sha: weights.sha } : held.model;
          await rewrite(
            { ...held, model },
            { ...afterAll(held.record, evaluations), ...ended(end, state?.sha) },
          );
          await writePoints(held, evaluations);
        },
        end.kind,
      );
    },

    release: (claim) =>
      naming(
        claim,
        [],
        async (held) => {
          const deaths = held.record.deaths + 1;
          const dead = { state: "failed", reason: `its worker died ${deaths} times` } as const;
          await rewrite(held, { deaths, ...(deaths >= MOST_DEATHS ? dead : { state: "waiting" }) });
        },
        "died",
      ),
  };
}

/** Demands that a loss is not before one of the same attempt; another attempt may go back to a checkpoint. */
function demandLater(
  { number, attempt, measuredBy, curve }: TrialRecord,
  budget: number,
  loss: number,
): void {
  const last = measuredBy === attempt ? curve.at(-1) : undefined;
  if (!last || budget > last.budget || (budget === last.budget && loss === last.loss)) return;
  throw inputError(
    `losses must be reported in the order of their budgets, each once, but trial ${number} has ${last.loss} at ${last.budget} already; report a later one`,
  );
}

/** What evaluations change of a trial; one before the first step, of budget 0, is no part of its curve. */
function afterAll(
  { curve, measures, attempt }: TrialRecord,
  evaluations: readonly TrialEvaluation[],
): Pick<TrialRecord, "curve" | "measures" | "measuredBy"> {
  let after = { curve, ...(measures && { measures }) };
  for (const { budget, point } of evaluations) {
    const before = after.curve.filter((earlier) => earlier.budget < budget - 1e-9);
    if (budget === 0) after = { ...after, curve: before };
    else {
      after = {
        curve: [...before, { budget, loss: point.valid.loss }],
        ...(after.measures && { measures: measuresAfter(after.measures, point, budget) }),
      };
    }
  }
  return { ...after, ...(evaluations.length > 0 && { measuredBy: attempt }) };
}

async function writePoints(
  { tx, study, row, trial }: Held,
  evaluations: readonly TrialEvaluation[],
): Promise<void> {
  for (const { budget, point } of evaluations)
    await writePoint(tx, study, row.revision + 1, trial, budget, point);
}
