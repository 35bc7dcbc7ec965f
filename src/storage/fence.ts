import { hear, modelOf, type Held } from "./changes.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Claim } from "./storage.ts";
import type { Tables } from "./tables.ts";

/**
 * A change by a worker, in a transaction, if its claim still holds.
 *
 * @param how if it ends the segment
 * @returns whether it held
 */
export type Fence = (
  claim: Claim,
  change: (held: Held) => Promise<void>,
  how?: Tables["segment"]["ended"],
) => Promise<boolean>;

/** The fence of a database: a worker with an older attempt has lost its trial. */
export const fenceOf =
  ({ now, locked, whole }: SqlDatabase): Fence =>
  async (claim, change, how = null) => {
    const { study, trial, attempt } = claim;
    const done = await locked(study, async (tx, row) => {
      const found = await tx
        .selectFrom("trial")
        .selectAll()
        .where("study", "=", study)
        .where("number", "=", trial)
        .where("attempt", "=", attempt)
        .where("state", "=", "running")
        .executeTakeFirst();
      if (!found) return false;
      const record = whole.trial(found);
      await change({ ...{ tx, study, trial, attempt, record, row }, model: modelOf(row.model) });
      await hear(tx, now, claim, how);
      return true;
    });
    return done ?? false;
  };
