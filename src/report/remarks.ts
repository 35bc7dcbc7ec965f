import type { TracePoint } from "../api/trace.ts";
import { formatNumber } from "./format.ts";

/**
 * Sentences on what a run did not do that its reader would take for granted; none where it tuned.
 *
 * @param trace of a method that moves the hyperparameters within one training; of a search, whose first points may lie anywhere, no remark is made
 */
export function remarksOn(trace: readonly TracePoint[], best: TracePoint): string[] {
  const [start] = trace;
  if (!start || start.trial || Object.keys(start.hyperparameters).length === 0) return [];
  const moved = trace.find((point) => !sameValues(point, start));
  if (!moved) {
    return [
      `The hyperparameters never moved: the run ended before its first hyperparameter step. Give it more time, or a shorter warm-up (--warmup-epochs).`,
    ];
  }
  const anew = restartOf(trace);
  if (!sameValues(best, start)) return anew ? [anew] : [];
  return [
    ...(anew ? [anew] : []),
    `Tuning gained nothing: the lowest validation loss came at epoch ${formatNumber(best.epoch)}, before the hyperparameters moved (by epoch ${formatNumber(moved.epoch)}). The network overfits sooner than it is tuned: tune from the start (--warmup-epochs 1), start with more regularisation (--hyper), or take a smaller network (--hidden).`,
  ];
}

/** What a run says whose training began anew; nothing where it did not. */
function restartOf(trace: readonly TracePoint[]): string | undefined {
  const step = trace.find(({ restartedAt }) => restartedAt !== undefined)?.restartedAt;
  if (step === undefined) return undefined;
  const first = trace.filter((point) => point.step <= step);
  const best = first.reduce((a, b) => (b.valid.loss < a.valid.loss ? b : a));
  const last = first.at(-1) as TracePoint;
  return `Training began anew at epoch ${formatNumber(last.epoch)}, from the hyperparameters found by then, since the network had overfitted before: its lowest validation loss was that of epoch ${formatNumber(best.epoch)}.`;
}

/** The last point before the hyperparameters moved: the last of all where they did not. */
export function lastUntuned(trace: readonly TracePoint[]): TracePoint | undefined {
  const [start] = trace;
  return start && trace.findLast((point) => sameValues(point, start));
}

const sameValues = (a: TracePoint, b: TracePoint): boolean =>
  Object.entries(a.hyperparameters).every(
    ([name, { value }]) => JSON.stringify(value) === JSON.stringify(b.hyperparameters[name]?.value),
  );
