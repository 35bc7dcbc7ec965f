import type { WireColumn, ColumnData, WireTable } from "../src/api/columns.ts";
import type { StudyNote } from "../src/cli/dashboard/study-columns.ts";
import { hyperLabels } from "../src/cli/study/hyper-labels.ts";
import { formatDigits } from "../src/report/format.ts";
import { formatNumber } from "../src/util/format-number.ts";

/** A study's trials by columns; row i is trial i. */
export interface StudyData extends StudyNote {
  readonly rows: number;
  readonly columns: readonly WireColumn[];
}

/** Puts rows that changed into a study's columns; those before stay as they are, if it is the same count. */
export function merged(
  earlier: StudyData | undefined,
  { note, rows, columns }: WireTable<StudyNote>,
): StudyData {
  const before = earlier?.count === note.count ? earlier : undefined;
  if (rows === 0 && before) return { ...before, ...note };
  const numbers = columns.find(({ name }) => name === "trial")?.values ?? new Uint32Array();
  const last = rows > 0 ? Number(numbers[rows - 1]) + 1 : 0;
  const size = Math.max(before?.rows ?? 0, last);
  return {
    ...note,
    rows: size,
    columns: columns.map((column, i) => {
      const Type = column.values.constructor as new (size: number) => ColumnData; // one of four
      const values = new Type(size);
      const old = before?.columns[i]?.values;
      if (old) values.set(old);
      for (let row = 0; row < rows; row++) values[numbers[row] as number] = column.values[row] as number;
      return { ...column, values };
    }),
  };
}

/**
 * A study with columns of measures behind its own; trials that came since have none. A hyperparameter that is called as one of them is
 * `hyper:NAME` from then on, as everywhere.
 */
export function withMeasures(data: StudyData, measures: WireTable<null> | undefined): StudyData {
  if (!measures || measures.columns.length === 0) return data;
  const added = measures.columns.map((column): WireColumn => {
    const values = new Float64Array(data.rows).fill(NaN);
    values.set(column.values.subarray(0, data.rows));
    return { ...column, values };
  });
  const labels = labelsOf(data, measures);
  const own = data.columns.map((column) =>
    column.hyper ? { ...column, name: labels.get(column.name) ?? column.name } : column,
  );
  return { ...data, columns: [...own, ...added] };
}

/** What the hyperparameters of a study are called beside its measures, by what its table calls them. */
export const labelsOf = (
  { columns }: StudyData,
  measures: WireTable<null> | undefined,
): ReadonlyMap<string, string> =>
  hyperLabels(
    columns.filter(({ hyper }) => hyper).map(({ name }) => name),
    measures?.columns.map(({ name }) => name),
  );

/** A column of a study by name. */
export const columnOf = ({ columns }: StudyData, name: string): WireColumn | undefined =>
  columns.find((column) => column.name === name);

/** How many trials failed before they had a loss. */
export function lostOf(data: StudyData): number {
  const [losses, states] = [columnOf(data, "loss")?.values ?? [], columnOf(data, "state")];
  const failed = states?.options?.indexOf("failed");
  let lost = 0;
  for (let row = 0; row < data.rows; row++)
    if (states?.values[row] === failed && Number.isNaN(losses[row])) lost++;
  return lost;
}

/** A cell as people read it. */
export function cellText({ values, options, name }: WireColumn, row: number): string {
  const value = values[row] as number;
  if (options) return options[value] ?? "";
  if (Number.isNaN(value)) return "";
  return name === "trial" || name === "attempt" ? String(value) : shortNumber(value);
}

/** A number with four digits, from 1,000 on whole; whole ones as they are. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (value === 0 || (Number.isInteger(value) && size < 1e15)) return String(value);
  return size >= 1000 && size < 1e9 ? formatDigits(value) : formatNumber(value).replace("e+", "e");
}
