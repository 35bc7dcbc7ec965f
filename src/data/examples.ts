import { inputError } from "../util/error.ts";
import { HostArray } from "../util/host-array.ts";
import { nearest } from "../util/nearest.ts";
import type { Dataset } from "./dataset.ts";
import type { RowParts } from "./split.ts";
import type { SupervisedTask } from "./supervised-data.ts";
import type { Column, Table } from "./table.ts";

/** One column of `x`: a number column of the table, or an indicator (0 or 1) of one word of a word column. */
export interface Feature {
  readonly kind: "number" | "indicator";
  readonly name: string;
}

/** A table as numbers, before it is split and standardised. */
export interface Examples {
  readonly table: Table;
  /** Which column of the table is the target, from 0. */
  readonly target: number;
  readonly task: SupervisedTask;
  readonly features: readonly Feature[];
  /** In ascending order; absent for regression. */
  readonly classes?: readonly string[];
  /** Fields `x`, float64 [rows, features]; `y`, int32 [rows] or float64 [rows, 1]. */
  readonly dataset: Dataset;
  readonly warnings: readonly string[];
}

/** What to predict from a table. */
export interface TargetOptions {
  /** The name of the target's column. */
  readonly target: string;
  /** Default: classification for words or at most 20 different whole numbers, fewer than rows; regression otherwise. */
  readonly task?: SupervisedTask | undefined;
}

/**
 * Turns a table into examples: number columns as they are, a word column as one indicator per word ("colour=red").
 *
 * @throws {HypertrainError} if the target is no column, the only column, always the same, or words where numbers are wanted; or
 * if a word column has more than 1000 words.
 */
export function toExamples(table: Table, options: TargetOptions): Examples {
  const target = findTarget(table, options.target);
  const column = table.columns[target] as Column;
  const inputs = table.columns.filter((_, j) => j !== target);
  if (inputs.length === 0) {
    throw inputError(
      `${table.name} must have at least one column beside the target "${column.name}", but has none; add one or name another separator`,
    );
  }
  const task = options.task ?? guessTask(column);
  requireVariation(table, column, task);
  const classes = task === "classification" ? distinct(column) : undefined;
  for (const input of inputs) requireFewWords(table, input);
  const encoded = inputs.map(encode);
  return {
    table,
    target,
    task,
    features: encoded.flatMap(({ features }) => features),
    ...(classes && { classes: classes.map(String) }),
    dataset: {
      rows: table.rows,
      fields: {
        x: interleave(
          encoded.flatMap(({ columns }) => columns),
          table.rows,
        ),
        y: classes ? classNumbers(column, classes) : targetNumbers(table, target),
      },
    },
    warnings: [...table.warnings, ...inputs.flatMap((input) => manyWordsWarning(table, input))],
  };
}

/**
 * Every class of the validation and test part must occur in the training part.
 *
 * @throws {HypertrainError} naming the class and a line where it occurs.
 */
export function requireClassesInTraining(examples: Examples, parts: RowParts): void {
  const { table, target, classes, dataset } = examples;
  if (!classes) return;
  const y = dataset.fields.y?.data as Int32Array; // toExamples made it
  const trained = new Set(Array.from(parts.train, (row) => y[row]));
  for (const [part, rows] of Object.entries({ validation: parts.valid, test: parts.test ?? [] })) {
    const row = rows.find((row) => !trained.has(y[row] as number));
    if (row === undefined) continue;
    const line = table.lineOf(row, target);
    throw inputError(
      `every class of the target column "${table.columns[target]?.name}" of ${table.name} must occur in the training part, but "${classes[y[row] as number]}" (line ${line}) occurs in the ${part} part only; add rows of that class, remove them, or set the task to regression if the target is a quantity`,
    );
  }
}

const FEW_CLASSES = 20;
const MANY_WORDS = 100;
const TOO_MANY_WORDS = 1000;

function findTarget({ name, columns }: Table, target: string): number {
  const names = columns.map((column) => column.name);
  const index = names.indexOf(target);
  if (index >= 0) return index;
  const listed = names.slice(0, 20).map((column) => `"${column}"`);
  const rest = names.length > 20 ? ` and ${names.length - 20} more` : "";
  throw inputError(
    `the target must be a column of ${name}, but got "${target}" and the columns are ${listed.join(", ")}${rest}${nearest(target, names) || "; name one of them"}`,
  );
}

function guessTask(column: Column): SupervisedTask {
  if (column.kind === "words") return "classification";
  if (!column.values.every(Number.isInteger)) return "regression";
  const { size } = new Set(column.values);
  return size <= FEW_CLASSES && size < column.values.length ? "classification" : "regression";
}

function requireVariation(table: Table, column: Column, task: SupervisedTask): void {
  const [first] = column.values;
  if (column.values.some((value: string | number) => value !== first)) return;
  const wanted = task === "classification" ? "at least two classes" : "different numbers";
  throw inputError(
    `the target column "${column.name}" of ${table.name} must hold ${wanted}, but every row has "${first}"; name another target or add rows`,
  );
}

function encode(column: Column): { features: Feature[]; columns: Float64Array[] } {
  const { name } = column;
  if (column.kind === "numbers") return { features: [{ kind: "number", name }], columns: [column.values] };
  const words = distinct(column);
  return {
    features: words.map((word) => ({ kind: "indicator", name: `${name}=${word}` })),
    columns: words.map((word) => Float64Array.from(column.values, (value) => (value === word ? 1 : 0))),
  };
}

function requireFewWords({ name }: Table, column: Column): void {
  if (column.kind === "numbers") return;
  const words = distinct(column).length;
  if (words > TOO_MANY_WORDS) {
    throw inputError(
      `column "${column.name}" of ${name} must hold at most ${TOO_MANY_WORDS} different words, each a feature, but holds ${words}; remove it or group its words`,
    );
  }
}

function manyWordsWarning({ name, rows }: Table, column: Column): string[] {
  if (column.kind === "numbers") return [];
  const words = distinct(column).length;
  return words <= MANY_WORDS
    ? []
    : [
        `column "${column.name}" of ${name} has ${words} different words in ${rows} rows and becomes as many features; remove it if it only tells the rows apart`,
      ];
}

/** The different values in ascending order: numbers by size, words by their code units. */
const distinct = (column: Column): readonly (number | string)[] =>
  column.kind === "numbers"
    ? [...new Set(column.values)].sort((a, b) => a - b)
    : [...new Set(column.values)].sort();

function classNumbers({ values }: Column, classes: readonly (number | string)[]): HostArray {
  const numbers = new Map(classes.map((name, i) => [name, i]));
  const codes = Int32Array.from(values as ArrayLike<unknown>, (v) => numbers.get(v as string) as number);
  return new HostArray(codes, [codes.length]);
}

function targetNumbers(table: Table, target: number): HostArray {
  const { kind, name, values } = table.columns[target] as Column;
  if (kind === "numbers") return new HostArray(values, [values.length, 1]);
  throw inputError(
    `the target column "${name}" of ${table.name} must hold numbers for a regression, but line ${table.lineOf(0, target)} has "${values[0]}"; correct it or set the task to classification`,
  );
}

/** Columns side by side, row-major: [rows, columns]. */
function interleave(columns: readonly Float64Array[], rows: number): HostArray {
  const width = columns.length;
  const out = new Float64Array(rows * width);
  columns.forEach((column, j) => column.forEach((value, i) => (out[i * width + j] = value)));
  return new HostArray(out, [rows, width]);
}
