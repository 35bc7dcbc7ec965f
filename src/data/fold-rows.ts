import { streamKey, permutationAt } from "../util/random.ts";
import { joinedParts, type RowParts } from "./split.ts";

/**
 * Which fold each row is in, drawn at random, from 0: [rows]. Folds are of the same size but for a row; where classes are given, every fold has its share of each.
 */
export function foldOfRows({ rows, folds, seed, classes }: FoldOptions): Int32Array<ArrayBuffer> {
  const order = permutationAt(streamKey(seed, "folds"), 0, rows);
  if (classes) order.sort((a, b) => (classes[a] as number) - (classes[b] as number)); // stable
  const fold = new Int32Array(rows);
  order.forEach((row, place) => (fold[row] = place % folds));
  return fold;
}

/** What folds are of. */
export interface FoldOptions {
  readonly rows: number;
  /** How many, at most as many as rows. */
  readonly folds: number;
  readonly seed: number;
  /** Of each row: whole numbers from 0. */
  readonly classes?: ArrayLike<number>;
}

/** The rows of each fold, by its name, and of the test part: folds are of all rows of the other two. */
export function foldedParts(
  parts: RowParts,
  { folds, seed, classes }: Omit<FoldOptions, "rows">,
): Readonly<Record<string, Uint32Array>> {
  const { train, test } = joinedParts(parts);
  const ofRows = classes && Array.from(train, (row) => classes[row] as number);
  const fold = foldOfRows({ rows: train.length, folds, seed, ...(ofRows && { classes: ofRows }) });
  const rows = Array.from({ length: folds }, (_, k) => train.filter((_, i) => fold[i] === k));
  return { ...Object.fromEntries(rows.map((one, k) => [`fold ${k + 1}`, one])), ...(test && { test }) };
}
