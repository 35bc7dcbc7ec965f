import { batchSequence, type BatchSequence } from "./batches.ts";
import type { Dataset } from "./dataset.ts";
import type { RandomKey } from "../util/random.ts";

/**
 * The minibatches of a dataset in the order that it asks for: permutations of its rows, or parallel streams through them.
 *
 * @param key of the permutations
 */
export const minibatchOrder = ({ rows, order }: Dataset, key: RandomKey, batchSize: number): BatchSequence =>
  order === "streams" ? streamSequence(rows, batchSize) : batchSequence(key, rows, batchSize);

/**
 * Minibatches of rows that follow each other, such as windows of a text: row b of minibatch t + 1 is the one behind row b of minibatch t, until the
 * epoch ends. Every row comes at least once an epoch; where `batchSize` does not divide the rows, up to `batchSize - 1` of them come twice.
 */
export const streamSequence = (rows: number, batchSize: number): BatchSequence => ({
  rows(step) {
    const within = step % Math.ceil(rows / batchSize);
    return Uint32Array.from({ length: batchSize }, (_, b) => Math.floor((b * rows) / batchSize) + within);
  },
});
