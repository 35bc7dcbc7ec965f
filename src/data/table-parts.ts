/*
 * Which rows of a table train, validate and test.
 */
import { inputError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { dateFormatsOf, readDate } from "./date-format.ts";
import { findColumn } from "./fit-table.ts";
import { cut } from "./quote.ts";
import { asNumbers } from "./remarks/texts.ts";
import { groupSplit, randomSplit, stratifiedSplit, tailSplit, timeSplit, type RowParts } from "./split.ts";
import type { SupervisedTask } from "./supervised-data.ts";
import { textOf } from "./column-values.ts";
import type { TableDataOptions } from "./table-options.ts";
import type { Column, Table } from "./table.ts";

/** The parts of a table's rows, as its options have them drawn. @throws {HypertrainError} */
export function partsOf(
  table: Table,
  place: number,
  task: SupervisedTask,
  options: TableDataOptions,
): RowParts {
  const { split, seed = 0, splitBy = "seed", valid = 0.2, test = 0.2, group, timeColumn } = options;
  const sizes = { valid, test };
  if (split) return split(table.rows);
  if (group !== undefined) return groupSplit(groupsOf(table, group), { seed, ...sizes });
  if (timeColumn !== undefined) return timeSplit(timesOf(table, timeColumn), sizes);
  if (splitBy === "tail") return tailSplit(table.rows, sizes);
  if (task === "regression" && options.stratify === true) {
    throw inputError(
      `${optionText("stratify")} must come with classes, but "${cut(options.target)}" of ${table.name} is a regression; leave it out`,
    );
  }
  if (options.stratify !== true) return randomSplit(table.rows, { seed, ...sizes });
  const labels = textOf(table.columns[place] as Column) as readonly string[]; // rows without a target are left out
  return stratifiedSplit(labels, { seed, ...sizes });
}

/** A missing group is a group of its own row. */
const groupsOf = (table: Table, name: string): (string | number)[] =>
  textOf(table.columns[findColumn(table, name)] as Column).map((value, row) => value ?? row);

function timesOf(table: Table, name: string): Float64Array {
  const place = findColumn(table, name, optionText("timeColumn"));
  const column = table.columns[place] as Column;
  const texts = textOf(column);
  const gap = texts.indexOf(null);
  if (gap >= 0) {
    throw inputError(
      `the time column "${cut(name)}" of ${table.name} must have a value in every row, but line ${table.lineOf(gap, place)} has none; fill it in or remove the row`,
    );
  }
  if (column.kind === "numbers") return column.values;
  const [first = "", ...others] = texts as readonly string[]; // none is missing
  const [format, other] = dateFormatsOf([first, ...others]);
  if (format && !other)
    return Float64Array.from(texts, (text) => readDate(text as string, format)?.moment as number);
  const odd = Math.max(
    0,
    texts.findIndex((text) => !column.codes && dateFormatsOf([first, text as string]).length === 0),
  );
  throw inputError(
    `the time column "${cut(name)}" of ${table.name} must hold numbers or dates of one format, but line ${table.lineOf(odd, place)} has "${cut(texts[odd] as string)}"${other ? `, which may be ${format} or ${other}` : ""}; ${column.codes ? asNumbers(name) : "write dates as year-month-day"}`,
  );
}

/** Whether a class may be missing from a random part. */
export function hasSmallClass(table: Table, place: number): boolean {
  const counts = new Map<string | null, number>();
  for (const label of textOf(table.columns[place] as Column)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts.values()].some((rows) => rows < FEW_ROWS);
}

/** A class with fewer rows than this may be missing from a part that is drawn regardless of classes. */
const FEW_ROWS = 100;
