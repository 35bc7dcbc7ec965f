import { gatherFields } from "../data/batches.ts";
import type { Dataset } from "../data/dataset.ts";
import { aTask, type Task } from "../problem/problem.ts";
import { FEWEST_ROWS } from "./chance.ts";
import { demandGiven } from "../util/given.ts";
import { inputError } from "../util/error.ts";
import { streamKey, permutationAt } from "../util/random.ts";

/**
 * Splits the validation rows into those that the tuner sees and the guard, which it does not: hyperparameters that are many can fit the
 * rows that they are tuned on, as weights can, and what they gain there says nothing. The best point is chosen on the guard.
 *
 * @param share the guard's, from 0 (none) to below 1; which rows are its own follows from the seed; of a text they are the last
 * @throws {HypertrainError} unless both have a row.
 */
export function guarded(valid: Dataset, share: number, seed: number): { seen: Dataset; guard?: Dataset } {
  if (share === 0) return { seen: valid };
  const count = Math.round(share * valid.rows);
  if (!(share > 0 && share < 1 && count >= 1 && count < valid.rows)) {
    throw inputError(
      `a guard must leave a validation row on either side, but got the share ${share} of ${valid.rows} rows; choose one like 0.3, or more validation rows`,
    );
  }
  if (valid.order === "streams") return lastRows(valid, count);
  const order = permutationAt(streamKey(seed, "guard rows"), 0, valid.rows);
  const rowsAt = (rows: Uint32Array): Dataset => ({ rows: rows.length, fields: gatherFields(valid, rows) });
  return { seen: rowsAt(order.subarray(count)), guard: rowsAt(order.subarray(0, count)) };
}

/**
 * The guard's share where nobody says: 0.3 where there are more hyperparameters than half of the validation rows, which can be fitted by them, and it then has ten rows or more, else 0. The
 * command line takes it for methods that tune along gradients; a run of the library has a guard only if asked.
 *
 * ```ts
 * createRun(task, t1T2(), engine, { epochs: 50, guard: usualGuard(task) }, { clock: performance });
 * ```
 *
 * @throws {HypertrainError} for what is no task.
 */
export function usualGuard(task: Task): number {
  demandGiven("usualGuard", { task }, { task: aTask });
  const { size } = task.problem.space;
  const { rows } = task.data.valid;
  return size > rows / 2 && Math.round(USUAL_SHARE * rows) >= FEWEST_ROWS ? USUAL_SHARE : 0;
}

const USUAL_SHARE = 0.3;

/** The guard behind the rest, where rows follow each other. */
function lastRows({ padding, ...valid }: Dataset, count: number): { seen: Dataset; guard: Dataset } {
  const part = (from: number, to: number): Dataset => ({
    ...valid,
    rows: to - from,
    fields: gatherFields(
      valid,
      Uint32Array.from({ length: to - from }, (_, i) => from + i),
    ),
  });
  const cut = valid.rows - count;
  return { seen: part(0, cut), guard: { ...part(cut, valid.rows), ...(padding && { padding }) } };
}
