import { inputError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { untrainedRow } from "./class-sizes.ts";
import { csvRules, demandNoPath, textOrBytes, type CsvOptions } from "./csv-options.ts";
import { parseCsv } from "./csv.ts";
import { someRows } from "./dataset.ts";
import type { DataReport } from "../api/data-report.ts";
import { isPlain } from "./notation.ts";
import { reportOf } from "./data-report.ts";
import { dateFormatsOf, readDate } from "./date-format.ts";
import { findColumn, fitTable, fitRules } from "./fit-table.ts";
import { imageSides, whiteOf, withOneScale } from "./pixel-columns.ts";
import { count, cut } from "./quote.ts";
import { asNumbers } from "./remarks/texts.ts";
import {
  groupSplit,
  joinedParts,
  randomSplit,
  splitDataset,
  stratifiedSplit,
  tailSplit,
  timeSplit,
  type RowParts,
} from "./split.ts";
import type { SupervisedData, SupervisedTask } from "./supervised-data.ts";
import { textOf } from "./column-values.ts";
import { encodeInputs } from "./encode-inputs.ts";
import { encodeTarget } from "./encode-target.ts";
import { featuresOf, type FeatureEncoding } from "./table-encoding.ts";
import { tableDataRules, type TableDataOptions } from "./table-options.ts";
import { aTable, type Column, type Table } from "./table.ts";
import { demandGiven, optionsFor, ownOptions } from "../util/given.ts";

/**
 * Examples from separated text: parsed, split, and encoded by the training part.
 *
 * ```ts
 * csvData(bytes, { name: "people.csv", target: "income", seed: 1 });
 * ```
 *
 * @throws {HypertrainError} with file, line and column for every way in which the text can be wrong; for options that it does not have.
 */
export function csvData(
  content: string | Uint8Array,
  options: CsvOptions & TableDataOptions,
): SupervisedData {
  demandGiven("csvData", { content }, { content: textOrBytes });
  demandNoPath("csvData", content);
  ownOptions("csvData", options, { ...csvRules, ...tableDataRules });
  const table = parseCsv(content, optionsFor(options, csvRules));
  demandTyped(table, options);
  return tableData(table, optionsFor(options, tableDataRules));
}

/** Demands that types are of columns that there are. @throws {HypertrainError} */
export function demandTyped(table: Table, { types = {} }: Pick<CsvOptions, "types">): void {
  for (const name of Object.keys(types)) findColumn(table, name, optionText("types"));
}

/**
 * Examples from a table: split first, then encoded by what the training part alone says.
 *
 * @throws {HypertrainError} if the target does not fit, a column cannot be read, a class is missing from the training part, or an option is none of these.
 */
export function tableData(table: Table, options: TableDataOptions): SupervisedData {
  demandGiven("tableData", { table }, { table: aTable });
  const { data, report } = examine(table, ownOptions("tableData", options, tableDataRules));
  return { ...data, report, warnings: report.warnings };
}

/** What leaves columns out, or splits by them, must name others than the target. @throws {HypertrainError} */
function demandForInputs({ name }: Column, { ignore, group, timeColumn }: TableDataOptions): void {
  const named = { ignore, group: [group], timeColumn: [timeColumn] };
  const odd = Object.entries(named).find(([, names]) => names?.includes(name));
  if (!odd) return;
  throw inputError(
    `${optionText(odd[0])} must name another column than the target, but got "${cut(name)}" for both; leave it out`,
  );
}

/** The data of a table, and what people should know of it. */
function examine(
  whole: Table,
  options: TableDataOptions,
): { readonly data: SupervisedData; readonly report: DataReport } {
  const { group, timeColumn } = options;
  const place = findColumn(whole, options.target);
  for (const option of ["ignore", "keep"] as const)
    for (const name of options[option] ?? []) findColumn(whole, name, optionText(option));
  if (group !== undefined) findColumn(whole, group, optionText("group"));
  if (timeColumn !== undefined) findColumn(whole, timeColumn, optionText("timeColumn"));
  demandForInputs(whole.columns[place] as Column, options);
  if (options.missing === "error") requireAllValues(whole);
  const column = whole.columns[place] as Column;
  if (options.keep?.includes(column.name) !== true && column.kind === "words" && column.doubt !== undefined) {
    throw inputError(
      `${column.doubt}; correct the column, or take its texts as classes with ${optionText("keep", [cut(column.name)])}`,
    );
  }

  const table = withTarget(whole, place);
  const task = options.task ?? guessTask(table.columns[place] as Column);
  requireTarget(table, place, task);
  if (task === "classification" && options.targetTransform === "log") {
    throw inputError(
      `${optionText("targetTransform", "log")} must go with a target of numbers, but the target column "${cut(column.name)}" holds classes; leave it out`,
    );
  }
  const stratify =
    task === "classification" ? (options.stratify ?? hasSmallClass(table, place)) : options.stratify;
  const drawn = partsOf(table, place, task, { ...options, stratify });
  const parts = options.joined ? joinedParts(drawn) : drawn;
  const splitColumns = [group, timeColumn].filter((name) => name !== undefined);
  const train = takeTableRows(table, parts.train);
  if (task === "classification") requireClassesInTraining(table, place, parts);
  const fitted = fitTable(train, { ...optionsFor(options, fitRules), task, splitColumns });
  const sides = imageSides(fitted.columns);
  const encoding = sides ? withOneScale(fitted, train) : fitted;
  const white = sides && whiteOf(encoding, train);
  const dataset = {
    rows: table.rows,
    fields: { x: encodeInputs(encoding, table), y: encodeTarget(encoding, table) },
  };
  const splits = splitDataset(dataset, parts);
  const features = featuresOf(encoding);
  const { target } = encoding;
  const { mean, sd } = features[0] as FeatureEncoding; // there is a column at least
  const data: SupervisedData = {
    name: table.name,
    task,
    inputShape: [features.length],
    ...(sides && {
      images: { shape: [1, ...sides], scale: { mean, sd }, ...(white !== undefined && { white }) },
    }),
    columns: features.map(({ name }) => name),
    encoding,
    splits,
    warnings: [],
    ...(target.kind === "classes"
      ? { outputs: target.classes.length, classes: target.classes }
      : { outputs: 1, targetScale: { mean: target.mean, sd: target.sd } }),
  };
  return {
    data,
    report: reportOf({
      ...{ whole, table, drawn, train, encoding, sides, white, splits },
      options: { ...options, stratify },
    }),
  };
}

/** The given rows of a table, in their order. @throws {HypertrainError} for what is no table, and no numbers of rows. */
export function takeTableRows(table: Table, rows: Uint32Array): Table {
  demandGiven("takeTableRows", { table, rows }, { table: aTable, rows: someRows });
  return {
    ...table,
    rows: rows.length,
    columns: table.columns.map((column): Column =>
      column.kind === "numbers"
        ? { ...column, values: taken(column.values, rows) }
        : { ...column, values: Array.from(rows, (row) => column.values[row] as string | null) },
    ),
    lineOf: (row, place) => table.lineOf(rows[row] as number, place),
  };
}

function taken(values: Float64Array, rows: Uint32Array): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i] as number] as number;
  return out;
}

/** The rows that have a target. */
function withTarget(table: Table, place: number): Table {
  const known = textOf(table.columns[place] as Column);
  const rows = Uint32Array.from(known.flatMap((value, row) => (value === null ? [] : [row])));
  if (rows.length === table.rows) return table;
  if (rows.length > 0) return takeTableRows(table, rows);
  throw inputError(
    `the target column "${cut(table.columns[place]?.name as string)}" of ${table.name} must have values, but all are missing; name another target`,
  );
}

function requireAllValues(table: Table): void {
  const gaps = table.columns.flatMap((column, place) => {
    const lines = textOf(column).flatMap((value, row) => (value === null ? [row] : []));
    return lines.length > 0
      ? [`"${cut(column.name)}" ${lines.length} (first in line ${table.lineOf(lines[0] as number, place)})`]
      : [];
  });
  if (gaps.length === 0) return;
  const shown = gaps.slice(0, 10).join(", ");
  const rest = gaps.length > 10 ? ` and ${count(gaps.length - 10, "more column")}` : "";
  throw inputError(
    `every row of ${table.name} must have all values, but ${gaps.length === 1 ? "a column lacks" : "columns lack"} some: ${shown}${rest}; fill them in, remove the rows, or leave ${optionText("missing", "error")} out`,
  );
}

const FEW_CLASSES = 20;

function guessTask(column: Column): SupervisedTask {
  if (column.kind === "words") return "classification";
  if (column.notation?.clock || !column.values.every(Number.isInteger)) return "regression";
  const { size } = new Set(column.values);
  return size <= FEW_CLASSES && size < column.values.length ? "classification" : "regression";
}

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

const MOST_CLASSES = 1000;

const hasLeadingZero = (text: string): boolean => text.startsWith("0") && text.length > 1;

const isNoNumber = (text: string): boolean => !isPlain(text);

/** A class with fewer rows than this may be missing from a part that is drawn regardless of classes. */
const FEW_ROWS = 100;

function partsOf(table: Table, place: number, task: SupervisedTask, options: TableDataOptions): RowParts {
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

/** Whether a class may be missing from a random part. */
function hasSmallClass(table: Table, place: number): boolean {
  const counts = new Map<string | null, number>();
  for (const label of textOf(table.columns[place] as Column)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts.values()].some((rows) => rows < FEW_ROWS);
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

/**
 * Every class of the validation and test part must occur in the training part.
 *
 * @throws {HypertrainError} naming the class and a line where it occurs.
 */
function requireClassesInTraining(table: Table, place: number, parts: RowParts): void {
  const column = table.columns[place] as Column;
  const labels = textOf(column);
  const of = (rows: Uint32Array = new Uint32Array()) => Array.from(rows, (row) => labels[row]);
  const train = of(parts.train);
  const untrained = untrainedRow({ train, validation: of(parts.valid), test: of(parts.test) });
  if (untrained) {
    const { part, at } = untrained;
    const row = (part === "test" ? parts.test : parts.valid)?.[at] as number;
    throw inputError(
      `every class of the target column "${cut(column.name)}" of ${table.name} must occur in the training part, but "${cut(labels[row] as string)}" (line ${table.lineOf(row, place)}) occurs in the ${part} part only; add rows of that class, remove them, or take ${optionText("task", "regression")} if the target is a quantity`,
    );
  }
  const trained = new Set(train);
  if (trained.size > 1) return;
  throw inputError(
    `the training part of ${table.name} must hold at least two classes of "${cut(column.name)}", but holds "${cut(String([...trained][0]))}" alone; add rows or split otherwise`,
  );
}
