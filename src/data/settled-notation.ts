/*
 * Cells of a column whose notation is settled: that of the training data, or one that is asked for.
 */
import {
  describeNotation,
  plainNotation,
  readNumber,
  seemingNotation,
  unitOf,
  UNKNOWN_NOTATION,
  type NumberNotation,
} from "./notation.ts";
import { cut } from "./quote.ts";
import { saysTotal } from "./totals.ts";

/** The number of a cell in a notation, or else as programs write it; NaN where it is none, and where `50` may be 50 % or 5000 %. */
export function numberIn(cell: string, notation: NumberNotation): number {
  const read = readNumber(cell, notation);
  const plain = notation.decimal === "." && !notation.percent;
  return Number.isNaN(read) && plain ? readNumber(cell, plainNotation) : read;
}

/** What new rows must hold, for messages: `numbers with a decimal comma, as the training data had`. */
export const wantedNumbers = (notation: NumberNotation): string =>
  `${notation.clock ? "" : "numbers with "}${describeNotation(notation)}, as the training data had`;

/** What unit a number has in the place of that of the training data, for messages; empty where that is not what is wrong. */
export function unitSaid(value: string, { unit: wanted, percent, clock }: NumberNotation): string {
  if (clock) return "";
  const unit = unitOf(value);
  if (percent) return unit === "" && !value.trim().endsWith("%") ? ", which has no percent sign" : "";
  if (unit === undefined || unit === (wanted ?? "")) return "";
  return unit === "" ? `, which has no unit` : `, whose unit is ${cut(unit)}`;
}

/** What to do with a value that is not what new rows must hold. */
export function rewrite(value: string): string {
  const look = seemingNotation(value);
  return look && look !== UNKNOWN_NOTATION
    ? `it seems to be ${look}; write it as the training data had it`
    : saysTotal(value)
      ? "remove the row if it holds totals"
      : "correct it";
}
