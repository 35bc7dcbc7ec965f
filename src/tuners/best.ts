import type { TracePoint } from "../api/trace.ts";

/** What of a trace point says how good its network is. */
export type Judgement = Pick<TracePoint, "valid" | "guard" | "provisional">;

/** What the best point has the lowest of: the validation loss, on the rows kept from the tuner where there are any. */
export const judged = ({ guard, valid }: Omit<Judgement, "provisional">): number => guard?.loss ?? valid.loss;

/** Whether a point is better than an earlier one: what is provisional is worse than what is not, whatever its loss. */
export function isBetter(point: Judgement, than: Judgement): boolean {
  const [own = false, other = false] = [point.provisional, than.provisional];
  return own === other ? judged(point) < judged(than) : other;
}

/** The best point of a trace, the earliest of several; undefined of none. */
export const bestOf = <Point extends Judgement>(trace: readonly Point[]): Point | undefined =>
  trace.reduce<Point | undefined>(
    (best, point) => (best && !isBetter(point, best) ? best : point),
    undefined,
  );
