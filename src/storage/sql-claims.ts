import type { HyperValues } from "../space/space.ts";
import type { TrialRecord } from "../study/next-segment.ts";
import { ended, evaluated } from "../study/trial-changes.ts";
import { inputError } from "../util/error.ts";
import type { ArtifactKeeper } from "./artifact-keeper.ts";
import {
  changeStudy,
  digestOf,
  modelOf,
  rewrite,
  writePoint,
  writeTrial,
  type Held,
  type StudyRow,
} from "./changes.ts";
import type { Fence, HeldReading, InRoom } from "./fence.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Claim, Claimed, Decide, TrialEvaluation, SegmentEnd, StudyClaims } from "./storage.ts";
import type { Tables } from "./tables.ts";
import type { ChangedTrial, TrialReader } from "./trial-reader.ts";
import type { Change } from "./writes.ts";

/** A trial whose workers died so often without a checkpoint in between fails. */
const MOST_DEATHS = 3;

/** What workers do with a study in a SQL database. */
export function sqlClaims(
  database: SqlDatabase,
  reader: TrialReader,
  fenced: Fence,
  { naming }: ArtifactKeeper,
): StudyClaims {
  return {
    claim: claimingIn(database, reader),
    beat: beatingIn(database),
    ...reporting(fenced, naming),
    ...ending(naming, reader),
  };
}

type Naming = ArtifactKeeper["naming"];

const claimingIn =
  ({ locked }: SqlDatabase, reader: TrialReader): StudyClaims["claim"] =>
  async (study, worker, next, room) => {
    const claimed = await locked(
      study,
      async (by, row, changed: readonly ChangedTrial[]): Promise<Claimed> => {
        const [first] = changed;
        if (room !== undefined && first?.room !== room) return { kind: "done" };
        const trials = await reader.after(by.tx, study, changed);
        return take({ by, row, trials, first }, worker, next);
      },
      (tx) => reader.changed(tx, study),
    );
    return claimed ?? { kind: "done" };
  };

const beatingIn =
  ({ db, oneByOne }: SqlDatabase): StudyClaims["beat"] =>
  ({ study, room, trial, attempt }) =>
    oneByOne(async () => {
      const { numUpdatedRows } = await db
        .updateTable("trial")
        .set((row) => ({ beats: row("beats", "+", 1) }))
        .where("study", "=", study)
        .where("number", "=", trial)
        .where("attempt", "=", attempt)
        .where("state", "=", "running")
        .$if(room !== undefined, (query) =>
          query.where("study", "in", (of) =>
            of
              .selectFrom("place")
              .select("study")
              .where("room", "=", room as string),
          ),
        )
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    });

/** What a worker writes of a segment on the way. */
const reporting = (
  fenced: Fence,
  naming: Naming,
): Pick<StudyClaims, "report" | "reportAll" | "checkpoint"> => ({
  report: (claim, budget, point) =>
    fenced(claim, async (held) => {
      const evaluations = [{ budget, point }];
      demandLater(held.record, budget, point.valid.loss);
      rewrite(held, evaluated(held.record, evaluations));
      writePoints(held, evaluations);
    }),
  reportAll: (claim, evaluations) =>
    fenced(claim, async (held) => {
      rewrite(held, evaluated(held.record, evaluations));
      writePoints(held, evaluations);
    }),
  checkpoint(claim, bytes) {
    const sha = digestOf(bytes);
    return naming(claim, [{ sha, bytes }], async (held) => {
      rewrite(held, { checkpoint: sha, deaths: 0 }); // it got somewhere
    });
  },
});

/** How a segment ends, by its worker or without it. */
function ending(naming: Naming, reader: TrialReader): Pick<StudyClaims, "tell" | "tellAndClaim" | "release"> {
  const told = tellingTo(naming);
  return {
    tell: (claim, end) => told(claim, end, () => Promise.resolve()),
    async tellAndClaim(claim, end, worker, next) {
      const { study, trial: number } = claim;
      let claimed: Claimed | undefined;
      let trials: readonly TrialRecord[] = [];
      let first: ChangedTrial | undefined;
      const held = await told(
        claim,
        end,
        async (after) => {
          const { row, record } = after;
          claimed = await take({ by: after, row, trials: trials.with(number, record), first }, worker, next);
        },
        {
          query: (tx) => reader.changed(tx, study),
          async trial(tx, changed) {
            [first] = changed;
            trials = await reader.after(tx, study, changed);
            return trials[number];
          },
        },
      );
      return held ? claimed : undefined;
    },
    release: (claim) =>
      naming(
        claim,
        [],
        async (held) => {
          const deaths = held.record.deaths + 1;
          const dead = { state: "failed", reason: `its worker died ${deaths} times` } as const;
          rewrite(held, { deaths, ...(deaths >= MOST_DEATHS ? dead : { state: "waiting" }) });
        },
        "died",
      ),
  };
}

/** What the next segment is chosen from. */
interface Choice {
  readonly by: Change;
  readonly row: StudyRow;
  readonly trials: readonly TrialRecord[];
  /** With the study's room, and the first of the values that wait, if there are any. */
  readonly first: ChangedTrial | undefined;
}

/** Decides what is next, and writes that a worker has it. */
async function take({ by, row, trials, first }: Choice, worker: string, next: Decide): Promise<Claimed> {
  if (row.state !== "open") return { kind: "done" };
  const { name: study } = row;
  const enqueued = typeof first?.wanted === "string" ? [JSON.parse(first.wanted) as HyperValues] : [];
  const segment = next(trials, enqueued);
  if (segment.kind !== "segment") {
    if (segment.kind === "done") changeStudy(by, row, { state: "done" });
    return segment;
  }
  const { changed, decision, dequeued } = segment;
  const { revision } = changeStudy(by, row, {
    trials: Math.max(row.trials, segment.trial.number + 1),
  });
  if (dequeued && typeof first?.seq === "number") {
    await by.tx.deleteFrom("enqueued").where("study", "=", study).where("seq", "=", first.seq).execute();
  }
  if (decision) by.write("decision", revision, [study, revision, JSON.stringify(decision)]);
  for (const record of changed.filter(({ number }) => number !== segment.trial.number)) {
    writeTrial(by, study, revision, record);
  }
  const { number, attempt: before } = segment.trial;
  const trial = { ...segment.trial, state: "running", attempt: before + 1 } as const;
  writeTrial(by, study, revision, trial, worker);
  const claim = { study, room: first?.room, trial: number, attempt: trial.attempt };
  const start = trial.curve.at(-1)?.budget ?? 0;
  by.write("began", `${number} ${trial.attempt}`, [study, number, trial.attempt, worker, start]);
  const best = modelOf(row.model)?.point.valid.loss;
  return { kind: "segment", claim, trial, ...(best !== undefined && { best }) };
}

/** How the end of a segment is written. @param then what follows in the same transaction */
const tellingTo =
  (naming: Naming) =>
  <Row extends InRoom = InRoom & Tables["trial"]>(
    claim: Claim,
    end: SegmentEnd,
    then: (after: Held) => Promise<void>,
    reading?: HeldReading<Row>,
  ): Promise<boolean> => {
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
        const change = {
          ...evaluated(held.record, evaluations),
          ...ended(end),
          ...(end.kind !== "handed back" && { checkpoint: state?.sha }),
        };
        const after = rewrite({ ...held, model }, change);
        writePoints(held, evaluations);
        await then(after);
      },
      end.kind,
      reading,
    );
  };

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

function writePoints(held: Held, evaluations: readonly TrialEvaluation[]): void {
  const { study, row, trial } = held;
  for (const { budget, point } of evaluations)
    writePoint(held, study, row.revision + 1, trial, budget, point);
}
