import type { Refit } from "../../api/result.ts";

/** How many rows trained a run, and how many train its refit. */
export interface RefitRows {
  readonly before: number;
  readonly after: number;
}

/**
 * How long to train on training and validation rows together, where a run was at its best after so many steps: until each row has been seen as often.
 *
 * Of the two rules of Goodfellow, Bengio and Courville (Deep Learning, section 7.8), as many steps or as many passes over the data, this is the second: the network learns from each row as
 * much as it had when it began to overfit, and learning rates fall and hyperparameters move at the same passes. Passes are counted by rows, not by the run's epochs, which are whole
 * minibatches: with 106 rows and minibatches of 128 an epoch is one step, on all rows; with 142 it is two, which are 1.8 passes.
 */
export function refitLength(
  steps: number,
  batchSize: number,
  { before, after }: RefitRows,
): NonNullable<Refit["trained"]> {
  const passes = (steps * Math.min(batchSize, before)) / before;
  return {
    steps: Math.max(1, Math.round((passes * after) / Math.min(batchSize, after))),
    rows: after,
    before: { steps, rows: before },
  };
}
