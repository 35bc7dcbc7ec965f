import { inputError, type HypertrainError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { streamKey, permutationAt } from "../util/random.ts";
import { gatherFields } from "./batches.ts";
import { aDataset, someRows, type Dataset, type Splits } from "./dataset.ts";
import { count as counted } from "./quote.ts";
import { isRecord } from "../util/record.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { count, objectWith, seed as wholeSeed, text, type ValueRule, type Rules } from "../util/rule.ts";

/** How large a part is: a fraction of all rows, at least 0 and below 1, or a number of rows. */
export type PartSize = number | { readonly rows: number };

/** The sizes of the parts that do not train; the training part gets the rest. */
export interface PartSizes {
  readonly valid?: PartSize;
  /** 0 leaves the test part out. */
  readonly test?: PartSize;
}

/** What the sizes of parts must be: `sizeInRows` says more of numbers. */
export const sizeRules: Rules<PartSizes> = {
  valid: { must: "a share of the rows, or { rows: a number of them }", holds: isSize },
  test: { must: "a share of the rows, or { rows: a number of them }", holds: isSize },
};

function isSize(value: unknown): boolean {
  return typeof value === "number" || (isRecord(value) && typeof value.rows === "number");
}

const aColumn = objectWith<ArrayLike<number | string>>("a list, with a value of every row", {
  length: "number",
});

const rowParts: ValueRule<RowParts> = {
  must: "parts of rows, such as randomSplit() makes",
  holds: (value) => isRecord(value) && someRows.holds(value.train) && someRows.holds(value.valid),
};

/** What a row is called in sentences, where it is no row of a table: an image, a word. */
export interface RowNoun {
  /** Default "row". */
  readonly noun?: string;
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
 * @throws {HypertrainError} if a part would be empty, or for an option that is none of these.
 */
export function randomSplit(
  rows: number,
  options: PartSizes & { /** Default 0. */ readonly seed?: number } = {},
): RowParts {
  demandGiven("randomSplit", { rows }, { rows: count });
  const {
    seed = 0,
    valid = 0.2,
    test = 0.2,
  } = ownOptions("randomSplit", options, { ...sizeRules, seed: wholeSeed });
  return cut(permutationAt(streamKey(seed, "split"), 0, rows), { valid, test });
}

/**
 * Parts in the order of the rows: training, then validation (by default the last 15 %), then test (by default none).
 *
 * @throws {HypertrainError} if a part would be empty, or for an option that is none of these.
 */
export function tailSplit(rows: number, options: PartSizes & RowNoun = {}): RowParts {
  demandGiven("tailSplit", { rows }, { rows: count });
  const rules = { ...sizeRules, noun: text };
  const { valid = 0.15, test = 0, noun } = ownOptions("tailSplit", options, rules);
  return cut(
    Uint32Array.from({ length: rows }, (_, i) => i),
    { valid, test, noun },
  );
}

/**
 * Parts drawn at random in which every class has its share, as nearly as whole rows allow. The first row of every class trains, so
 * that no class is new to the trained network.
 *
 * @param classes of every row
 * @throws {HypertrainError} if a part would be empty, or for an option that is none of these.
 */
export function stratifiedSplit(
  classes: ArrayLike<number | string>,
  options: PartSizes & RowNoun & { /** Default 0. */ readonly seed?: number } = {},
): RowParts {
  demandGiven("stratifiedSplit", { classes }, { classes: aColumn });
  const rules = { ...sizeRules, noun: text, seed: wholeSeed };
  const { seed = 0, valid = 0.2, test = 0.2, noun } = ownOptions("stratifiedSplit", options, rules);
  const order = permutationAt(streamKey(seed, "split"), 0, classes.length);
  const sizes = new Map<number | string, number>();
  for (const row of order) sizes.set(classOf(row), (sizes.get(classOf(row)) ?? 0) + 1);
  const seen = new Map<number | string, number>();
  // A row's place is the share of its class that comes before it, so each stretch of places has the share of every class.
  const places = new Float64Array(classes.length);
  for (const row of order) {
    const before = seen.get(classOf(row)) ?? 0;
    places[row] = before / (sizes.get(classOf(row)) as number);
    seen.set(classOf(row), before + 1);
  }
  return cut(
    order.sort((a, b) => (places[a] as number) - (places[b] as number)),
    { valid, test, noun },
  );

  function classOf(row: number): number | string {
    return classes[row] as number | string;
  }
}

/**
 * Parts drawn at random in which all rows of a group lie in one part; the sizes are met as nearly as the groups allow.
 *
 * @param groups of every row
 * @throws {HypertrainError} if a part would be empty, or for an option that is none of these.
 */
export function groupSplit(
  groups: ArrayLike<number | string>,
  options: PartSizes & { /** Default 0. */ readonly seed?: number } = {},
): RowParts {
  demandGiven("groupSplit", { groups }, { groups: aColumn });
  const {
    seed = 0,
    valid = 0.2,
    test = 0.2,
  } = ownOptions("groupSplit", options, { ...sizeRules, seed: wholeSeed });
  const members = new Map<number | string, number[]>();
  for (let row = 0; row < groups.length; row++) {
    const group = groups[row] as number | string;
    const rows = members.get(group);
    if (rows) rows.push(row);
    else members.set(group, [row]);
  }
  const all = [...members.values()];
  const shuffled = [...permutationAt(streamKey(seed, "split"), 0, all.length)].map((i) => all[i] as number[]);
  const parts = { test: [] as number[], valid: [] as number[], train: [] as number[] };
  const wanted = {
    test: sizeInRows("test", test, groups.length),
    valid: sizeInRows("validation", valid, groups.length),
    train: Infinity,
  };
  for (const group of shuffled) {
    // The first part that this group brings nearer to its size.
    const part = (["test", "valid"] as const).find(
      (name) =>
        parts[name].length + group.length / 2 <= wanted[name] ||
        (wanted[name] > 0 && parts[name].length === 0),
    );
    for (const row of group) parts[part ?? "train"].push(row);
  }
  return requireRows(
    {
      train: Uint32Array.from(parts.train),
      valid: Uint32Array.from(parts.valid),
      ...(wanted.test > 0 && { test: Uint32Array.from(parts.test) }),
    },
    `${all.length} groups`,
  );
}

/**
 * Parts in the order of a time: the earliest rows train, the next validate, the latest test. Rows of one moment lie in one part.
 *
 * @param times of every row
 * @throws {HypertrainError} if a part would be empty, or for an option that is none of these.
 */
export function timeSplit(times: ArrayLike<number>, options: PartSizes = {}): RowParts {
  demandGiven("timeSplit", { times }, { times: aColumn });
  const { valid = 0.2, test = 0.2 } = ownOptions("timeSplit", options, sizeRules);
  const rows = times.length;
  const timeOf = (row: number) => times[row] as number;
  const order = Uint32Array.from({ length: rows }, (_, i) => i).sort(
    (a, b) => timeOf(a) - timeOf(b) || a - b,
  );
  const startOf = (size: number): number => {
    let start = rows - size;
    while (start > 0 && start < rows && timeOf(order[start] as number) === timeOf(order[start - 1] as number))
      start--;
    return start;
  };
  const testRows = sizeInRows("test", test, rows);
  const testStart = startOf(testRows);
  const validStart = startOf(rows - testStart + sizeInRows("validation", valid, rows));
  return requireRows(
    {
      train: order.subarray(0, validStart),
      valid: order.subarray(validStart, testStart),
      ...(testRows > 0 && { test: order.subarray(testStart) }),
    },
    `${rows} rows by time`,
  );
}

/** The same parts, but for training rows that are those of validation as well, behind the others. */
export const joinedParts = ({ train, valid, ...rest }: RowParts): RowParts => ({
  train: Uint32Array.from({ length: train.length + valid.length }, (_, i) =>
    i < train.length ? (train[i] as number) : (valid[i - train.length] as number),
  ),
  valid,
  ...rest,
});

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

/** The name of the part that each row is in. */
export const partsByRow = (
  parts: Partial<RowParts> | Readonly<Record<string, Uint32Array>>,
): ReadonlyMap<number, string> =>
  new Map(
    Object.entries(parts).flatMap(([part, rows]: [string, Uint32Array | undefined]) =>
      Array.from(rows ?? [], (row): [number, string] => [row, part]),
    ),
  );

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

interface Cut extends Required<PartSizes> {
  readonly noun?: string | undefined;
}

function cut(order: Uint32Array, { noun = "row", ...sizes }: Cut): RowParts {
  const rows = order.length;
  const valid = sizeInRows("validation", sizes.valid, rows);
  const test = sizeInRows("test", sizes.test, rows);
  const train = rows - valid - test;
  if (train < 1 || valid < 1 || (test < 1 && sizes.test !== 0)) {
    throw emptyPart(counted(rows, noun), [train, valid, test], noun);
  }
  return {
    train: order.subarray(0, train),
    valid: order.subarray(train, train + valid),
    ...(test > 0 && { test: order.subarray(train + valid) }),
  };
}

function requireRows(parts: RowParts, what: string): RowParts {
  const { train, valid, test } = parts;
  if (train.length > 0 && valid.length > 0 && test?.length !== 0) return parts;
  throw emptyPart(what, [train.length, valid.length, test?.length ?? 0], "row");
}

function emptyPart(
  what: string,
  [train, valid, test]: readonly [train: number, valid: number, test: number],
  noun: string,
): HypertrainError {
  const got =
    train < 1 && valid === 1 && test > 1
      ? `test asks for ${test} of ${what}`
      : train < 0
        ? `validation and test ask for ${valid} and ${test} of ${what}`
        : `${what} would be split into ${train} for training, ${valid} for validation and ${test} for test`;
  const named = { valid, test };
  const mends = (["valid", "test"] as const)
    .filter((part) => (train < 1 ? named[part] > (part === "valid" ? 1 : 0) : named[part] < 1))
    .map((part) => optionText(part)); // no test part is one that may be
  const ask = mends.length === 0 ? "" : `ask for ${train < 1 ? "fewer" : "more"} (${mends.join(", ")}) or `;
  return inputError(`every part of the data must have at least one ${noun}, but ${got}; ${ask}add ${noun}s`);
}

function sizeInRows(part: string, size: PartSize, rows: number): number {
  if (typeof size === "number") {
    if (size >= 0 && size < 1) return Math.round(size * rows);
    throw inputError(
      `the ${part} part must be a fraction of the rows, at least 0 and below 1, but got ${size}; for a number of rows give { rows: ${size} }`,
    );
  }
  if (Number.isInteger(size.rows) && size.rows >= 0) return size.rows;
  throw inputError(
    `the ${part} part must have a whole number of rows, but got ${size.rows}; give a fraction below 1 or a whole number`,
  );
}
