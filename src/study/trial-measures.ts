import type { TracePoint } from "../api/trace.ts";
import type { TrialMeasures } from "../search/goals.ts";

/**
 * What a trial has measured after one more evaluation: the scores at its lowest validation loss so far, and what it has cost until now.
 * `loss`, the metric and further measures by their names, `parameters` and `latency` where hyperparameters change the network; `seconds`, `gradients`,
 * `epochs`. Nothing of the test part, which no search may follow.
 */
export function measuresAfter(before: TrialMeasures, point: TracePoint, budget: number): TrialMeasures {
  const better = !((before["loss"] ?? Infinity) <= point.valid.loss);
  return {
    ...before,
    ...(better && scoresOf(point)),
    seconds: Math.max(before["seconds"] ?? 0, point.seconds),
    gradients: Math.max(before["gradients"] ?? 0, point.gradientEvaluations),
    epochs: Math.max(before["epochs"] ?? 0, budget),
  };
}

/** The scores of one evaluation. */
const scoresOf = ({ valid, parameters, latency }: TracePoint): TrialMeasures => ({
  ...valid.measures,
  ...(valid.metric && { [valid.metric.name]: valid.metric.value }),
  ...(parameters !== undefined && { parameters }),
  ...(latency !== undefined && { latency }),
  loss: valid.loss,
});
