import type { History } from "./history.ts";

/** Whether a point is one of the history's, running ones included. It is given on cell centres, NaN where it has no value. */
export function seenIn({
  points,
  running,
}: Pick<History, "points" | "running">): (point: Float64Array) => boolean {
  const all = [...points, ...running];
  return (point) => all.some((other) => same(point, other));
}

function same(a: Float64Array, b: Float64Array): boolean {
  for (let j = 0; j < a.length; j++) {
    if (!Object.is(a[j], b[j])) return false;
  }
  return true;
}
