import { HostArray, type HostData } from "../util/host-array.ts";
import { aKey, permutationAt, type RandomKey } from "../util/random.ts";
import { aDataset, someRows, type CodedField, type Dataset } from "./dataset.ts";
import { demandGiven } from "../util/given.ts";
import { count, integer } from "../util/rule.ts";

/** The minibatches of a run; each is a function of its number alone, so a resumed run sees the same ones. */
export interface BatchSequence {
  /** The row numbers of the minibatch `step`, from 0: [batchSize]. */
  rows(step: number): Uint32Array<ArrayBuffer>;
}

/**
 * Minibatches of `batchSize` rows, cut from one endless row of permutations of all rows: every row comes once an epoch, and a
 * minibatch may span two epochs. Steps in ascending order compute each permutation once.
 *
 * @throws {HypertrainError} for what is no key, or no number of rows.
 */
export function batchSequence(key: RandomKey, rows: number, batchSize: number): BatchSequence {
  demandGiven("batchSequence", { key, rows, batchSize }, { key: aKey, rows: count, batchSize: count });
  let cached = { epoch: -1, order: new Uint32Array() };
  const permutation = (epoch: number): Uint32Array<ArrayBuffer> => {
    if (cached.epoch !== epoch) cached = { epoch, order: permutationAt(key, epoch, rows) };
    return cached.order;
  };
  return {
    rows(step) {
      const batch = new Uint32Array(batchSize);
      const start = step * batchSize;
      let filled = 0;
      while (filled < batchSize) {
        const at = start + filled;
        const within = at % rows;
        const piece = permutation(Math.floor(at / rows)).subarray(within, within + batchSize - filled);
        batch.set(piece, filled);
        filled += piece.length;
      }
      return batch;
    },
  };
}

/**
 * The row numbers of one minibatch of {@link batchSequence}, for when only one is needed: [batchSize].
 *
 * @throws {HypertrainError} as that does, and for what is no step.
 */
export function batchRows(
  key: RandomKey,
  rows: number,
  batchSize: number,
  step: number,
): Uint32Array<ArrayBuffer> {
  const whole = { rows: count, batchSize: count, step: integer(0) };
  demandGiven("batchRows", { key, rows, batchSize, step }, { key: aKey, ...whole });
  return batchSequence(key, rows, batchSize).rows(step);
}

/** The given rows of every field, copied in their order: [rows.length, ...] each. @throws {HypertrainError} for what is no dataset. */
export function gather(dataset: Dataset, rows: Uint32Array): Record<string, HostArray> {
  demandGiven("gather", { dataset, rows }, { dataset: aDataset, rows: someRows });
  return gatherFields(dataset, rows);
}

/** {@link gather} of what is known to be a dataset, for every step of a run. */
export const gatherFields = (dataset: Dataset, rows: Uint32Array): Record<string, HostArray> =>
  mapFields(
    dataset,
    (field) => gatherRows(field, rows),
    (field) => decodeRows(field, rows),
  );

/** A part of a dataset of fixed size: fields [batchSize, ...], and float32 weights [batchSize], 0 where a row only pads. */
export interface EvaluationBatch {
  readonly fields: Record<string, HostArray>;
  readonly weight: HostArray;
}

/**
 * All rows in order, in batches of the same size; the last is padded with row 0 at weight 0.
 *
 * Full batches of fields that are not coded are views of the dataset, not copies.
 *
 * @throws {HypertrainError} for what is no dataset, or no number of rows.
 */
export function evaluationBatches(dataset: Dataset, batchSize: number): Generator<EvaluationBatch> {
  demandGiven("evaluationBatches", { dataset, batchSize }, { dataset: aDataset, batchSize: count });
  return inBatches(dataset, batchSize);
}

function* inBatches(dataset: Dataset, batchSize: number): Generator<EvaluationBatch> {
  for (let start = 0; start < dataset.rows; start += batchSize) {
    const real = Math.min(batchSize, dataset.rows - start);
    const rows = Uint32Array.from({ length: batchSize }, (_, i) => (i < real ? start + i : 0));
    yield {
      fields:
        real === batchSize
          ? mapFields(
              dataset,
              (field) => sliceRows(field, start, batchSize),
              (field) => decodeRows(field, rows),
            )
          : gatherFields(dataset, rows),
      weight: new HostArray(new Float32Array(batchSize).fill(1, 0, real), [batchSize]),
    };
  }
}

const mapFields = (
  { fields, coded = {} }: Dataset,
  change: (field: HostArray) => HostArray,
  decode: (field: CodedField) => HostArray,
): Record<string, HostArray> => ({
  ...Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, change(field)])),
  ...Object.fromEntries(Object.entries(coded).map(([name, field]) => [name, decode(field)])),
});

function decodeRows({ codes, values, shape }: CodedField, rows: Uint32Array): HostArray {
  const width = rowWidth(shape);
  const out = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    const from = (rows[i] as number) * width;
    for (let j = 0; j < width; j++) out[i * width + j] = values[codes[from + j] as number] as number;
  }
  return new HostArray(out, [rows.length, ...shape.slice(1)]);
}

function gatherRows({ data, shape }: HostArray, rows: Uint32Array): HostArray {
  const width = rowWidth(shape);
  const Data = data.constructor as new (length: number) => HostData; // lost by TypeScript: the constructor of its own type
  const out = new Data(rows.length * width);
  if (width === 1) for (let i = 0; i < rows.length; i++) out[i] = data[rows[i] as number] as number;
  else rows.forEach((row, i) => out.set(data.subarray(row * width, (row + 1) * width), i * width));
  return new HostArray(out, [rows.length, ...shape.slice(1)]);
}

function sliceRows({ data, shape }: HostArray, start: number, count: number): HostArray {
  const width = rowWidth(shape);
  return new HostArray(data.subarray(start * width, (start + count) * width), [count, ...shape.slice(1)]);
}

const rowWidth = (shape: readonly number[]): number => shape.slice(1).reduce((product, n) => product * n, 1);
