import { inputError } from "../util/error.ts";
import { randomKey, randomPermutation } from "../util/random.ts";
import { gather } from "./batches.ts";
import type { Dataset, Splits } from "./dataset.ts";

/** How large a part is: a fraction of all rows, at least 0 and below 1, or a number of rows. */
export type PartSize = number | { readonly rows: number };

/** The sizes of the parts that do not train; the training part gets the rest. */
export interface PartSizes {
  readonly valid?: PartSize;
  /** 0 leaves the test part out. */
  readonly test?: PartSize;
}

/** Which rows of a dataset each part gets; no row is in two. */
export interface RowParts {
  readonly train: Uint32Array;
  readonly valid: Uint32Array;
  readonly test?: Uint32Array;
}

/**
 * Parts drawn at random, by default 60 % training, 20 % validation and 20 % test.
 *
 * The test part depends on the seed and its own size alone, so it stays the same when the validation part changes.
 *
 * @throws {HypertrainError} if a part would be empty.
 */
export function randomSplit(
  rows: number,
  { seed = 0, valid = 0.2, test = 0.2 }: PartSizes & { /** Default 0. */ readonly seed?: number } = {},
): RowParts {
  return cut(randomPermutation(randomKey(seed, "split"), 0, rows), { valid, test });
}

/**
 * Parts in the order of the rows: training, then validation (by default the last 15 %), then test (by default none).
 *
 * @throws {HypertrainError} if a part would be empty.
 */
export function tailSplit(rows: number, { valid = 0.15, test = 0 }: PartSizes = {}): RowParts {
  return cut(
    Uint32Array.from({ length: rows }, (_, i) => i),
    { valid, test },
  );
}

/** The parts of a dataset, copied. */
export const splitDataset = (dataset: Dataset, { train, valid, test }: RowParts): Splits => ({
  train: takeRows(dataset, train),
  valid: takeRows(dataset, valid),
  ...(test && { test: takeRows(dataset, test) }),
});

/** The same function of every part that is there. */
export const mapParts = (splits: Splits, change: (part: Dataset) => Dataset): Splits => ({
  train: change(splits.train),
  valid: change(splits.valid),
  ...(splits.test && { test: change(splits.test) }),
});

/** A dataset of the given rows, copied in their order. */
export const takeRows = (dataset: Dataset, rows: Uint32Array): Dataset => ({
  rows: rows.length,
  fields: gather(dataset, rows),
});

function cut(order: Uint32Array, sizes: Required<PartSizes>): RowParts {
  const rows = order.length;
  const valid = rowsOf("validation", sizes.valid, rows);
  const test = rowsOf("test", sizes.test, rows);
  const train = rows - valid - test;
  if (train < 1 || valid < 1 || (test < 1 && sizes.test !== 0)) {
    throw inputError(
      `every part of the data must have at least one row, but ${rows} rows would be split into ${train} for training, ${valid} for validation and ${test} for test; change the sizes of the parts or add rows`,
    );
  }
  return {
    train: order.subarray(0, train),
    valid: order.subarray(train, train + valid),
    ...(test > 0 && { test: order.subarray(train + valid) }),
  };
}

function rowsOf(part: string, size: PartSize, rows: number): number {
  if (typeof size === "number") {
    if (size >= 0 && size < 1) return Math.round(size * rows);
    throw inputError(
      `the ${part} part must be a fraction of the rows, at least 0 and below 1, but got ${size}; for a number of rows give { rows: ${size} }`,
    );
  }
  if (Number.isInteger(size.rows) && size.rows >= 0) return size.rows;
  throw inputError(
    `the ${part} part must have a whole number of rows, but got ${size.rows}; give an integer of at least 1`,
  );
}
