import type { HyperPoint, Score, TracePoint } from "../api/trace.ts";
import { FULL, formatNumber, isWhole } from "../util/format-number.ts";
import { meanOf } from "../util/statistics.ts";

/** A measure for people: whole numbers below 10⁹ in full, such as weights and units, all others with so many digits. */
export const formatValue = (value: number | null | undefined, digits = 4): string =>
  isPlainWhole(value) ? grouped(value) : formatNumber(value, digits);

/** A number in a column: so many significant digits, also where the last are 0; from 1,000 on whole, its thousands apart, and from 10⁹ on a power of ten. */
export const formatDigits = (value: number, digits = 4): string =>
  isWhole(value) ? grouped(value) : value.toPrecision(digits);

/** A loss, always with as many decimals, so that columns of them line up; from 10⁴ on whole, and from 10⁹ on a power of ten. */
export function formatLoss(loss: number | null | undefined): string {
  if (loss === undefined || loss === null || !Number.isFinite(loss)) return "–";
  const size = Math.abs(loss);
  if ((size < 1e-3 && size !== 0) || size >= FULL) return loss.toExponential(2);
  return grouped(loss, size < 10 ? 4 : size < 1e4 ? 2 : 0);
}

const isPlainWhole = (value: unknown): value is number =>
  Number.isInteger(value) && Math.abs(value as number) < FULL;

/** With thousands apart. */
const grouped = (value: number, decimals = 0): string =>
  value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

/** A number of epochs, to two decimals. */
export const formatEpochs = (epochs: number): string => String(Math.round(epochs * 100) / 100);

/** A metric: shares as percent, all others as they are. */
export function formatMetric(metric: Score["metric"]): string {
  if (!metric || !Number.isFinite(metric.value)) return "–";
  if (shares.has(metric.name)) return `${(100 * metric.value).toFixed(1)} %`;
  return formatNumber(metric.value, 4);
}

const shares = new Set(["accuracy", "balanced accuracy", "F1"]);

/** What a metric is called in running text and headings. */
export const metricTitle = (name: string): string => ({ R2: "R²", F1: "macro F1" })[name] ?? name;

/** A time, in the two units that matter. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A hyperparameter's value: a number or an option as it can be typed, whole numbers in full; of one with many elements, their mean. */
export function formatHyper({ value, elements }: Pick<HyperPoint, "value" | "elements">, digits = 3): string {
  if (elements && typeof value === "number") return `mean ${formatNumber(value, digits)}`;
  if (Number.isSafeInteger(value)) return String(value);
  if (typeof value === "number") return formatNumber(value, digits);
  return typeof value === "object" ? `mean ${formatNumber(meanOf(value), digits)}` : String(value);
}

/** A size in bytes, in the unit that leaves at most four digits. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${formatNumber(bytes / 1000 ** power, 3)} ${units[power]}`;
}

/** How wide a table may be, and what it can do without. */
export interface TableWidth {
  /** Columns of the terminal; default no limit. */
  readonly width?: number | undefined;
  /** The columns that may be left out where the table is wider, by number, the first to go first. */
  readonly spare?: readonly number[];
}

/** Rows of cells as aligned text; all columns but the first are right-aligned. */
export function formatTable(
  rows: readonly (readonly string[])[],
  { width = Infinity, spare: [first, ...spare] = [] }: TableWidth = {},
): string {
  const table = aligned(rows);
  if (first === undefined || table.split("\n").every((line) => line.length <= width)) return table;
  const fewer = rows.map((row) => row.filter((_, i) => i !== first));
  return formatTable(fewer, { width, spare: spare.map((i) => (i > first ? i - 1 : i)) });
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, i) => Math.max(widest[i] ?? 0, cell.length)),
    [],
  );
  return rows
    .map((row) => {
      const cells = row.map((cell, i) =>
        i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number),
      );
      return `  ${cells.join("   ")}`.trimEnd();
    })
    .join("\n");
}

/**
 * An epoch for people; of a search that of its training, since epochs of all trainings in a row are nobody's: `3 of training 5`. The number
 * of a training is the same wherever it is told, and counts from 0, as in the files and the studies.
 */
export function epochText({ epoch, trial }: Pick<TracePoint, "epoch" | "trial">): string {
  const told = formatEpochs(trial?.epoch ?? epoch);
  return trial ? `${told} of training ${trial.number}` : told;
}
