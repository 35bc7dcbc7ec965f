/** A loss smoothed over evaluations: at first the first one's, from which it goes a quarter of the way to each further one. */
export interface SmoothedLoss {
  /** At the latest evaluation. */
  readonly now: number;
  /** The lowest so far. */
  readonly lowest: number;
}

const SMOOTHING = 1 / 4;

/** With one evaluation more, or the first. */
export function smoothedBy(loss: number, before: SmoothedLoss | undefined): SmoothedLoss {
  if (before === undefined) return { now: loss, lowest: loss };
  const now = before.now + SMOOTHING * (loss - before.now);
  return { now, lowest: Math.min(before.lowest, now) };
}
