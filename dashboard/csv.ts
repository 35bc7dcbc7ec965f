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

/** A run's losses, metrics and hyperparameters by epoch, lists of them by their means, beside the losses with the hyperparameters held. */
export function traceRows(
  trace: readonly TracePoint[],
  baseline: readonly Pick<TracePoint, "epoch" | "valid">[],
): (string | number)[][] {
  const names = Object.keys(trace.at(-1)?.hyperparameters ?? {});
  const metric = trace[0]?.valid.metric?.name;
  const held = new Map(baseline.map(({ epoch, valid }) => [epoch, valid.loss]));
  const columns: readonly (readonly [name: string, of: (point: TracePoint) => number | string])[] = [
    ["epoch", ({ epoch }) => epoch],
    ["step", ({ step }) => step],
    ["seconds", ({ seconds }) => seconds],
    ...(trace.some(({ trial }) => trial)
      ? [["training", ({ trial }: TracePoint) => trial?.number ?? NaN] as const]
      : []),
    ["train loss", ({ train }) => train?.loss ?? NaN],
    ["valid loss", ({ valid }) => valid.loss],
    ["test loss", ({ test }) => test?.loss ?? NaN],
    ...(metric === undefined
      ? []
      : [
          [`valid ${metric}`, ({ valid }: TracePoint) => valid.metric?.value ?? NaN] as const,
          [`test ${metric}`, ({ test }: TracePoint) => test?.metric?.value ?? NaN] as const,
        ]),
    ...(baseline.length > 0
      ? [["valid loss held at the start", ({ epoch }: TracePoint) => held.get(epoch) ?? NaN] as const]
      : []),
    ...names.map((name) => {
      const of = ({ hyperparameters }: TracePoint) => hyperparameters[name]?.value ?? "";
      return [name, (point: TracePoint) => plain(of(point))] as const;
    }),
  ];
  return [columns.map(([name]) => name), ...trace.map((point) => columns.map(([, of]) => of(point)))];
}

const plain = (value: unknown): number | string => (typeof value === "number" ? value : String(value));

function cellOf(cell: string | number): string {
  if (typeof cell === "number") return Number.isNaN(cell) ? "" : String(cell);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
