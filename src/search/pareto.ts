/**
 * The Pareto front: the rows that no other row dominates, which is no larger in any column and smaller in one. Equal rows are on it together;
 * rows with a number that is none are not.
 *
 * With two columns it takes as long as sorting; with more, as long as comparing each row with the front.
 *
 * ```ts
 * paretoFront([[1, 4], [2, 2], [3, 3]]); // [0, 1]
 * ```
 *
 * @param rows of equal length; what is smaller is better
 * @returns indices, ordered by the first column, then the next
 */
export function paretoFront(rows: readonly (readonly number[])[]): readonly number[] {
  const whole = [...rows.keys()].filter((i) => !rows[i]?.some(Number.isNaN));
  const rowOf = (i: number) => rows[i] as readonly number[];
  const sorted = whole.sort((a, b) => compared(rowOf(a), rowOf(b)) || a - b); // so that none is dominated by a later one
  const front: number[] = [];
  for (const i of sorted) {
    const row = rowOf(i);
    const rivals = row.length === 2 ? front.slice(-1) : front; // of two columns, the last has the least in the second
    if (!rivals.some((rival) => dominates(rowOf(rival), row))) front.push(i);
  }
  return front;
}

function compared(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((value, at) => value !== b[at]);
  return i < 0 ? 0 : (a[i] as number) < (b[i] as number) ? -1 : 1;
}

/** Whether one row is no larger than another in any column, and smaller in one. */
export const dominates = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((value, i) => value <= (b[i] as number)) && a.some((value, i) => value < (b[i] as number));
