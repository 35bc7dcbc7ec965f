import type { HostArray } from "../util/host-array.ts";
import { inputError } from "../util/error.ts";
import { objectWith, type ValueRule } from "../util/rule.ts";

/**
 * Examples in memory: named arrays that share their first axis, one row per example.
 *
 * A supervised set has the fields `x` ([rows, ...]) and `y` ([rows] int32 classes, or [rows, outputs] targets); a problem of a
 * user's own may name others. A bilevel problem without data has one row and no fields.
 */
export interface Dataset {
  readonly rows: number;
  readonly fields: Readonly<Record<string, HostArray>>;
  /**
   * The order of minibatches: `streams` where rows follow each other, as windows of a text do; default permutations of the rows.
   */
  readonly order?: "streams";
  /** The share of the last row that only pads it, whose losses are 0; default 0. */
  readonly padding?: number;
  /** Further fields, stored in a byte an element. */
  readonly coded?: Readonly<Record<string, CodedField>>;
}

/** What a mean over the rows divides by: their number, less what only pads. */
export const rowsThatCount = ({ rows, padding = 0 }: Dataset): number => rows - padding;

/** A field of at most 256 different numbers, such as the pixels of an image: a quarter of the memory of float32. */
export interface CodedField {
  readonly codes: Uint8Array;
  /** What each code stands for: [256]. */
  readonly values: Float32Array;
  /** [rows, ...] */
  readonly shape: readonly number[];
}

/** The three parts that a run needs; the test part is optional and never influences training. */
export interface Splits {
  readonly train: Dataset;
  readonly valid: Dataset;
  readonly test?: Dataset;
}

/** Demands that each part has rows, and its fields as many. @throws {HypertrainError} that names the first that has not. */
export function demandRows({ train, valid, test }: Splits): void {
  for (const [part, dataset] of Object.entries({ train, valid, ...(test && { test }) })) {
    const { rows } = dataset;
    if (!(Number.isInteger(rows) && rows >= 1)) {
      throw inputError(
        `data.${part} must have at least one row, but its \`rows\` is ${rows}; give it some${part === "test" ? ", or leave it out" : ""}`,
      );
    }
    demandFields(part, dataset);
  }
}

/** Demands as many rows of each field as there are: what is beyond a field's end has no numbers. What is no array is told where it is traced. */
function demandFields(part: string, { rows, fields, coded }: Dataset): void {
  for (const [name, field] of Object.entries({ ...fields, ...coded })) {
    const { shape = [rows] } = Object(field) as Partial<HostArray>;
    if (shape[0] === rows) continue;
    throw inputError(
      `the fields of data.${part} must have ${rows} rows, as its \`rows\` says, but "${name}" has ${shape[0] ?? "none"}; correct one of them`,
    );
  }
}

/** What a dataset must be. */
export const aDataset = objectWith<Dataset>("a dataset, { rows, fields }", {
  rows: "number",
  fields: "object",
});

/** What the parts of data must be. */
export const someSplits = objectWith<Splits>("splits, { train, valid, test }, such as data.splits", {
  train: "object",
  valid: "object",
});

/** What numbers of rows must be. */
export const someRows: ValueRule<Uint32Array> = {
  must: "numbers of rows, a Uint32Array",
  holds: (value) => value instanceof Uint32Array,
};
