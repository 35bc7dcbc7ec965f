import { dateFormatsOf, type DateFormat } from "./date-format.ts";
import { notationsOf, readNumber, seemingNotation, unitOf, type NumberNotation } from "./notation.ts";
import { quoted } from "./quote.ts";
import { saysTotal } from "./totals.ts";

/** Why a column is taken for text that might have been meant otherwise: what must hold, and the first row where it does not. */
export interface Doubt {
  readonly must: string;
  readonly row: number;
  readonly look: string;
}

/** What is wrong with a column that is neither numbers nor plainly text. */
export function doubtOf(values: readonly (string | null)[], present: readonly string[]): Doubt | undefined {
  return unitDoubt(values, present) ?? dateDoubt(values, present) ?? numberDoubt(values, present);
}

/** The first text where numbers are asked for. */
export function oddText(values: readonly (string | null)[]): Doubt | undefined {
  const row = values.findIndex((value) => value !== null && notationsOf([value]).length === 0);
  return row < 0 ? undefined : { must: "must hold numbers, as asked for", row, look: "" };
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

/** So few different texts have an input each; were they numbers with units, little would be lost. */
export const FEW_TEXTS = 20;

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
export function usualFormat(
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
