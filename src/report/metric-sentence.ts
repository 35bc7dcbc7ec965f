import type { TracePoint } from "../api/trace.ts";
import { metricTitle } from "./format.ts";

/** That the metric of a run was no number at any evaluation; undefined where it was at one, and where there is none. */
export function metricSentence(trace: readonly TracePoint[]): string | undefined {
  const scores = trace.flatMap(({ valid, test }) =>
    [valid.metric, test?.metric].filter((one) => one !== undefined),
  );
  const [first] = scores;
  if (!first || scores.some(({ value }) => Number.isFinite(value))) return undefined; // a NaN comes out of JSON as null
  return `The metric ${metricTitle(first.name)} was no number at any evaluation: look at how it is computed, and on which rows.`;
}
