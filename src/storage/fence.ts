import type { Compilable } from "kysely";

import type { TrialRecord } from "../study/next-segment.ts";
import { hear, modelOf, type Held } from "./changes.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Claim } from "./storage.ts";
import type { Tables } from "./tables.ts";
import type { Tx } from "./writes.ts";

/**
 * A change by a worker, in a transaction, if its claim still holds.
 *
 * @param how if it ends the segment
 * @param reading how the claim's trial is read, where more is read with it
 * @returns whether it held
 */
export type Fence = <Row extends InRoom = InRoom & Tables["trial"]>(
  claim: Claim,
  change: (held: Held) => Promise<void>,
  how?: Tables["segment"]["ended"],
  reading?: HeldReading<Row>,
) => Promise<boolean>;

/** What is read with the room of its study. */
export type InRoom = Pick<Tables["place"], "room">;

/** How the trial of a claim is read. */
export interface HeldReading<Row> {
  query(tx: Tx): Compilable<Row>;
  /** The trial, whoever holds it now. */
  trial(tx: Tx, rows: readonly Row[]): Promise<TrialRecord | undefined>;
}

/** The fence of a database: a worker with an older attempt has lost its trial, and one of a study that was removed has lost its study. */
export function fenceOf({ locked, whole }: SqlDatabase): Fence {
  const alone = ({ study, trial }: Claim): HeldReading<InRoom & Tables["trial"]> => ({
    query: (tx) =>
      tx
        .selectFrom("trial")
        .innerJoin("place", "place.study", "trial.study")
        .selectAll("trial")
        .select("room")
        .where("trial.study", "=", study)
        .where("number", "=", trial),
    trial: async (_, [found]) => found && whole.trial(found),
  });
  const fenced = async <Row extends InRoom>(
    claim: Claim,
    change: (held: Held) => Promise<void>,
    how: Tables["segment"]["ended"],
    reading: HeldReading<Row>,
  ): Promise<boolean> => {
    const { study, room, trial, attempt } = claim;
    const done = await locked(
      study,
      async (by, row, rows: readonly Row[]) => {
        if (room !== undefined && rows[0]?.room !== room) return false;
        const record = await reading.trial(by.tx, rows);
        if (record?.attempt !== attempt || record.state !== "running") return false;
        await change({ ...by, ...{ study, room, trial, attempt, record, row }, model: modelOf(row.model) });
        hear(by, claim, how);
        return true;
      },
      (tx) => reading.query(tx),
    );
    return done ?? false;
  };
  return (claim, change, how = null, reading) =>
    reading ? fenced(claim, change, how, reading) : fenced(claim, change, how, alone(claim));
}
