import type { TracePoint } from "../api/trace.ts";

/** The last point before the hyperparameters moved: the last of all where they did not; undefined of none. */
export function lastUntuned(trace: readonly TracePoint[]): TracePoint | undefined {
  const [start] = trace;
  return start && trace.findLast((point) => sameValues(point, start));
}

/** Whether the hyperparameters of two points have the same values, whatever their scales. */
export const sameValues = (a: TracePoint, b: TracePoint): boolean =>
  Object.entries(a.hyperparameters).every(
    ([name, { value }]) => JSON.stringify(value) === JSON.stringify(b.hyperparameters[name]?.value),
  );
