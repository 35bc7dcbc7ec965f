import { sortedRows } from "./sorted-rows.ts";

/**
 * The rows that no other is better than in both of two values, the lower the better: the Pareto front, by growing x. Of equal ones the
 * first. A sort and a sweep, so that a hundred thousand take some milliseconds.
 */
export function frontOf(rows: Uint32Array, x: ArrayLike<number>, y: ArrayLike<number>): Uint32Array {
  const front: number[] = [];
  let least = Infinity;
  for (const row of sortedRows(sortedRows(rows, y), x)) {
    const [across, up] = [x[row] as number, y[row] as number];
    if (!Number.isFinite(across) || !(up < least)) continue;
    least = up;
    front.push(row);
  }
  return Uint32Array.from(front);
}
