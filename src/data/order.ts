import { batchSequence, gatherFields, type BatchSequence, type EvaluationBatch } from "./batches.ts";
import { aDataset, type Dataset } from "./dataset.ts";
import { HostArray } from "../util/host-array.ts";
import { aKey, type RandomKey } from "../util/random.ts";
import { demandGiven } from "../util/given.ts";
import { count } from "../util/rule.ts";

/**
 * The minibatches of a dataset in the order that it asks for: permutations of its rows, or parallel streams through them.
 *
 * @param key of the permutations
 * @throws {HypertrainError} for what is no dataset, or no number of rows.
 */
export function minibatchOrder(dataset: Dataset, key: RandomKey, batchSize: number): BatchSequence {
  demandGiven(
    "minibatchOrder",
    { dataset, key, batchSize },
    { dataset: aDataset, key: aKey, batchSize: count },
  );
  const { rows, order } = dataset;
  return order === "streams" ? streamSequence(rows, batchSize) : batchSequence(key, rows, batchSize);
}

/**
 * Minibatches of rows that follow each other, such as windows of a text: row b of minibatch t + 1 is the one behind row b of minibatch t, until the
 * epoch ends. Every row comes at least once an epoch; where `batchSize` does not divide the rows, up to `batchSize - 1` of them come twice.
 *
 * @throws {HypertrainError} for what is no number of rows.
 */
export function streamSequence(rows: number, batchSize: number): BatchSequence {
  demandGiven("streamSequence", { rows, batchSize }, { rows: count, batchSize: count });
  return {
    rows(step) {
      const within = step % streamLength(rows, batchSize);
      return Uint32Array.from({ length: batchSize }, (_, b) => Math.floor((b * rows) / batchSize) + within);
    },
  };
}

/** The number of a stream's rows: the minibatches of an epoch. */
export const streamLength = (rows: number, streams: number): number => Math.ceil(rows / streams);

/**
 * All rows in batches of parallel streams, each of which follows the text. A short text is one stream. A long one is up to fifty pieces: each but
 * the first begins so many rows before its own that it has read a hundred tokens of what came before, and these count nothing.
 */
export function* streamBatches(dataset: Dataset): Generator<EvaluationBatch> {
  const { rows, fields } = dataset;
  const warmUp = Math.ceil(WARM_UP_TOKENS / (fields.x?.shape[1] ?? 1));
  const streams = Math.min(Math.max(Math.floor(rows / (10 * warmUp)), 1), MOST_STREAMS);
  const pieces = Array.from({ length: streams }, (_, b) => {
    const [from, to] = [b, b + 1].map((i) => Math.floor((i * rows) / streams)) as [number, number];
    return { from, to, start: Math.max(from - warmUp, 0) };
  });
  const length = Math.max(...pieces.map(({ start, to }) => to - start));
  for (let t = 0; t < length; t++) {
    const own = Uint32Array.from(pieces, ({ start }) => Math.min(start + t, rows - 1));
    const weight = Float32Array.from(pieces, ({ start, from, to }) =>
      start + t >= from && start + t < to ? 1 : 0,
    );
    yield { fields: gatherFields(dataset, own), weight: new HostArray(weight, [streams]) };
  }
}

const WARM_UP_TOKENS = 100;
const MOST_STREAMS = 50;
