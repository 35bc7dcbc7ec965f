import { streamKey, permutationAt } from "../util/random.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { count, objectWith, seed as wholeSeed, text } from "../util/rule.ts";
import { sizeRules, sizeInRows, emptyPart, type PartSizes } from "./part-sizes.ts";
import { count as counted } from "../util/words.ts";

const aColumn = objectWith<ArrayLike<number | string>>("a list, with a value of every row", {
  length: "number",
});

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

/** The name of the part that each row is in. */
export const partsByRow = (
  parts: Partial<RowParts> | Readonly<Record<string, Uint32Array>>,
): ReadonlyMap<number, string> =>
  new Map(
    Object.entries(parts).flatMap(([part, rows]: [string, Uint32Array | undefined]) =>
      Array.from(rows ?? [], (row): [number, string] => [row, part]),
    ),
  );

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
