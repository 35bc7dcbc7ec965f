import { inputError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { csvRules, demandNoPath, textOrBytes, type CsvOptions } from "./csv-options.ts";
import { parseCsv } from "./csv.ts";
import type { DataReport } from "../api/data-report.ts";
import { reportOf } from "./data-report.ts";
import { findColumn, fitTable, fitRules } from "./fit-table.ts";
import { imageSides, whiteOf, withOneScale } from "./pixel-columns.ts";
import { cut } from "./quote.ts";
import { joinedParts } from "./split.ts";
import { splitDataset } from "./dataset-parts.ts";
import type { SupervisedData } from "./supervised-data.ts";
import { textOf } from "./column-values.ts";
import { encodeInputs } from "./encode-inputs.ts";
import { encodeTarget } from "./encode-target.ts";
import { featuresOf, type FeatureEncoding } from "./table-encoding.ts";
import { tableDataRules, type TableDataOptions } from "./table-options.ts";
import { aTable, type Column, type Table } from "./table.ts";
import { demandGiven, optionsFor, ownOptions } from "../util/given.ts";
import { requireClassesInTraining, requireNumbersInTraining, taskOf, withTarget } from "./target-column.ts";
import { hasSmallClass, partsOf } from "./table-parts.ts";
import { takeTableRows } from "./table-rows.ts";
import { count } from "../util/words.ts";

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

/** The data of a table, and what people should know of it. */
function examine(
  whole: Table,
  options: TableDataOptions,
): { readonly data: SupervisedData; readonly report: DataReport } {
  const { group, timeColumn } = options;
  const place = placeOfTarget(whole, options);
  const table = withTarget(whole, place);
  const task = taskOf(table, place, options);
  const stratify =
    task === "classification" ? (options.stratify ?? hasSmallClass(table, place)) : options.stratify;
  const drawn = partsOf(table, place, task, { ...options, stratify });
  const parts = options.joined ? joinedParts(drawn) : drawn;
  const splitColumns = [group, timeColumn].filter((name) => name !== undefined);
  const train = takeTableRows(table, parts.train);
  if (task === "classification") requireClassesInTraining(table, place, parts, options);
  else requireNumbersInTraining(table, place, train);
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
      stratified: options.stratify === true,
    }),
  };
}

/** Demands columns as the options name them. @returns the place of the target */
function placeOfTarget(table: Table, options: TableDataOptions): number {
  const { ignore = [], keep = [], group, timeColumn, missing } = options;
  const place = findColumn(table, options.target);
  for (const name of ignore) findColumn(table, name, optionText("ignore"));
  for (const name of keep) findColumn(table, name, optionText("keep"));
  if (group !== undefined) findColumn(table, group, optionText("group"));
  if (timeColumn !== undefined) findColumn(table, timeColumn, optionText("timeColumn"));
  const column = table.columns[place] as Column;
  demandForInputs(column, options);
  if (missing === "error") requireAllValues(table);
  if (column.kind === "words" && column.doubt !== undefined && !keep.includes(column.name)) {
    throw inputError(
      `${column.doubt}; correct the column, or take its texts as classes with ${optionText("keep", [cut(column.name)])}`,
    );
  }
  return place;
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
