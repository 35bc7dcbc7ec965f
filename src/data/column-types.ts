import { inputError } from "../util/error.ts";
import { dateFormatsOf, type DateFormat } from "./date-format.ts";
import { withoutMissing } from "./missing.ts";
import {
  decimalOf,
  describeNotation,
  notationsOf,
  plainNotation,
  readNumber,
  seemingNotation,
  unitOf,
  UNKNOWN_NOTATION,
  type DecimalHint,
  type NumberNotation,
} from "./notation.ts";
import { cut, quoted } from "./quote.ts";
import { withOneSpelling } from "./spelling.ts";
import type { Separator } from "./separator.ts";
import type { Column, WordColumn } from "./table.ts";
import { saysTotal } from "./totals.ts";

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
  const { table, separator, types = {}, target } = context;
  const looks = columns.map((column) => {
    const values = withOneSpelling(withoutMissing(column.cells));
    const present = values.filter((value) => value !== null);
    const forced = Object.hasOwn(types, column.name) ? types[column.name] : undefined;
    const open = forced === undefined || forced === "number";
    return { column, values, present, forced, notations: open ? notationsOf(present) : [] };
  });
  const hints = new Set(looks.flatMap(({ notations, present }) => decimalOf(notations, present) ?? []));
  const hint = hints.size === 1 ? [...hints][0] : undefined;
  return looks.map(({ column, values, present, forced, notations }): Column => {
    const { name } = column;
    const unnamed = column.unnamed ? { unnamed: true as const } : {};
    const words = (doubt?: string): WordColumn => {
      const said = doubt && `column "${cut(name)}" of ${table} ${doubt}`;
      if (said && forced === "number") throw inputError(`${said}; correct it, or do not ask for numbers`);
      return { kind: "words", name, values, ...unnamed, ...(said && { doubt: said }) };
    };
    if (forced === "text") return { ...words(), dates: false };
    if (forced === "date") {
      demandDates(table, column, values);
      return { ...words(), dates: true };
    }
    if (typeof forced === "object") {
      const bare = forced.unit === undefined ? 0 : present.filter((cell) => unitOf(cell) === "").length;
      return {
        kind: "numbers",
        name,
        values: readAs(table, column, values, forced),
        notation: forced,
        ...(bare > 0 && { bare }),
        ...unnamed,
      };
    }
    const choice = chosen(notations, present, hint, separator);
    const at = (row: number) => `line ${column.lineOf(row)} has ${quoted(values[row] as string)}`;
    const firstRow = () => values.findIndex((value) => value !== null);
    if (choice === "either") {
      return words(
        `must hold numbers in one notation, but ${at(firstRow())}, whose comma may stand before decimals or between thousands`,
      );
    }
    if (!choice) {
      const doubt = doubtOf(values, present) ?? (forced && oddText(values));
      return words(doubt && `${doubt.must}, but ${at(doubt.row)}${doubt.look}`);
    }
    const asked = forced === "number";
    if (!asked && areCodes(present)) return { ...words(), codes: true };
    if (!asked && losesDigits(present)) return words();
    if (!asked && name === target && choice.unit !== undefined && new Set(present).size <= FEW_TEXTS)
      return words();
    const numbers = Float64Array.from(values, (value) => (value === null ? NaN : readNumber(value, choice)));
    const huge = numbers.findIndex((value) => Math.abs(value) > MAX_FLOAT32);
    if (huge >= 0) {
      return words(`must hold numbers between -3.4e38 and 3.4e38, but ${at(huge)}`);
    }
    return { kind: "numbers", name, values: numbers, notation: choice, ...unnamed };
  });
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

/** The number of a cell in a notation, or else as programs write it; NaN where it is none, and where `50` may be 50 % or 5000 %. */
export function numberIn(cell: string, notation: NumberNotation): number {
  const read = readNumber(cell, notation);
  const plain = notation.decimal === "." && !notation.percent;
  return Number.isNaN(read) && plain ? readNumber(cell, plainNotation) : read;
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

/** So few different texts have an input each; were they numbers with units, little would be lost. */
const FEW_TEXTS = 20;

interface Doubt {
  readonly must: string;
  readonly row: number;
  readonly look: string;
}

/** What is wrong with a column that is neither numbers nor plainly text. */
function doubtOf(values: readonly (string | null)[], present: readonly string[]): Doubt | undefined {
  return unitDoubt(values, present) ?? dateDoubt(values, present) ?? numberDoubt(values, present);
}

/** Numbers in two or three units, such as kg and g, or M beside none. */
function unitDoubt(values: readonly (string | null)[], present: readonly string[]): Doubt | undefined {
  const units = new Set<string>();
  for (const cell of present) {
    const unit = unitOf(cell);
    if (unit === undefined) return undefined;
    units.add(unit);
  }
  if (units.size < 2 || units.size > 3 || new Set(present).size <= FEW_TEXTS) return undefined;
  const [first] = units;
  return {
    must: "must hold numbers in one unit",
    row: values.findIndex((value) => value !== null && unitOf(value) !== first),
    look: ` beside ${quoted(present[0] as string)}`,
  };
}

/** The first text where numbers are asked for. */
function oddText(values: readonly (string | null)[]): Doubt | undefined {
  const row = values.findIndex((value) => value !== null && notationsOf([value]).length === 0);
  return row < 0 ? undefined : { must: "must hold numbers, as asked for", row, look: "" };
}

/** Dates in several formats, or beside other values. */
function dateDoubt(values: readonly (string | null)[], present: readonly string[]): Doubt | undefined {
  const usual = usualFormat(present);
  if (!usual || 2 * usual.dates <= present.length || usual.count === present.length) return undefined;
  const { format } = usual;
  return {
    must: "must hold dates in one format",
    row: values.findIndex((value) => value !== null && !dateFormatsOf([value]).includes(format)),
    look: `, which is not ${format} as most are`,
  };
}

/** The format of most dates among some texts, in how many of them it is one, and how many are dates in whichever; undefined where none is. */
function usualFormat(
  present: readonly string[],
): { readonly format: DateFormat; readonly count: number; readonly dates: number } | undefined {
  const formats = new Map<DateFormat, number>();
  let dates = 0;
  for (const value of present) {
    const own = dateFormatsOf([value]);
    if (own.length > 0) dates += 1;
    for (const format of own) formats.set(format, (formats.get(format) ?? 0) + 1);
  }
  const [usual] = [...formats].sort(([, a], [, b]) => b - a);
  return usual && { format: usual[0], count: usual[1], dates };
}

function numberDoubt(values: readonly (string | null)[], present: readonly string[]): Doubt | undefined {
  const signs = present.filter((cell) => !isLabel.test(cell) && seemingNotation(cell) !== undefined).length;
  if (present.length === 0 || 2 * signs <= present.length || dateFormatsOf(present).length > 0)
    return undefined; // one format fits all dates
  const notation = commonest(present);
  const row = values.findIndex(
    (value) => value !== null && (!notation || Number.isNaN(readNumber(value, notation))),
  );
  const odd = values[row] as string;
  const bare = notation?.percent === true && !Number.isNaN(readNumber(`${odd}%`, notation));
  const look = seemingNotation(odd);
  return {
    must: notation?.clock
      ? "must hold times written as hours:minutes or hours:minutes:seconds"
      : signs === present.length
        ? "must hold numbers in one notation"
        : "must hold numbers",
    row,
    look: bare
      ? ", which has no percent sign"
      : look
        ? `, which seems to be ${look}`
        : saysTotal(odd)
          ? ", where a row of totals seems to begin, which has to be removed"
          : "",
  };
}

/** A number that counts or names something: `#12`, `№ 12`, `No. 12`. */
const isLabel = /^\s*(#|№|n[o°º]\.?)\s?\d+\s*$/i;

/** The notation that most of the first cells are written in. */
function commonest(present: readonly string[]): NumberNotation | undefined {
  const some = present.slice(0, 200);
  const counted = new Map<string, { notation: NumberNotation; count: number }>();
  for (const notation of some.flatMap((cell) => notationsOf([cell]))) {
    const key = JSON.stringify(notation);
    if (!counted.has(key)) {
      const count = some.filter((cell) => !Number.isNaN(readNumber(cell, notation))).length;
      counted.set(key, { notation, count });
    }
  }
  const ordered = [...counted.values()].sort((a, b) => b.count - a.count);
  return ordered[0]?.notation;
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
