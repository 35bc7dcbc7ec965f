/*
 * What a table's target must be, and which task it makes.
 */
import { inputError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { inWords } from "../util/words.ts";
import { untrainedRow } from "./class-sizes.ts";
import { isPlain } from "./notation.ts";
import { cut } from "./quote.ts";
import { asNumbers } from "./remarks/texts.ts";
import type { RowParts } from "./split.ts";
import type { SupervisedTask } from "./supervised-data.ts";
import { textOf } from "./column-values.ts";
import type { Column, Table } from "./table.ts";
import type { TableDataOptions } from "./table-options.ts";
import { takeTableRows } from "./table-rows.ts";

/** The rows that have a target. */
export function withTarget(table: Table, place: number): Table {
  const known = textOf(table.columns[place] as Column);
  const rows = Uint32Array.from(known.flatMap((value, row) => (value === null ? [] : [row])));
  if (rows.length === table.rows) return table;
  if (rows.length > 0) return takeTableRows(table, rows);
  throw inputError(
    `the target column "${cut(table.columns[place]?.name as string)}" of ${table.name} must have values, but all are missing; name another target`,
  );
}

/** The task that a target is for: that of the options, else the one that its values make. @throws {HypertrainError} for a target that does not fit it */
export function taskOf(
  table: Table,
  place: number,
  options: Pick<TableDataOptions, "task" | "targetTransform">,
): SupervisedTask {
  const column = table.columns[place] as Column;
  const task = options.task ?? guessTask(column);
  requireTarget(table, place, task);
  if (task === "classification" && options.targetTransform === "log") {
    throw inputError(
      `${optionText("targetTransform", "log")} must go with a target of numbers, but the target column "${cut(column.name)}" holds classes; leave it out`,
    );
  }
  return task;
}

/** Few whole numbers are classes, and all text is. */
function guessTask(column: Column): SupervisedTask {
  if (column.kind === "words") return "classification";
  if (column.notation?.clock || !column.values.every(Number.isInteger)) return "regression";
  const { size } = new Set(column.values);
  return size <= FEW_CLASSES && size < column.values.length ? "classification" : "regression";
}

/** So few different whole numbers are classes. */
const FEW_CLASSES = 20;

/** Demands a target of two classes or two numbers at least. @throws {HypertrainError} */
function requireTarget(table: Table, place: number, task: SupervisedTask): void {
  const column = table.columns[place] as Column;
  const { name, kind, values } = column;
  const [first] = values;
  if (task === "regression" && kind === "words") {
    const { codes = false } = column;
    const odd = (value: unknown) => (codes ? hasLeadingZero : isNoNumber)(value as string); // rows without a target are left out
    const row = Math.max(0, values.findIndex(odd)); // 0 where all have too many digits for numbers
    throw inputError(
      `the target column "${cut(name)}" of ${table.name} must hold numbers for a regression, but line ${table.lineOf(row, place)} has "${cut(values[row] as string)}"${codes ? `, a code; ${asNumbers(name)}` : "; correct it"} or take ${optionText("task", "classification")}`,
    );
  }
  if (!values.some((value: string | number | null) => value !== first)) {
    const wanted = task === "classification" ? "at least two classes" : "different numbers";
    throw inputError(
      `the target column "${cut(name)}" of ${table.name} must hold ${wanted}, but every row has "${cut(String(first))}"; name another target or add rows`,
    );
  }
  const classes = task === "classification" ? new Set<unknown>(values).size : 0;
  if (classes > MOST_CLASSES) {
    throw inputError(
      `the target column "${cut(name)}" of ${table.name} must hold at most ${MOST_CLASSES} classes, but holds ${classes}; name another target, or take ${optionText("task", "regression")} if it is a quantity`,
    );
  }
}

/** A target of more texts is taken for a column of names. */
const MOST_CLASSES = 1000;

const hasLeadingZero = (text: string): boolean => text.startsWith("0") && text.length > 1;

const isNoNumber = (text: string): boolean => !isPlain(text);

/**
 * Every class of the validation and test part must occur in the training part.
 *
 * @throws {HypertrainError} naming the class and a line where it occurs.
 */
export function requireClassesInTraining(
  table: Table,
  place: number,
  parts: RowParts,
  { split }: Pick<TableDataOptions, "split">,
): void {
  const column = table.columns[place] as Column;
  const labels = textOf(column);
  const of = (rows: Uint32Array = new Uint32Array()) => Array.from(rows, (row) => labels[row]);
  const train = of(parts.train);
  const untrained = untrainedRow({ train, validation: of(parts.valid), test: of(parts.test) });
  if (untrained) {
    const { part, at } = untrained;
    const row = (part === "test" ? parts.test : parts.valid)?.[at] as number;
    const mends = [
      ...["add rows of that class", "remove them"],
      ...(split ? [] : [`let more rows train (${optionText("valid")}, ${optionText("test")})`]),
      ...(column.kind === "numbers"
        ? [`take ${optionText("task", "regression")} if the target is a quantity`]
        : []),
    ];
    throw inputError(
      `every class of the target column "${cut(column.name)}" of ${table.name} must occur in the training part, but "${cut(labels[row] as string)}" (line ${table.lineOf(row, place)}) occurs in the ${part} part only; ${inWords(mends, "or")}`,
    );
  }
  const trained = new Set(train);
  if (trained.size > 1) return;
  throw inputError(
    `the training part of ${table.name} must hold at least two classes of "${cut(column.name)}", but holds "${cut(String([...trained][0]))}" alone; add rows or split otherwise`,
  );
}

/**
 * The rows that train must not all have the same number to predict.
 *
 * @throws {HypertrainError} where they have.
 */
export function requireNumbersInTraining(table: Table, place: number, { columns, rows }: Table): void {
  const { name, values } = columns[place] as Column;
  const [first] = values;
  if (values.some((value: string | number | null) => value !== first)) return;
  const found = rows === 1 ? "only one row trains" : `every row that trains has "${cut(String(first))}"`;
  throw inputError(
    `the target column "${cut(name)}" of ${table.name} must hold different numbers in the training part, but ${found}; add rows or split otherwise`,
  );
}
