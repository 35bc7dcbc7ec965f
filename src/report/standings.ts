import type { CurvePoint, Failure, LossCurve, MethodStanding } from "../api/comparison.ts";
import { formatNumber } from "../util/format-number.ts";
import { formatLoss, formatMetric, formatSeconds, metricTitle } from "./format.ts";

/** The last point of a curve; of one that failed at once, an infinite loss. */
export const endOf = ({ points }: LossCurve): CurvePoint =>
  points.at(-1) ?? { seconds: 0, gradientEvaluations: 0, valid: { loss: Infinity } };

/** A failure for people. */
export const describeFailure = ({ method, seeds, of, reason }: Failure): string =>
  `${method} failed from ${seeds.length} of ${of} ${of === 1 ? "seed" : "seeds"} (seed ${seeds[0]}: ${reason})`;

/** The cells of the table of standings; the first of a row is the method. */
export function cellsOf(standings: readonly MethodStanding[]): { headings: string[]; rows: string[][] } {
  const [first] = standings as [MethodStanding, ...MethodStanding[]]; // the best has all that there is, unless all failed at once
  const asked = first.reached.filter(({ loss }) => Number.isFinite(loss));
  const headings = [
    "method",
    "validation loss",
    "quartiles",
    ...(first.test ? ["test loss"] : []),
    ...(first.metric ? [metricTitle(first.metric.name)] : []),
    "trainings",
    "gradients",
    ...asked.map(({ loss }) => `time to ${formatLoss(loss)}`),
  ];
  const rows = standings.map(({ method, valid, test, metric, trials, gradientEvaluations, reached }) => [
    method,
    formatLoss(valid.median),
    Number.isFinite(valid.lower) ? `${formatLoss(valid.lower)} to ${formatLoss(valid.upper)}` : "–",
    ...(first.test ? [formatLoss(test?.median)] : []),
    ...(first.metric ? [formatMetric(metric && { name: metric.name, value: metric.median })] : []),
    ...(gradientEvaluations.median > 0
      ? [formatNumber(trials.median, 3), formatNumber(gradientEvaluations.median, 5)]
      : ["–", "–"]), // nobody knows of a method that failed before its first evaluation
    ...reached.slice(0, asked.length).map(({ seconds }) => formatSeconds(seconds.median)),
  ]);
  return { headings, rows };
}
