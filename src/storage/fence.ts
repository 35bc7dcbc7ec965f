import type { Compilable } from "kysely";

import type { RowsOf } from "./at-once.ts";
import { hear, modelOf, type Held } from "./changes.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Claim } from "./storage.ts";
import type { Tables } from "./tables.ts";
import type { Tx } from "./writes.ts";

/**
 * A change by a worker, in a transaction, if its claim still holds.
 *
 * @param how if it ends the segment
 * @param beside what is read with the claim's trial
 * @returns whether it held
 */
export type Fence = <const Q extends readonly Compilable[] = readonly []>(
  claim: Claim,
  change: (held: Held, beside: RowsOf<Q>) => Promise<void>,
  how?: Tables["segment"]["ended"],
  beside?: (tx: Tx) => Q,
) => Promise<boolean>;

/** The fence of a database: a worker with an older attempt has lost its trial. */
export const fenceOf =
  ({ locked, whole }: SqlDatabase): Fence =>
  async <const Q extends readonly Compilable[] = readonly []>(
    claim: Claim,
    change: (held: Held, beside: RowsOf<Q>) => Promise<void>,
    how: Tables["segment"]["ended"] = null,
    beside?: (tx: Tx) => Q,
  ) => {
    const { study, trial, attempt } = claim;
    const trialHeld = (tx: Tx) =>
      tx
        .selectFrom("trial")
        .selectAll()
        .where("study", "=", study)
        .where("number", "=", trial)
        .where("attempt", "=", attempt)
        .where("state", "=", "running");
    const done = await locked<boolean, readonly [ReturnType<typeof trialHeld>, ...Q]>(
      study,
      async (by, row, [[found], ...others]) => {
        if (!found) return false;
        const record = whole.trial(found);
        const held = { ...by, ...{ study, trial, attempt, record, row }, model: modelOf(row.model) };
        await change(held, others as never); // which are the rows of `beside`
        hear(by, claim, how);
        return true;
      },
      (tx) => [trialHeld(tx), ...((beside?.(tx) ?? []) as Q)], // which is empty without it
    );
    return done ?? false;
  };
