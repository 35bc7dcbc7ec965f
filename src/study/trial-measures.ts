import type { TracePoint } from "../api/trace.ts";
import type { TrialMeasures } from "../search/goals.ts";
import type { KnownMeasures } from "../search/measures.ts";

/**
 * What a trial has measured after one more evaluation: the scores at its lowest finite validation loss so far, what was not measured there as it
 * was measured elsewhere, and what it has cost until now. The same evaluation once more adds its scores to those of before.
 * `loss`, the metric and further measures by their names, `parameters` and `latency` where hyperparameters change the network; `seconds`, `gradients`,
 * `epochs`. Nothing of the test part, which no search may follow.
 */
export function measuresAfter(before: TrialMeasures, point: TracePoint, budget: number): TrialMeasures {
  const known: KnownMeasures = before;
  const { loss } = point.valid;
  const lowest = known.loss ?? NaN;
  const better = Number.isFinite(loss) && !(Number.isFinite(lowest) && lowest <= loss);
  const again = lowest === loss && known.epochs === budget;
  const scores = scoresOf(point);
  return {
    ...(better || again ? { ...before, ...scores } : { ...scores, ...before }),
    ...({
      seconds: Math.max(known.seconds ?? 0, point.seconds),
      gradients: Math.max(known.gradients ?? 0, point.gradientEvaluations),
      epochs: Math.max(known.epochs ?? 0, budget),
    } satisfies KnownMeasures),
  };
}

/** The scores of one evaluation. */
export const scoresOf = ({ valid, parameters, latency }: TracePoint): TrialMeasures => ({
  ...valid.measures,
  ...(valid.metric && { [valid.metric.name]: valid.metric.value }),
  ...({
    ...(parameters !== undefined && { parameters }),
    ...(latency !== undefined && { latency }),
    loss: valid.loss,
  } satisfies KnownMeasures),
});
