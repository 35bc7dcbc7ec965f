/** The arithmetic mean. */
export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The 10 %, 50 % and 90 % quantiles of a list of numbers. */
export function quantilesOf(values: readonly number[]): { q10: number; q50: number; q90: number } {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] as number;
  return { q10: at(0.1), q50: at(0.5), q90: at(0.9) };
}

/** The middle of some numbers, and where the middle half of them ends. */
export interface Middle {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

/** Median and quartiles, by linear interpolation between ranks. */
export function middleOf(values: readonly number[]): Middle {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (quantile: number): number => {
    const place = quantile * (sorted.length - 1);
    const [below, above] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
    const share = place - Math.floor(place);
    return share === 0 || below === above ? below : below + share * (above - below);
  };
  return { median: at(0.5), lower: at(0.25), upper: at(0.75) };
}

/** The least of some numbers, however many; Infinity of none. `Math.min(...values)` overflows the stack beyond some 100,000. */
export const leastOf = (values: Iterable<number>): number => {
  let least = Infinity;
  for (const value of values) least = Math.min(least, value);
  return least;
};

/** The greatest of some numbers, however many; -Infinity of none. */
export const mostOf = (values: Iterable<number>): number => {
  let most = -Infinity;
  for (const value of values) most = Math.max(most, value);
  return most;
};

/** Lists of numbers, one behind the other. */
export function joined(...lists: readonly ArrayLike<number>[]): Float64Array<ArrayBuffer> {
  const whole = new Float64Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    whole.set(list, at);
    at += list.length;
  }
  return whole;
}
