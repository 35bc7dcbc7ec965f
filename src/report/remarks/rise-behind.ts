import type { TracePoint } from "../../api/trace.ts";
import { judged } from "../../tuners/best.ts";
import { trainingBegan } from "../../tuners/progress.ts";
import { leastOf, middleOf } from "../../util/statistics.ts";

/** Evaluations whose median is taken, at most: as many as a run that may begin anew goes by. */
export const ROW = 5;

/**
 * By how much the loss rose from where it was lowest to the end of the training that a best point is of, as a share of it, and the last point of that training. Both by medians of five evaluations in
 * a row, or of a quarter of all that there are: the lowest of many is low by chance.
 */
export function riseBehind(
  best: TracePoint,
  trace: readonly TracePoint[],
): { readonly rise: number; readonly until: TracePoint } {
  const own = trace.filter((point) =>
    point.step === 0 ? best.step === 0 : trainingBegan(point) === trainingBegan(best),
  );
  const until = own.at(-1) as TracePoint; // the best is one
  const row = Math.min(ROW, Math.ceil(own.length / 4));
  const medians = own
    .slice(row - 1)
    .map((_, i) => middleOf(own.slice(i, i + row).map((point) => judged(point))).median);
  const lowest = leastOf(medians);
  return { rise: ((medians.at(-1) as number) - lowest) / Math.abs(lowest), until };
}
