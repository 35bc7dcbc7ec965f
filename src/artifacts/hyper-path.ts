import type { TracePoint } from "../api/trace.ts";
import { toUnconstrained, type HyperValues, type Space } from "../space/space.ts";
import { trainingBegan } from "../tuners/progress.ts";
import { inputError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { sizeOf } from "../util/host-array.ts";
import { mapValues } from "../util/record.ts";

/** The way of a run's hyperparameters up to its best point. */
export interface HyperPath {
  /** Epochs from where the training began, or began anew, whose weights the best point has. */
  readonly epochs: number;
  /** λ after a number of epochs, unconstrained: [size]. */
  at(epoch: number): Float64Array;
}

/**
 * The way of the hyperparameters as a trace tells it: linear between two trace points in unconstrained space, where methods move them;
 * integers and choices stay as they were at the point before.
 *
 * @param best the point up to which it goes; with the same point alone as trace, they are held there
 * @throws {HypertrainError} where the trace holds only means of a hyperparameter with thousands of elements.
 */
export function hyperPath(space: Space, trace: readonly TracePoint[], best: TracePoint): HyperPath {
  const since = trainingBegan(best);
  const known = upTo(best, trace);
  const points = [...known, best].map((point) => ({
    epoch: epochOf(point, best, since),
    u: toUnconstrained(space, valuesOf(point)),
  }));
  const moves = Object.values(space.hypers).flatMap((hyper) =>
    Array<boolean>(hyper.kind === "choice" ? 1 : sizeOf(hyper.shape)).fill(hyper.kind === "real"),
  );
  return {
    epochs: epochOf(best, best, since),
    at(epoch) {
      const next = points.findIndex((point) => point.epoch > epoch);
      const from = points[Math.max(0, next < 0 ? points.length - 1 : next - 1)] as (typeof points)[number];
      const to = points[next] ?? from;
      const share = to.epoch > from.epoch ? Math.max(0, (epoch - from.epoch) / (to.epoch - from.epoch)) : 0;
      return from.u.map((u, k) => (moves[k] ? u + share * ((to.u[k] as number) - u) : u));
    },
  };
}

/** What the validation loss had lowered learning rates to after a number of epochs of that way: 1 unless a run lowers them so. */
export function ratePath(trace: readonly TracePoint[], best: TracePoint): (epoch: number) => number {
  const since = trainingBegan(best);
  const points = upTo(best, trace)
    .filter(({ step, trial }) => (trial?.epoch ?? step - since) > 0) // a training begins with 1
    .map((point) => ({ epoch: epochOf(point, best, since), factor: point.rateFactor ?? 1 }));
  return (epoch) => points.findLast((point) => point.epoch <= epoch)?.factor ?? 1;
}

/** The points before the best, of the training that led to it. */
const upTo = (best: TracePoint, trace: readonly TracePoint[]): readonly TracePoint[] =>
  trace.filter(
    ({ step, trial }) =>
      step >= trainingBegan(best) && step < best.step && trial?.number === best.trial?.number,
  );

function epochOf({ epoch, trial }: TracePoint, best: TracePoint, since: number): number {
  return trial ? trial.epoch : epoch - (since * best.epoch) / best.step;
}

function valuesOf({ hyperparameters }: TracePoint): HyperValues {
  const thinned = Object.entries(hyperparameters).find(([, { elements }]) => elements);
  if (!thinned) return mapValues(hyperparameters, ({ value }) => value) as HyperValues;
  throw inputError(
    `the schedule of every hyperparameter must be in the run folder, but of ${thinned[0]} with its ${thinned[1].elements?.count} elements it keeps the best values alone; add ${optionText("hold")}, which holds those`,
  );
}
