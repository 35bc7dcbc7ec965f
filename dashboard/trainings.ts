import type { TracePoint } from "../src/api/trace.ts";
import { isBetter } from "../src/tuners/best.ts";

/** A training of a search: its number, its points, and the one with the lowest validation loss. */
export interface Training {
  readonly number: number;
  readonly points: readonly TracePoint[];
  readonly best: TracePoint;
}

/** The trainings of a search, in the order in which they began; none of a run that is no search. */
export function trainingsOf(trace: readonly TracePoint[]): readonly Training[] {
  const groups = Map.groupBy(
    trace.filter(({ trial }) => trial),
    ({ trial }) => trial?.number ?? 0,
  );
  return [...groups].map(([number, points]) => ({
    ...{ number, points },
    best: points.reduce((a, b) => (isBetter(b, a) ? b : a)),
  }));
}

/** The trainings that may be the best: those that did not fail before they came to anything. */
export const countedOf = (trainings: readonly Training[]): readonly Training[] =>
  trainings.filter(({ best }) => !best.trial?.failed);

/** The validation losses of a training over its own epochs, from its first step on: where it starts is known of a search's first training alone. */
export function curveOf({ points }: Training): {
  readonly x: readonly number[];
  readonly y: readonly number[];
} {
  const trained = points.filter(({ trial }) => trial && trial.epoch > 0);
  return { x: trained.map(({ trial }) => trial?.epoch ?? NaN), y: trained.map(({ valid }) => valid.loss) };
}
