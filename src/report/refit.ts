import type { Refit } from "../api/result.ts";
import type { Score } from "../api/trace.ts";
import { formatLoss, formatMetric, metricTitle } from "./format.ts";

/** What training on training and validation data together changed on the test part, in one sentence. */
export function refitSentence({ before, after, hold }: Refit): string {
  if (!before || !after) return "The data has no test part, so that nothing says what this gains.";
  const how = hold ? "the values of the best epoch held" : "the schedule found";
  return `Test loss before: ${scoreText(before)}; after training on both parts with ${how}: ${scoreText(after)}.`;
}

const scoreText = ({ loss, metric }: Score): string =>
  `${formatLoss(loss)}${metric ? ` (${metricTitle(metric.name)} ${formatMetric(metric)})` : ""}`;
