import type { Refit } from "../api/result.ts";
import type { Score } from "../api/trace.ts";
import { formatLoss, formatMetric, metricTitle } from "./format.ts";

/** What training on training and validation data together changed on the test part, in one sentence. */
export function refitSentence({ before, after, hold }: Refit): string {
  if (!before || !after) return "The data has no test part, so that nothing says what this gains.";
  const how = hold ? "the values of the best epoch held" : "the schedule found";
  return `Test loss before: ${scoreText(before)}; after training on both parts with ${how}: ${scoreText(after)}.`;
}

/** What a training with given hyperparameters is called in tables: it held the start, or followed those of another run. */
export const heldTitle = (refit: Refit | undefined): string => {
  if (refit === undefined) return "start held fixed";
  return refit.hold ? "values of the best epoch held" : "trained along the schedule";
};

/** How the validation part is called in tables: that of a refit holds rows that were trained on. */
export const validTitle = (title: string, refit: Refit | undefined): string =>
  refit === undefined ? title : `${title} (trained on)`;

const scoreText = ({ loss, metric }: Score): string =>
  `${formatLoss(loss)}${metric ? ` (${metricTitle(metric.name)} ${formatMetric(metric)})` : ""}`;
