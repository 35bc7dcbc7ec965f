/** What a column of numbers that counts rows is known by. */
export interface CountedColumn {
  readonly name: string;
  readonly values: Float64Array;
}

/**
 * Whether a column gives every row a whole number of its own, from a range that is not much wider: it tells rows apart and, in a file
 * that is in some order, where a row stands. Numbers that are drawn regardless of each other would not all differ: for n of them from a
 * range of r the chance is ∏ (1 - i / r), which must be below one in 10,000. Shuffled ones and a part of them count as well.
 */
export function isRunningNumber(values: Float64Array): boolean {
  let [low, high, known] = [Infinity, -Infinity, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (!Number.isInteger(value)) return false;
    known += 1;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const range = high - low + 1;
  if (known < MOST_KNOWN * values.length || range > WIDEST * known) return false;
  const seen = new Set<number>();
  let chance = 0; // its logarithm
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (seen.has(value)) return false;
    chance += Math.log1p(-seen.size / range);
    seen.add(value);
  }
  return chance < Math.log(1e-4);
}

/** Few rows may lack their number. */
const MOST_KNOWN = 0.9;

/** How many times as wide as the number of rows the range may be: rows were removed, and what trains is drawn from the rest. */
const WIDEST = 8;

/** Whether a running number may say something nevertheless: years, other times, ranks, ages, which new rows have as well. */
export const meansMore = ({ name, values }: CountedColumn): boolean =>
  /(^|[\s_.-])(rank|ranking|rang|place|year|jahr|année|annee|año|anno|month|monat|week|woche|day|tag|hour|stunde|time|zeit|date|datum|age|alter)([\s_.-]|$)/i.test(
    name,
  ) || values.every((value) => Number.isNaN(value) || (value >= 1800 && value <= 2100));
