import type { TracePoint } from "../src/api/trace.ts";
import type { StudyData } from "./study-data.ts";

/** Rows of cells as CSV: cells with commas, quotes or breaks in quotes, numbers that are none empty. */
export const csvOf = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.map(cellOf).join(",")}\n`).join("");

/** Some rows of a study's table. */
export const studyRows = ({ columns }: StudyData, rows: Uint32Array): (string | number)[][] => [
  columns.map(({ name }) => name),
  ...Array.from(rows, (row) =>
    columns.map(({ values, options }) => {
      const value = values[row] as number;
      return options ? (options[value] ?? "") : value;
    }),
  ),
];

/** A run's losses and hyperparameters by epoch, lists of them by their means. */
export function traceRows(trace: readonly TracePoint[]): (string | number)[][] {
  const names = Object.keys(trace.at(-1)?.hyperparameters ?? {});
  const losses = ["epoch", "step", "seconds", "train loss", "valid loss", "test loss"];
  return [
    [...losses, ...names],
    ...trace.map(({ epoch, step, seconds, train, valid, test, hyperparameters }) => [
      ...[epoch, step, seconds, train?.loss ?? NaN, valid.loss, test?.loss ?? NaN],
      ...names.map((name) => {
        const value = hyperparameters[name]?.value ?? "";
        return typeof value === "number" ? value : String(value);
      }),
    ]),
  ];
}

function cellOf(cell: string | number): string {
  if (typeof cell === "number") return Number.isNaN(cell) ? "" : String(cell);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
