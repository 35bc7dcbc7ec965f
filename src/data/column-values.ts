import { inputError } from "../util/error.ts";
import { numberIn, rewrite, unitSaid, wantedNumbers } from "./settled-notation.ts";
import { plainNotation, type NumberNotation } from "./notation.ts";
import { cut, quoted } from "./quote.ts";
import type { Column, Table } from "./table.ts";

/** What float32 cannot hold, as it is or standardised, would make every answer that it goes into no number. */
export function demandFinite(table: Table, place: number, standardised: (row: number) => number): void {
  for (let row = 0; row < table.rows; row++) {
    if (Number.isFinite(standardised(row))) continue;
    const { name, values } = table.columns[place] as Column;
    throw inputError(
      `numbers of column "${cut(name)}" of ${table.name} must be such as the model can hold, at most some 1e38 standard deviations of the training part, but line ${table.lineOf(row, place)} has ${cut(String(values[row]))}; correct it or leave it empty`,
    );
  }
}

/** How many values of a column are missing. */
export function missingIn({ kind, values }: Column): number {
  let missing = 0;
  for (let row = 0; row < values.length; row++)
    if (kind === "words" ? values[row] === null : Number.isNaN(values[row])) missing += 1;
  return missing;
}

/** A column's values as text; numbers as JavaScript writes them. */
export const textOf = (column: Column): readonly (string | null)[] =>
  column.kind === "words"
    ? column.values
    : Array.from(column.values, (value) => (Number.isNaN(value) ? null : String(value)));

/**
 * A column's values as numbers, NaN where missing.
 *
 * @throws {HypertrainError} for text that is no number in the notation.
 */
export function numbersOf(table: Table, place: number, notation: NumberNotation): Float64Array {
  const column = table.columns[place] as Column;
  if (column.kind === "numbers") return column.values;
  return Float64Array.from(column.values, (value, row) => {
    const read = value === null ? NaN : numberIn(value, notation);
    if (value === null || !Number.isNaN(read)) return read;
    throw inputError(
      `column "${cut(column.name)}" of ${table.name} must hold ${wantedNumbers(notation)}, but line ${table.lineOf(row, place)} has ${quoted(value)}${unitSaid(value, notation)}; ${rewrite(value)}`,
    );
  });
}

/** Numbers in a decimal point's notation, for columns that did not come from text. */
export const notationOf = (column: Column): NumberNotation =>
  column.kind === "numbers" ? (column.notation ?? plainNotation) : plainNotation;
