import type { TracePoint } from "../api/trace.ts";

/** What of a trace point says how good its network is. */
export type Judgement = Pick<TracePoint, "valid" | "guard" | "unfit">;

/** What the best point has the lowest of: the validation loss, on the rows kept from the tuner where there are any. */
export const judged = ({ guard, valid }: Omit<Judgement, "unfit">): number => guard?.loss ?? valid.loss;

/** Whether a point is better than an earlier one: an unfit one is worse than any other, whatever its loss. */
export function isBetter(point: Judgement, than: Judgement): boolean {
  const [own = false, other = false] = [point.unfit, than.unfit];
  return own === other ? judged(point) < judged(than) : other;
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
