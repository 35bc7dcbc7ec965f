import {
  formatLoss,
  formatMetric,
  formatNumber,
  formatSeconds,
  formatTable,
  metricTitle,
} from "../../report/format.ts";
import { isMethod, isSearch } from "../../methods/lookup.ts";
import type { LossCurve, CurvePoint } from "./curve.ts";

/** The middle of some numbers, and where the middle half of them ends. */
export interface Middle {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

/** What a method reached over all seeds. */
export interface MethodStanding {
  readonly method: string;
  readonly seeds: number;
  readonly valid: Middle;
  readonly test?: Middle;
  /** Of the test part, where the problem has a metric. */
  readonly metric?: { readonly name: string } & Middle;
  readonly trials: Middle;
  readonly gradientEvaluations: Middle;
  /** Seconds until the validation loss was at most `loss`; Infinity (null in JSON) for seeds that never were. */
  readonly reached: readonly { readonly loss: number; readonly seconds: Middle }[];
}

/**
 * The methods from the lowest median of the best validation losses.
 *
 * @param losses validation losses whose time is asked for; default the median of all methods' medians
 */
export function standingsOf(curves: readonly LossCurve[], losses?: readonly number[]): MethodStanding[] {
  const methods = [...new Set(curves.map(({ method }) => method))];
  const groups = methods.map((method) => curves.filter((curve) => curve.method === method));
  const medians = groups.map((group) => middleOf(group.map((curve) => endOf(curve).valid.loss)).median);
  const asked = losses ?? [middleOf(medians).median];
  return groups
    .map((group) => standingOf(group, asked))
    .sort((a, b) => a.valid.median - b.valid.median || a.method.localeCompare(b.method));
}

function standingOf(curves: readonly LossCurve[], losses: readonly number[]): MethodStanding {
  const ends = curves.map(endOf);
  const over = (of: (point: CurvePoint) => number): Middle => middleOf(ends.map(of));
  const first = ends.find(({ test }) => test);
  const metric = first?.test?.metric;
  return {
    method: (curves[0] as LossCurve).method,
    seeds: curves.length,
    valid: over(({ valid }) => valid.loss),
    ...(first && { test: over(({ test }) => test?.loss ?? Infinity) }),
    ...(metric && { metric: { name: metric.name, ...over(({ test }) => test?.metric?.value ?? -Infinity) } }),
    trials: middleOf(curves.map(({ trials }) => trials)),
    gradientEvaluations: over(({ gradientEvaluations }) => gradientEvaluations),
    reached: losses.map((loss) => ({
      loss,
      seconds: middleOf(
        curves.map(({ points }) => points.find(({ valid }) => valid.loss <= loss)?.seconds ?? Infinity),
      ),
    })),
  };
}

/** The last point of a curve; of one that failed at once, an infinite loss. */
export const endOf = ({ points }: LossCurve): CurvePoint =>
  points.at(-1) ?? { seconds: 0, gradientEvaluations: 0, valid: { loss: Infinity } };

/** Median and quartiles, by linear interpolation between ranks. */
export function middleOf(values: readonly number[]): Middle {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (quantile: number): number => {
    const place = quantile * (sorted.length - 1);
    const [below, above] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
    const share = place - Math.floor(place);
    return share === 0 || below === above ? below : below + share * (above - below);
  };
  return { median: at(0.5), lower: at(0.25), upper: at(0.75) };
}

/** The methods whose best became better in the last tenth of the time from half of their seeds or more. */
export function stillFalling(curves: readonly LossCurve[], seconds: number): string[] {
  const methods = [...new Set(curves.map(({ method }) => method))];
  return methods.filter((method) => {
    const own = curves.filter((curve) => curve.method === method);
    const late = own.filter(({ points }) =>
      points.some(
        (point, i) =>
          point.seconds > 0.9 * seconds && i > 0 && point.valid.loss < (points[i - 1]?.valid.loss as number),
      ),
    );
    return 2 * late.length >= own.length;
  });
}

/** The searches that made no second training from half of their seeds or more. */
export function withOneTraining(curves: readonly LossCurve[]): string[] {
  const methods = [...new Set(curves.map(({ method }) => method))].filter(
    (method) => isMethod(method) && isSearch(method),
  );
  return methods.filter((method) => {
    const own = curves.filter((curve) => curve.method === method && curve.failed === undefined);
    return own.length > 0 && 2 * own.filter(({ trials }) => trials <= 1).length >= own.length;
  });
}

/** A method that failed before its time was up. */
export interface Failure {
  readonly method: string;
  /** The seeds from which it did. */
  readonly seeds: readonly number[];
  /** Of how many. */
  readonly of: number;
  /** Why, from the first of these seeds. */
  readonly reason: string;
}

/** The methods that failed from some seed, in the order of the curves. */
export function failuresOf(curves: readonly LossCurve[]): Failure[] {
  const methods = [...new Set(curves.map(({ method }) => method))];
  return methods.flatMap((method) => {
    const own = curves.filter((curve) => curve.method === method);
    const failed = own.filter((curve) => curve.failed !== undefined);
    const [first] = failed;
    if (first?.failed === undefined) return [];
    return [{ method, seeds: failed.map(({ seed }) => seed), of: own.length, reason: first.failed }];
  });
}

/** A failure for people. */
export const describeFailure = ({ method, seeds, of, reason }: Failure): string =>
  `${method} failed from ${seeds.length} of ${of} ${of === 1 ? "seed" : "seeds"} (seed ${seeds[0]}: ${reason})`;

/** The standings for people; a narrow terminal shows the columns that matter most. */
export function describeStandings(standings: readonly MethodStanding[], width?: number): string {
  const { headings, rows } = cellsOf(standings);
  const kept = ["method", "validation loss", "test loss"];
  const spare = headings.flatMap((heading, i) => (kept.includes(heading) ? [] : [i])).reverse();
  return formatTable([headings, ...rows], { width, spare });
}

/** The cells of the table of standings; the first of a row is the method. */
export function cellsOf(standings: readonly MethodStanding[]): { headings: string[]; rows: string[][] } {
  const [first] = standings as [MethodStanding, ...MethodStanding[]]; // the best has all that there is, unless all failed at once
  const headings = [
    "method",
    "validation loss",
    "quartiles",
    ...(first.test ? ["test loss"] : []),
    ...(first.metric ? [metricTitle(first.metric.name)] : []),
    "trainings",
    "gradients",
    ...first.reached.map(({ loss }) => `time to ${formatLoss(loss)}`),
  ];
  const rows = standings.map(({ method, valid, test, metric, trials, gradientEvaluations, reached }) => [
    method,
    formatLoss(valid.median),
    `${formatLoss(valid.lower)} to ${formatLoss(valid.upper)}`,
    ...(first.test ? [formatLoss(test?.median)] : []),
    ...(first.metric ? [formatMetric(metric && { name: metric.name, value: metric.median })] : []),
    formatNumber(trials.median, 3),
    formatNumber(gradientEvaluations.median, 5),
    ...reached.map(({ seconds }) => formatSeconds(seconds.median)),
  ]);
  return { headings, rows };
}
