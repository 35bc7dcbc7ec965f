import type { TracePoint } from "../api/trace.ts";

/** What of a trace point says how good its network is. */
export type Judgement = Pick<TracePoint, "valid" | "guard" | "unfit" | "trial">;

/** What the best point has the lowest of: the validation loss, on the rows kept from the tuner where there are any. */
export const judged = ({ guard, valid }: Pick<Judgement, "guard" | "valid">): number =>
  guard?.loss ?? valid.loss;

/** Whether a point may not be the best of a run that has others. */
const isUnfit = ({ unfit, trial }: Judgement): boolean => unfit === true || trial?.failed === true;

/** Whether a point is better than an earlier one: an unfit one is worse than any other, whatever its loss, and so is one of a training that failed behind it. */
export function isBetter(point: Judgement, than: Judgement): boolean {
  const [own, other] = [isUnfit(point), isUnfit(than)];
  return own === other ? judged(point) < judged(than) : other;
}

/** A point of a training that failed behind it: what it had measured counts no more. */
export function ofFailed({ trial, ...point }: TracePoint): TracePoint {
  return trial ? { ...point, trial: { number: trial.number, epoch: trial.epoch, failed: true } } : point;
}

/** The point whose network a run has kept: the best, of a refit, whose validation rows were trained on, the last; undefined of no points. */
export const keptPoint = <Point extends Judgement>(
  trace: readonly Point[],
  isRefit: boolean,
): Point | undefined => (isRefit ? trace.at(-1) : bestPoint(trace));

/** The best point of a trace, the earliest of several; undefined of none. */
export const bestPoint = <Point extends Judgement>(trace: readonly Point[]): Point | undefined =>
  trace.reduce<Point | undefined>(
    (best, point) => (best && !isBetter(point, best) ? best : point),
    undefined,
  );
