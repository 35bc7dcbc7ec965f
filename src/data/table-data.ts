import { parseCsv, type CsvOptions } from "./csv.ts";
import { requireClassesInTraining, toExamples, type Examples, type TargetOptions } from "./examples.ts";
import { randomSplit, splitDataset, type RowParts } from "./split.ts";
import { countDistant, standardizeColumns, standardizeTargets } from "./standardize.ts";
import type { SupervisedData } from "./supervised-data.ts";
import type { Table } from "./table.ts";

/** How a table becomes data for a supervised problem. */
export interface TableDataOptions extends TargetOptions {
  /** Which rows train; default {@link randomSplit} with the seed 0. */
  readonly split?: ((rows: number) => RowParts) | undefined;
}

/**
 * Examples from comma-separated text: parsed, one-hot encoded, split, and standardised by the training part.
 *
 * ```ts
 * csvData(bytes, { name: "people.csv", target: "income", split: (rows) => randomSplit(rows, { seed: 1 }) });
 * ```
 *
 * @throws {HypertrainError} with file, line and column for every way in which the text can be wrong.
 */
export const csvData = (
  content: string | Uint8Array,
  options: CsvOptions & TableDataOptions,
): SupervisedData => tableData(parseCsv(content, options), options);

/**
 * Examples from a table; a number in the validation or test part that is far from the training part gives a warning.
 *
 * @throws {HypertrainError} if the target does not fit, or a class is missing from the training part.
 */
export function tableData(
  table: Table,
  { split = (rows) => randomSplit(rows), ...options }: TableDataOptions,
): SupervisedData {
  const examples = toExamples(table, options);
  const { task, classes, features, dataset } = examples;
  const parts = split(dataset.rows);
  requireClassesInTraining(examples, parts);
  const raw = splitDataset(dataset, parts);
  const standardized = standardizeColumns(raw);
  return {
    name: table.name,
    task,
    inputShape: [features.length],
    columns: features.map(({ name }) => name),
    warnings: [...examples.warnings, ...distantWarnings(examples, countDistant(raw))],
    ...(classes
      ? { splits: standardized, outputs: classes.length, classes }
      : { ...standardizeTargets(standardized), outputs: 1 }),
  };
}

/** A word that the training part lacks is no surprise worth a warning, hence number columns only. */
const distantWarnings = ({ table, features }: Examples, counts: readonly number[]): string[] =>
  features.flatMap(({ kind, name }, j) => {
    const count = counts[j] as number;
    if (kind === "indicator" || count === 0) return [];
    const values = count === 1 ? "1 value lies" : `${count} values lie`;
    return [
      `column "${name}" of ${table.name}: ${values} beyond 10 standard deviations of the training part, in the validation or test part`,
    ];
  });
