import { inputError } from "../util/error.ts";
import { dateFormatsOf } from "./date-format.ts";
import { withoutMissing } from "./missing.ts";
import {
  decimalOf,
  notationsOf,
  plainNotation,
  readNumber,
  unitOf,
  type DecimalHint,
  type NumberNotation,
} from "./notation.ts";
import { cut, quoted } from "./quote.ts";
import { withOneSpelling } from "./spelling.ts";
import type { Separator } from "./separator.ts";
import type { Column, WordColumn } from "./table.ts";
import { doubtOf, oddText, FEW_TEXTS, usualFormat } from "./column-doubt.ts";
import { numberIn, wantedNumbers, unitSaid, rewrite } from "./settled-notation.ts";

/** How the values of columns are to be read, by name: as text, as numbers in whichever notation fits, as dates in whichever format fits, or as numbers in one notation. */
export type ColumnTypes = Readonly<Record<string, "text" | "number" | "date" | NumberNotation>>;

/** A column as it stands in a file. */
export interface TextColumn {
  readonly name: string;
  readonly cells: readonly string[];
  /** The line of a row's cell, from 1. */
  lineOf(row: number): number;
  readonly unnamed: boolean;
}

/**
 * The columns of a file as numbers or text. A notation must fit all values of a column; where two fit that mean different numbers
 * ("1,234"), the other columns decide, then the separator. Whole numbers in digits, some with a leading zero, are codes: text unless numbers
 * are asked for.
 *
 * @throws {HypertrainError} for a value that does not fit the type that is asked for.
 */
export function typedColumns(
  columns: readonly TextColumn[],
  context: {
    readonly table: string;
    readonly separator: Separator;
    readonly types?: ColumnTypes;
    /** A column whose numbers with a unit are classes where they are few. */
    readonly target?: string | undefined;
  },
): Column[] {
  const { types = {}, ...file } = context;
  const looks = columns.map((column) =>
    lookAt(column, Object.hasOwn(types, column.name) ? types[column.name] : undefined),
  );
  const hints = new Set(looks.flatMap(({ notations, present }) => decimalOf(notations, present) ?? []));
  const hint = hints.size === 1 ? [...hints][0] : undefined;
  return looks.map((look) => typed(look, { ...file, hint }));
}

/** A column as text, and the notations that fit it. */
interface ColumnLook {
  readonly column: TextColumn;
  /** Its cells, null where one is missing. */
  readonly values: readonly (string | null)[];
  readonly present: readonly string[];
  /** The type that is asked for. */
  readonly asked: ColumnTypes[string] | undefined;
  readonly notations: readonly NumberNotation[];
}

/** What the type of a column goes by beside its own cells. */
interface TypeContext {
  readonly table: string;
  readonly separator: Separator;
  readonly target?: string | undefined;
  /** The decimal sign of the other columns, where these tell one. */
  readonly hint: DecimalHint;
}

function lookAt(column: TextColumn, asked: ColumnTypes[string] | undefined): ColumnLook {
  const values = withOneSpelling(withoutMissing(column.cells));
  const present = values.filter((value) => value !== null);
  const isOpen = asked === undefined || asked === "number";
  return { column, values, present, asked, notations: isOpen ? notationsOf(present) : [] };
}

/** A column of the type that is asked for, else of the one that fits it. */
function typed(look: ColumnLook, file: TypeContext): Column {
  const { column, values, asked } = look;
  if (asked === "text") return { ...asWords(look), dates: false };
  if (asked === "date") {
    demandDates(file.table, column, values);
    return { ...asWords(look), dates: true };
  }
  return typeof asked === "object" ? inNotation(look, asked, file.table) : inFittingNotation(look, file);
}

const titleOf = ({ name, unnamed }: TextColumn) => ({ name, ...(unnamed && { unnamed: true as const }) });

const asWords = ({ column, values }: ColumnLook): WordColumn => ({
  kind: "words",
  ...titleOf(column),
  values,
});

/** A column that might have been meant as numbers, as text. @throws {HypertrainError} where numbers are asked for. */
function asDoubtfulWords(look: ColumnLook, table: string, doubt: string): WordColumn {
  const said = `column "${cut(look.column.name)}" of ${table} ${doubt}`;
  if (look.asked === "number") throw inputError(`${said}; correct it, or do not ask for numbers`);
  return { ...asWords(look), doubt: said };
}

function inNotation(
  { column, values, present }: ColumnLook,
  notation: NumberNotation,
  table: string,
): Column {
  const bare = notation.unit === undefined ? 0 : present.filter((cell) => unitOf(cell) === "").length;
  return {
    kind: "numbers",
    ...titleOf(column),
    values: readAs(table, column, values, notation),
    notation,
    ...(bare > 0 && { bare }),
  };
}

function inFittingNotation(look: ColumnLook, { table, separator, target, hint }: TypeContext): Column {
  const { column, values, present, asked } = look;
  const doubtful = (doubt: string) => asDoubtfulWords(look, table, doubt);
  const at = (row: number) => `line ${column.lineOf(row)} has ${quoted(values[row] as string)}`;
  const notation = chosen(look.notations, present, hint, separator);
  if (notation === "either") {
    const first = values.findIndex((value) => value !== null);
    return doubtful(
      `must hold numbers in one notation, but ${at(first)}, whose comma may stand before decimals or between thousands`,
    );
  }
  if (!notation) {
    const doubt = doubtOf(values, present) ?? (asked && oddText(values));
    return doubt ? doubtful(`${doubt.must}, but ${at(doubt.row)}${doubt.look}`) : asWords(look);
  }
  if (asked !== "number") {
    if (areCodes(present)) return { ...asWords(look), codes: true };
    const areClasses =
      column.name === target && notation.unit !== undefined && new Set(present).size <= FEW_TEXTS;
    if (losesDigits(present) || areClasses) return asWords(look);
  }
  const numbers = Float64Array.from(values, (value) => (value === null ? NaN : readNumber(value, notation)));
  const huge = numbers.findIndex((value) => Math.abs(value) > MAX_FLOAT32);
  if (huge >= 0) return doubtful(`must hold numbers between -3.4e38 and 3.4e38, but ${at(huge)}`);
  return { kind: "numbers", ...titleOf(column), values: numbers, notation };
}

/** Demands dates in one format, as asked for. @throws {HypertrainError} naming the first value that is none. */
function demandDates(table: string, { name, lineOf }: TextColumn, values: readonly (string | null)[]): void {
  const present = values.filter((value) => value !== null);
  if (present.length === 0 || dateFormatsOf(present).length > 0) return;
  const usual = usualFormat(present)?.format;
  const isOne = (value: string) => dateFormatsOf([value]).some((format) => format === usual);
  const row = values.findIndex((value) => value !== null && !isOne(value));
  throw inputError(
    `column "${cut(name)}" of ${table} must hold dates in one format, as asked for, but line ${lineOf(row)} has ${quoted(values[row] as string)}${usual ? `, which is not ${usual} as others are` : ""}; write dates as year-month-day, or do not ask for dates`,
  );
}

/** The largest number of float32. */
export const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

function readAs(
  table: string,
  { name, lineOf }: TextColumn,
  values: readonly (string | null)[],
  notation: NumberNotation,
): Float64Array {
  return Float64Array.from(values, (value, row) => {
    if (value === null) return NaN;
    const read = numberIn(value, notation);
    if (Math.abs(read) <= MAX_FLOAT32) return read;
    if (!Number.isNaN(read)) {
      throw inputError(
        `column "${cut(name)}" of ${table} must hold numbers between -3.4e38 and 3.4e38, but line ${lineOf(row)} has ${quoted(value)}; correct it or leave it empty`,
      );
    }
    throw inputError(
      `column "${cut(name)}" of ${table} must hold ${wantedNumbers(notation)}, but line ${lineOf(row)} has ${quoted(value)}${unitSaid(value, notation)}; ${rewrite(value)}`,
    );
  });
}

/** The notation of a column, "either" where two mean different numbers and nothing tells which, undefined where none fits. */
function chosen(
  notations: readonly NumberNotation[],
  present: readonly string[],
  hint: DecimalHint,
  separator: Separator,
): NumberNotation | "either" | undefined {
  const [first, ...others] = notations;
  if (!first || others.length === 0) return first;
  const liked = (decimal: DecimalHint) => notations.find((notation) => notation.decimal === decimal);
  const same = others.every((other) =>
    present.every((cell) => readNumber(cell, first) === readNumber(cell, other)),
  );
  if (same || hint) return liked(hint) ?? first;
  if (first === plainNotation) return first;
  if (separator === ",") return liked(".");
  return separator === ";" ? liked(",") : "either";
}

/** Whether all are whole numbers in digits, some with a leading zero, which tells `007` from `7`. */
const areCodes = (present: readonly string[]): boolean =>
  present.some((cell) => /^0\d/.test(cell)) && present.every((cell) => /^\d+$/.test(cell));

/** Whether whole numbers are so long that they are no longer told apart as numbers. */
const losesDigits = (present: readonly string[]): boolean =>
  present.some(
    (cell) =>
      cell.length > 15 && /^\+?\d{16,21}$/.test(cell) && String(Number(cell)) !== cell.replace(/^\+?0*/, ""),
  );
