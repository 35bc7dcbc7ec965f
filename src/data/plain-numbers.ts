/** Where the numbers stand in a text. */
export interface PlainLayout {
  /** One character. */
  readonly separator: string;
  /** How many columns there are. */
  readonly width: number;
  /** Where the first line of numbers starts. */
  readonly from: number;
}

/** The columns of a text of plain numbers. */
export interface PlainNumbers {
  /** [columns][rows]. */
  readonly values: readonly Float64Array[];
  /** Of each column, whether all cells are digits alone and some begin with a 0 that is not all of them. */
  readonly codes: readonly boolean[];
}

/**
 * Reads the columns of a table whose cells are all digits with at most a minus and a decimal point, without a text for each: hundreds of
 * columns of pixels in a second. Undefined for anything else, such as a missing value, a blank, an empty line, and for small tables: those
 * take the careful way of `parseCsv`, which reads these, too.
 */
export function readPlainNumbers(
  text: string,
  { separator, width, from }: PlainLayout,
): PlainNumbers | undefined {
  const rows = linesFrom(text, from);
  if (rows * width < FEW_CELLS) return undefined;
  const values = Array.from({ length: width }, () => new Float64Array(rows));
  const looks = new Uint8Array(width);
  if (!fill(values, looks, text, { from, separator: separator.charCodeAt(0) })) return undefined;
  return { values, codes: Array.from(looks, (look) => look === PADDED) };
}

/**
 * The cells of some columns as they stand in a text of which {@link readPlainNumbers} has the numbers: [columns][rows].
 *
 * @param wanted the columns by number, ascending
 */
export function readPlainCells(
  text: string,
  { separator, from }: Pick<PlainLayout, "separator" | "from">,
  wanted: readonly number[],
): string[][] {
  const found = wanted.map((): string[] => []);
  for (let at = from; wanted.length > 0 && at < text.length; at += 1) {
    let column = 0;
    const next = text.indexOf("\n", at);
    const end = next < 0 ? text.length : next;
    for (const [k, place] of wanted.entries()) {
      for (; column < place; column++) at = text.indexOf(separator, at) + 1;
      const behind = text.indexOf(separator, at);
      found[k]?.push(text.slice(at, behind < 0 || behind > end ? end : behind));
    }
    at = end;
  }
  return found;
}

/** Below this the careful way takes no time either. */
const FEW_CELLS = 100_000;

/** A newline at the end begins no line. */
function linesFrom(text: string, from: number): number {
  let lines = text.endsWith("\n") ? 0 : 1;
  for (let at = text.indexOf("\n", from); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}

const [NEWLINE, MINUS, POINT, ZERO, NINE] = [10, 45, 46, 48, 57];

/** More digits than these would be rounded in between. */
const MOST_DIGITS = 15;

/** What cells of a column look like: digits alone that begin with a 0 which is not all of them; with a minus or a point. */
const [PADDED, MARKED] = [1, 2];

/**
 * Whether all cells were plain numbers, and as many in every line as there are columns.
 *
 * @param looks bits of {@link PADDED} and {@link MARKED} for each column
 */
function fill(
  columns: readonly Float64Array[],
  looks: Uint8Array,
  text: string,
  { from, separator }: { readonly from: number; readonly separator: number },
): boolean {
  const { length } = text;
  let [row, column, at] = [0, 0, from];
  while (at < length) {
    const negative = text.charCodeAt(at) === MINUS;
    if (negative) at += 1;
    let [digits, value, decimals, point] = [0, 0, 0, false];
    let code = NEWLINE;
    for (; at < length; at++) {
      code = text.charCodeAt(at);
      if (code >= ZERO && code <= NINE) {
        value = value * 10 + code - ZERO;
        digits += 1;
        if (point) decimals += 1;
      } else if (code === POINT && !point) point = true;
      else break;
    }
    const last = at >= length || code === NEWLINE;
    if (digits === 0 || digits > MOST_DIGITS || (!last && code !== separator)) return false;
    const target = columns[column];
    if (!target || (last && column !== columns.length - 1)) return false;
    // Exact: an integer of at most 15 digits by a power of ten below 10^22 is rounded once.
    const size = decimals === 0 ? value : value / (TENS[decimals] as number);
    target[row] = negative ? -size : size;
    if (negative || point) looks[column] = (looks[column] as number) | MARKED;
    else if (digits > 1 && text.charCodeAt(at - digits) === ZERO)
      looks[column] = (looks[column] as number) | PADDED;
    at += 1;
    if (last) [row, column] = [row + 1, 0];
    else column += 1;
  }
  return column === 0;
}

const TENS = Array.from({ length: MOST_DIGITS + 1 }, (_, power) => 10 ** power);
