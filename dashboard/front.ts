import { sortedRows } from "./sorted-rows.ts";

/** A column as a front is sought in it. */
export interface Aim {
  readonly name: string;
  readonly values: ArrayLike<number>;
  readonly largest: boolean;
}

/** The values of an aim, the less the better. */
const costsOf = ({ values, largest }: Aim): ArrayLike<number> =>
  largest ? Float64Array.from(values, (value) => -value) : values;

/** The rows that no other is better than in both of two aims, by growing x; of equal ones the first. */
export function frontOf(rows: Uint32Array, x: Aim, y: Aim): Uint32Array {
  const front = lowestFront(rows, costsOf(x), costsOf(y));
  return x.largest ? front.reverse() : front;
}

/**
 * The rows that no other is better than in both of two values, the lower the better: the Pareto front, by growing x. Of equal ones the
 * first. A sort and a sweep, so that a hundred thousand take some milliseconds.
 */
export function lowestFront(rows: Uint32Array, x: ArrayLike<number>, y: ArrayLike<number>): Uint32Array {
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
