import type { Refit } from "../api/result.ts";
import type { NamedTask } from "./registry/tasks.ts";

/**
 * How long to train on training and validation rows together, where a run was at its best after so many steps: until each row has been seen as often.
 *
 * Of the two rules of Goodfellow, Bengio and Courville (Deep Learning, section 7.8), as many steps or as many passes over the data, this is the second: the network learns from each row as
 * much as it had when it began to overfit, and learning rates fall and hyperparameters move at the same passes. Passes are counted by rows, not by the run's epochs, which are whole
 * minibatches: with 106 rows and minibatches of 128 an epoch is one step, on all rows; with 142 it is two, which are 1.8 passes.
 *
 * @param joined the task with its validation rows among the training rows
 */
export function refitLength(
  steps: number,
  batchSize: number,
  joined: NamedTask,
): NonNullable<Refit["trained"]> {
  const { train, valid } = joined.task.data;
  const before = train.rows - valid.rows;
  const passes = (steps * Math.min(batchSize, before)) / before;
  return {
    steps: Math.max(1, Math.round((passes * train.rows) / Math.min(batchSize, train.rows))),
    rows: train.rows,
    before: { steps, rows: before },
  };
}
