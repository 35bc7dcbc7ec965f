import { briefText } from "../util/brief-text.ts";
import { HostArray } from "../util/host-array.ts";
import { inputError } from "../util/error.ts";
import { ownOptions } from "../util/given.ts";
import { anything, needed, objectWith, oneOf, share, type ValueRule } from "../util/rule.ts";

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

/** The three parts that a run needs, whose fields of the same name are alike but for their rows; the test part is optional and never influences training. */
export interface Splits {
  readonly train: Dataset;
  readonly valid: Dataset;
  readonly test?: Dataset;
}

/**
 * Demands that each part has rows, and fields of as many, which are alike in all parts that have them: a function of a batch would broadcast one of
 * another shape. A part may lack fields that no function reads there.
 *
 * @throws {HypertrainError} that names the first part and field that are not so.
 */
export function demandSplits(splits: Splits): void {
  const { train, valid, test } = splits;
  ownOptions("data", splits, { train: needed(anything), valid: needed(anything), test: anything });
  for (const [part, dataset] of Object.entries({ train, valid, ...(test && { test }) })) {
    demandRows(part, dataset);
    for (const [name, field] of fieldsOf(dataset)) {
      demandField(`"${name}" of data.${part}`, field, name in dataset.fields);
      demandLength(part, dataset.rows, name, field);
      const first = fieldsOf(train).find(([known]) => known === name)?.[1];
      if (first) demandAlike(name, { "data.train": first, [`data.${part}`]: field });
    }
  }
}

type AnyField = HostArray | CodedField;

const fieldsOf = ({ fields, coded }: Dataset): [name: string, field: AnyField][] =>
  Object.entries({ ...fields, ...coded });

function demandRows(part: string, dataset: Dataset): void {
  if (!aDataset.holds(dataset)) {
    throw inputError(`data.${part} must be ${aDataset.must}, but got ${briefText(dataset)}; correct it`);
  }
  const { rows } = dataset;
  ownOptions(`data.${part}`, dataset, {
    ...{ rows: needed(anything), fields: needed(anything), coded: anything }, // which are looked at below
    ...{ order: oneOf("streams"), padding: share },
  });
  if (!Number.isInteger(rows)) {
    throw inputError(
      `the \`rows\` of data.${part} must be a whole number, but is ${rows}; give the number of its examples`,
    );
  }
  if (rows >= 1) return;
  throw inputError(
    `data.${part} must have at least one row, but its \`rows\` is ${rows}; give it some${part === "test" ? ", or leave it out" : ""}`,
  );
}

function demandField(called: string, field: unknown, plain: boolean): void {
  const { must, holds } = plain ? aHostArray : aCodedField;
  if (!holds(field))
    throw inputError(`the field ${called} must be ${must}, but is ${briefText(field)}; make it one`);
}

/** Demands as many rows of a field as there are: what is beyond its end has no numbers. */
function demandLength(part: string, rows: number, name: string, { shape }: AnyField): void {
  if (shape[0] === rows) return;
  throw inputError(
    `the fields of data.${part} must have ${rows} rows, as its \`rows\` says, but "${name}" has ${shape[0] ?? "none"}; correct one of them`,
  );
}

/** Demands of a field that its rows have one shape and its numbers one kind in two parts. */
function demandAlike(name: string, parts: Readonly<Record<string, AnyField>>): void {
  const demandSame = (what: string, textOf: (field: AnyField) => string, mend: string): void => {
    const found = Object.entries(parts).map(([part, field]) => ({ part, text: textOf(field) }));
    if (found.every(({ text }) => text === found[0]?.text)) return;
    const each = found.map(({ part, text }) => `${text} in ${part}`).join(" and ");
    throw inputError(
      `the field "${name}" must have ${what} in every part of the data, but has ${each}; ${mend}`,
    );
  };
  const rowShape = ({ shape }: AnyField) => `rows of the shape [${shape.slice(1).join(", ")}]`;
  demandSame("rows of the same shape", rowShape, "give them the same shape");
  demandSame("numbers of the same kind", numbersOf, "convert those of one");
}

/** The kind of a field's numbers as programs get them. */
const numbersOf = (field: AnyField): string =>
  field instanceof HostArray && (field.data instanceof Int32Array || field.data instanceof Uint32Array)
    ? field.data.constructor.name.replace("Array", " numbers")
    : "floating-point numbers";

const aHostArray: ValueRule<HostArray> = {
  must: "a HostArray, such as new HostArray(numbers, [rows, 1])",
  holds: (value) => value instanceof HostArray,
};

const aCodedField = objectWith<CodedField>("a coded field, { codes, values, shape }", {
  codes: "object",
  values: "object",
  shape: "object",
});

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
