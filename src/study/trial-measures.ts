import type { TracePoint } from "../api/trace.ts";
import type { TrialMeasures } from "../search/goals.ts";

/**
 * What a trial has measured after one more evaluation: the scores at its lowest finite validation loss so far, what was not measured there as it
 * was measured elsewhere, and what it has cost until now. The same evaluation once more adds its scores to those of before.
 * `loss`, the metric and further measures by their names, `parameters` and `latency` where hyperparameters change the network; `seconds`, `gradients`,
 * `epochs`. Nothing of the test part, which no search may follow.
 */
export function measuresAfter(before: TrialMeasures, point: TracePoint, budget: number): TrialMeasures {
  const { loss } = point.valid;
  const lowest = before["loss"] ?? NaN;
  const better = Number.isFinite(loss) && !(Number.isFinite(lowest) && lowest <= loss);
  const again = lowest === loss && before["epochs"] === budget;
  const scores = scoresOf(point);
  return {
    ...(better || again ? { ...before, ...scores } : { ...scores, ...before }),
    seconds: Math.max(before["seconds"] ?? 0, point.seconds),
    gradients: Math.max(before["gradients"] ?? 0, point.gradientEvaluations),
    epochs: Math.max(before["epochs"] ?? 0, budget),
  };
}

/** The scores of one evaluation. */
export const scoresOf = ({ valid, parameters, latency }: TracePoint): TrialMeasures => ({
  ...valid.measures,
  ...(valid.metric && { [valid.metric.name]: valid.metric.value }),
  ...(parameters !== undefined && { parameters }),
  ...(latency !== undefined && { latency }),
  loss: valid.loss,
});
