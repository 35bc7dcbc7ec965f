import { gatherFields } from "./batches.ts";
import { aDataset, someRows, type Dataset, type Splits } from "./dataset.ts";
import { isRecord } from "../util/record.ts";
import { demandGiven } from "../util/given.ts";
import type { ValueRule } from "../util/rule.ts";
import type { RowParts } from "./split.ts";

/** The parts of a dataset, copied. @throws {HypertrainError} for what is no dataset, or no parts. */
export function splitDataset(dataset: Dataset, parts: RowParts): Splits {
  demandGiven("splitDataset", { dataset, parts }, { dataset: aDataset, parts: rowParts });
  const { train, valid, test } = parts;
  return {
    train: rowsOf(dataset, train),
    valid: rowsOf(dataset, valid),
    ...(test && { test: rowsOf(dataset, test) }),
  };
}

const rowParts: ValueRule<RowParts> = {
  must: "parts of rows, such as randomSplit() makes",
  holds: (value) => isRecord(value) && someRows.holds(value.train) && someRows.holds(value.valid),
};

/** The same function of every part that is there. */
export const mapParts = (splits: Splits, change: (part: Dataset) => Dataset): Splits => ({
  train: change(splits.train),
  valid: change(splits.valid),
  ...(splits.test && { test: change(splits.test) }),
});

/** A dataset of the given rows, copied in their order. @throws {HypertrainError} for what is no dataset. */
export function takeRows(dataset: Dataset, rows: Uint32Array): Dataset {
  demandGiven("takeRows", { dataset, rows }, { dataset: aDataset, rows: someRows });
  return rowsOf(dataset, rows);
}

const rowsOf = (dataset: Dataset, rows: Uint32Array): Dataset => ({
  rows: rows.length,
  fields: gatherFields(dataset, rows),
});
