/** How the numbers of a column are written. */
export interface NumberNotation {
  readonly decimal: "." | ",";
  /** What stands between thousands; a blank also for narrow and unbreakable ones. Absent where nothing does. */
  readonly thousands?: "," | "." | " " | "'";
  /** A currency's sign or code, before or behind some of the values. */
  readonly currency?: string;
  /** A percent sign behind every value, which is read as a hundredth. */
  readonly percent?: true;
  /** What stands behind every value, such as `kg`; without the s of a plural. */
  readonly unit?: string;
  /** Times of day or durations, `10:30`, `10:30:00` or `10h30`, which are read as hours. */
  readonly clock?: true;
}

/** A decimal point and nothing else: `-12.5`, `1e3`. */
export const plainNotation: NumberNotation = { decimal: "." };

/** What a file as a whole says about its numbers, for columns that say too little themselves. */
export type DecimalHint = "." | "," | undefined;

/**
 * The number that a cell holds in a notation, or NaN where it holds none. All minus signs are known, and a negative amount may
 * stand in parentheses.
 *
 * ```ts
 * readNumber("1.234,50 €", { decimal: ",", thousands: ".", currency: "€" }); // 1234.5
 * ```
 */
export function readNumber(cell: string, notation: NumberNotation): number {
  if (notation.clock) return hoursOf(cell);
  if (isPlain(cell)) {
    // The common case first: what it means still depends on the mark.
    if (notation === plainNotation) return Number(cell);
  } else if (!/\d/.test(cell)) return NaN; // most texts
  const { digits, currency, percent, unit, negative } = stripped(cell);
  if (percent !== (notation.percent ?? false) || unit !== notation.unit) return NaN;
  if (currency !== undefined && currency !== notation.currency) return NaN;
  if (!patternOf(notation).test(digits)) return NaN;
  const { thousands, decimal } = notation;
  const joined = thousands ? digits.replaceAll(thousands, "") : digits;
  const value = Number(decimal === "," ? joined.replace(",", ".") : joined);
  return (negative ? -value : value) / (percent ? 100 : 1);
}

/**
 * The notations in which all cells are numbers, the likeliest first; none where no notation fits them all.
 *
 * @param cells without missing values
 */
export function notationsOf(cells: readonly string[]): NumberNotation[] {
  if (cells.length === 0) return [];
  if (cells.every(isPlain)) {
    // "1.234" may also be a thousand and something, where the rest of the file has decimal commas.
    return cells.every((cell) => /^[+-]?\d{1,3}(\.\d{3})+$/.test(cell))
      ? [plainNotation, { decimal: ",", thousands: "." }]
      : [plainNotation];
  }
  if (areTimes(cells)) return [{ decimal: ".", clock: true }];
  const parts = cells.map(stripped);
  const currencies = new Set(parts.flatMap(({ currency }) => currency ?? []));
  const percents = parts.filter(({ percent }) => percent).length;
  const [unit, ...otherUnits] = new Set(parts.map((part) => part.unit));
  if (currencies.size > 1 || (percents > 0 && percents < cells.length) || otherUnits.length > 0) return [];
  const [currency] = currencies;
  const affixes = {
    ...(currency && { currency }),
    ...(percents > 0 && { percent: true as const }),
    ...(unit && { unit }),
  };
  return candidates
    .filter((notation) => {
      const pattern = patternOf(notation);
      return parts.every(({ digits }) => pattern.test(digits));
    })
    .filter(({ thousands }) => !thousands || parts.some(({ digits }) => digits.includes(thousands)))
    .map((notation) => (Object.keys(affixes).length === 0 ? notation : { ...notation, ...affixes }));
}

/** The unit behind a number in any notation, "" for a number without one; undefined for what is no number. */
export function unitOf(cell: string): string | undefined {
  const { digits, unit = "" } = stripped(cell);
  return candidates.some((notation) => patternOf(notation).test(digits)) ? unit : undefined;
}

/** Which mark the numbers of a column have for decimals beyond doubt; undefined where they do not tell. */
export function decimalOf(notations: readonly NumberNotation[], cells: readonly string[]): DecimalHint {
  const [first, second] = notations;
  if (!first || second || first.clock) return undefined;
  if (first.thousands === "." || first.thousands === ",") return first.decimal;
  return cells.some((cell) => cell.includes(first.decimal)) ? first.decimal : undefined;
}

/** A notation for people: `a decimal comma and points between thousands`. */
export function describeNotation(notation: NumberNotation): string {
  const { decimal, thousands, currency, percent, unit, clock } = notation;
  if (clock) return "times (hours:minutes), in hours";
  const marks = { ",": "commas", ".": "points", " ": "blanks", "'": "apostrophes" } as const;
  const parts = [
    ...(decimal === "," ? ["a decimal comma"] : []),
    ...(thousands ? [`${marks[thousands]} between thousands`] : []),
    ...(currency ? [`the currency ${currency}`] : []),
    ...(percent ? ["percent, as hundredths"] : []),
    ...(unit ? [`the unit ${unit}`] : []),
  ];
  return parts.join(" and ") || "a decimal point";
}

/** What a cell of digits and signs that is no number seems to be; undefined for any other text. */
export function seemingNotation(cell: string): string | undefined {
  if (!/\d/.test(cell) || !digitsAndSigns.test(cell)) return undefined;
  return (looks.find(([pattern]) => pattern.test(cell)) ?? [undefined, UNKNOWN_NOTATION])[1];
}

/** What {@link seemingNotation} says of digits and signs that it cannot place. */
export const UNKNOWN_NOTATION = "a notation that is not known";

const digitsAndSigns =
  /^[\d\s.,'’"′″+\-\u2212\u2010-\u2013\uff0d±%‰()/:*#=<>~^_|\\×·°\p{Sc}]*([eE][+-]?\d+)?$/u;

const looks: readonly (readonly [RegExp, string])[] = [
  [/^\d{1,3}(\.\d{1,3}){3}$/, "an address of the internet"],
  [/^\d+([.,]\d+)?\s*[-\u2010-\u2013]\s*\d+([.,]\d+)?$/, "a range"],
  [/^\d+\s*['’′]\s*(\d+(\.\d+)?\s*["″]?)?$/, "feet and inches"],
  [/^\d+\s*\/\s*\d+$/, "a fraction"],
  [/^\d{1,2}:\d{2}(:\d{2})?\s*[+-]\d{2}(:?\d{2})?$/, "a time of day with a zone"],
  [/^[+-]?\d+:\d+(:\d+([.,]\d+)?)?$/, "a time or a ratio"],
  [/^\d{1,4}([-./])\d{1,2}\1\d{1,4}\b/, "a date"],
  [/^[<>=~≤≥]/, "a bound"],
  [/%/, "a percentage"],
  [/\p{Sc}/u, "an amount of money"],
  [/^[+-]?[1-9]\d{0,2}([.,' ’]\d{3})+([.,]\d+)?$/, "a number with thousands set apart"],
  [/^[+-]?\d*,\d+$/, "a number with a decimal comma"],
  [/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/, "a number with a decimal point"],
];

/** A number as most programs write it. */
export const isPlain = (cell: string): boolean => /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(cell);

const candidates: readonly NumberNotation[] = [
  plainNotation,
  { decimal: "," },
  { decimal: ".", thousands: "," },
  { decimal: ",", thousands: "." },
  { decimal: ".", thousands: "'" },
  { decimal: ".", thousands: " " },
  { decimal: ",", thousands: " " },
  { decimal: ",", thousands: "'" },
];

/** The digits with `decimal` and `thousands`, an exponent; groups of two as in India. */
function patternOf({ decimal, thousands }: NumberNotation): RegExp {
  return patterns[`${decimal}${thousands ?? ""}`] as RegExp;
}

const patterns: Readonly<Record<string, RegExp>> = Object.fromEntries(
  candidates.map(({ decimal, thousands }) => {
    const mark = decimal === "." ? "\\." : ",";
    const group = thousands === "." ? "\\." : thousands;
    const whole = group ? `(?:\\d{1,3}(?:${group}\\d{2,3})*${group}\\d{3}|\\d+)` : "\\d+";
    return [
      `${decimal}${thousands ?? ""}`,
      new RegExp(`^[+-]?(?:${whole}(?:${mark}\\d*)?|${mark}\\d+)(?:[eE][+-]?\\d+)?$`),
    ];
  }),
);

const clock = /^([+-]?)(\d{1,3})[:hH]([0-5]\d)(?::([0-5]\d(?:[.,]\d+)?))?(?:\s*([AaPp])\.?[Mm]\.?)?$/;

/** The hours of a time of day or a duration, NaN for anything else. */
function hoursOf(cell: string): number {
  const match = clock.exec(cell.replace(/^[\u2212\u2010-\u2013\uff0d]/, "-"));
  if (!match) return NaN;
  const [, sign, first, minutes, seconds = "0", half] = match;
  const hours = half === undefined ? Number(first) : (Number(first) % 12) + (/p/i.test(half) ? 12 : 0);
  if (half !== undefined && (Number(first) > 12 || sign !== "")) return NaN;
  const size = hours + Number(minutes) / 60 + Number(seconds.replace(",", ".")) / 3600;
  return sign === "-" ? -size : size;
}

/**
 * Whether all cells are times by one clock: of 12 hours or of 24, and where some have seconds and others not, no minutes:seconds among
 * hours:minutes:seconds.
 */
function areTimes(cells: readonly string[]): boolean {
  if (!cells.every((cell) => !Number.isNaN(hoursOf(cell)))) return false;
  const halves = cells.filter((cell) => /m\.?$/i.test(cell)).length;
  if (halves > 0 && halves < cells.length) return false;
  const long = cells.filter((cell) => cell.split(":").length === 3);
  return (
    long.length === 0 || long.length === cells.length || cells.every((cell) => Math.abs(hoursOf(cell)) <= 24)
  );
}

interface Stripped {
  /** With `-` for every minus, a blank for every blank and `'` for every apostrophe. */
  readonly digits: string;
  readonly currency?: string;
  readonly percent: boolean;
  readonly unit?: string;
  /** Whether the value stands in parentheses. */
  readonly negative: boolean;
}

function stripped(cell: string): Stripped {
  let text = cell
    .replace(/[\u2212\u2010-\u2013\uff0d]/g, "-")
    .replace(/[\u00a0\u2007\u2009\u202f]/g, " ")
    .replace(/[’ʼ`´]/g, "'")
    .trim();
  const percent = /%$/.test(text);
  if (percent) text = text.slice(0, -1).trimEnd();
  const parentheses = /^\((.*)\)$/.exec(text);
  if (parentheses) text = (parentheses[1] as string).trim();
  let currency: string | undefined;
  text = text.replace(moneyBefore, (_, sign: string, mark: string) => {
    currency = mark;
    return sign;
  });
  if (currency === undefined) {
    text = text.replace(moneyBehind, (_, mark: string) => {
      currency = mark;
      return "";
    });
  }
  const unit = currency === undefined && !percent ? unitBehind.exec(text)?.[1] : undefined;
  if (unit !== undefined) text = text.replace(unitBehind, "");
  return {
    digits: text.replace(/^([+-]) +/, "$1"),
    ...(currency !== undefined && { currency }),
    ...(unit !== undefined && { unit: unit.replace(/(?<=\p{L}{2})s$/u, "") }),
    percent,
    negative: parentheses !== null && !/^[+-]/.test(text),
  };
}

const money =
  "(\\p{Sc}|[A-Z]{2}\\p{Sc}|kr\\.?|zł|Kč|Ft|lei|Fr\\.|CHF|EUR|USD|GBP|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|HUF|RON|CAD|AUD|NZD|BRL|MXN|ZAR|SGD|HKD|KRW|TRY|RUB)";
const moneyBefore = new RegExp(`^([+-]?)\\s*${money}\\s*(?=[+\\-\\d.,])`, "u");
const moneyBehind = new RegExp(`(?<=[\\d.,])\\s*${money}$`, "u");

/** `kg`, `m²`, `km/h`, `°C`; not the half of a day, the end of an ordinal number or an exponent without digits. */
const unitBehind = /(?<=[\d.,])\s*(?!(?:[ap]\.?m|st|nd|rd|th|e)$)(°?\p{L}[\p{L}°²³/·]{0,11})\.?$/iu;
