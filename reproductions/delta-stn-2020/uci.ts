import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { SupervisedData } from "../../src/data/supervised-data.ts";
import { csvData } from "../../src/data/table-data.ts";
import { randomKey, randomPermutation } from "../../src/util/random.ts";

/** Examples, with the number of training rows before they are repeated. */
export type UciData = SupervisedData & { readonly rows: number };

/** Which rows of the set's own training part are used, and how. */
export interface UciOptions {
  readonly seed: number;
  /** The share of the set's training part that validates. */
  readonly validShare: number;
  /** How many of the remaining rows train; Infinity for all. */
  readonly trainRows: number;
  /** Each training row is repeated until a minibatch of all of them has at least this many. */
  readonly batchRows: number;
}

/**
 * Split 0 of a UCI regression set in the layout of Hernández-Lobato and Adams (2015): `data.txt` and index files in one folder.
 * Columns and target are standardised by the training part.
 */
export function uciData(folder: string, name: string, options: UciOptions): UciData {
  const { seed, validShare, trainRows, batchRows } = options;
  const text = (file: string) => readFileSync(join(folder, file), "utf8");
  const indices = (file: string) => text(file).trim().split(/\s+/).map(Number);
  const [target] = indices("index_target.txt") as [number];
  const known = indices("index_train_0.txt");
  const order = [...randomPermutation(randomKey(seed, "split"), 0, known.length)];
  const shuffled = order.map((i) => known[i] as number);
  const validRows = Math.round(validShare * known.length);
  const train = shuffled.slice(validRows).slice(0, trainRows);
  const copies = Math.ceil(batchRows / train.length);
  const data = csvData(text("data.txt"), {
    name,
    header: false,
    separator: "whitespace",
    target: `column${target + 1}`,
    task: "regression",
    split: () => ({
      train: Uint32Array.from(Array.from({ length: copies }, () => train).flat()),
      valid: Uint32Array.from(shuffled.slice(0, validRows)),
      test: Uint32Array.from(indices("index_test_0.txt")),
    }),
  });
  const features = indices("index_features.txt").filter((j) => j !== target).length;
  if (data.inputShape[0] !== features) throw new Error(`${name} must have ${features} columns of features`);
  return { ...data, rows: train.length };
}
