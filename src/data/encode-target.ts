import { inputError } from "../util/error.ts";
import { demandGiven } from "../util/given.ts";
import { HostArray } from "../util/host-array.ts";
import { optionText } from "../util/option-text.ts";
import { objectWith } from "../util/rule.ts";
import { numberIn } from "./settled-notation.ts";
import { demandFinite, numbersOf, textOf } from "./column-values.ts";
import { cut, listed, quoted } from "./quote.ts";
import { keyOf } from "./spelling.ts";
import type { ClassesEncoding, QuantityEncoding, TableEncoding } from "./table-encoding.ts";
import { aTable, type Column, type Table } from "./table.ts";

/** What an encoding must be, as far as its target goes. */
const encodedTarget = objectWith<Pick<TableEncoding, "target">>("an encoding, which fitTable() makes", {
  target: "object",
});

/**
 * The targets of the rows of a table: int32 [rows] classes, or float32 [rows, 1] standardised numbers.
 *
 * @throws {HypertrainError} if the table lacks the column or a value of it, or a class is not known.
 */
export function encodeTarget(encoding: Pick<TableEncoding, "target">, table: Table): HostArray {
  demandGiven("encodeTarget", { encoding, table }, { encoding: encodedTarget, table: aTable });
  const { target } = encoding;
  const place = table.columns.findIndex(({ name }) => name === target.name);
  if (place < 0) {
    throw inputError(`${table.name} must have the target column "${cut(target.name)}", but lacks it; add it`);
  }
  if (target.kind === "classes") return new HostArray(classNumbers(target, table, place), [table.rows]);
  const { mean, sd } = target;
  const values = Float32Array.from(quantities(target, table, place), (value) => (value - mean) / sd);
  demandFinite(table, place, (row) => values[row] as number);
  return new HostArray(values, [table.rows, 1]);
}

/** A prediction of a regression in the target's own units, from a network's output. */
export const decodeQuantity = (
  { transform, mean, sd }: Pick<QuantityEncoding, "transform" | "mean" | "sd">,
  output: number,
): number => (transform === "log" ? Math.exp(mean + sd * output) : mean + sd * output);

/** The class of every row by its number. */
function classNumbers(target: ClassesEncoding, table: Table, place: number): Int32Array<ArrayBuffer> {
  const numbers = new Map(target.classes.map((name, k) => [keyOf(name), k]));
  return Int32Array.from(classLabels(target, table, place), (label, row) => {
    const k = label === null ? undefined : numbers.get(keyOf(label));
    if (k !== undefined) return k;
    const line = table.lineOf(row, place);
    throw inputError(
      label === null
        ? `the target column "${cut(target.name)}" of ${table.name} must have a value in every row, but line ${line} has none; fill it in or remove the row`
        : `the target column "${cut(target.name)}" of ${table.name} must hold the classes ${listed(target.classes, 10)}, but line ${line} has ${quoted(label)}; correct it or remove the row`,
    );
  });
}

/** The names of the classes of all rows, null where missing. */
export function classLabels(
  { notation }: Pick<ClassesEncoding, "notation">,
  table: Table,
  place: number,
): readonly (string | null)[] {
  const column = table.columns[place] as Column;
  if (!notation || column.kind === "numbers") return textOf(column);
  return column.values.map((value) => {
    const read = value === null ? NaN : numberIn(value, notation);
    return Number.isNaN(read) ? value : String(read);
  });
}

/**
 * The target's numbers after the transform.
 *
 * @throws {HypertrainError} for a missing value, or one whose logarithm is asked for and is not positive.
 */
export function quantities(
  { name, notation, transform }: Pick<QuantityEncoding, "name" | "notation" | "transform">,
  table: Table,
  place: number,
): Float64Array {
  const values = numbersOf(table, place, notation);
  const gap = values.findIndex((value) => Number.isNaN(value));
  if (gap >= 0) {
    throw inputError(
      `the target column "${cut(name)}" of ${table.name} must have a value in every row, but line ${table.lineOf(gap, place)} has none; fill it in or remove the row`,
    );
  }
  if (transform === "none") return values;
  const wrong = values.findIndex((value) => value <= 0);
  if (wrong >= 0) {
    throw inputError(
      `the target column "${cut(name)}" of ${table.name} must hold positive numbers for a logarithm, but line ${table.lineOf(wrong, place)} has ${values[wrong]}; leave ${optionText("targetTransform")} out`,
    );
  }
  return values.map(Math.log);
}
