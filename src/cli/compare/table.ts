import type { CurvePoint, Failure, LossCurve, MethodStanding } from "../../api/comparison.ts";
import { formatTable } from "../../report/format.ts";
import { cellsOf, endOf } from "../../report/standings.ts";
import { middleOf, type Middle } from "../../util/statistics.ts";

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

/** The standings for people; a narrow terminal shows the columns that matter most. */
export function describeStandings(standings: readonly MethodStanding[], width?: number): string {
  const { headings, rows } = cellsOf(standings);
  const kept = ["method", "validation loss", "test loss"];
  const spare = headings.flatMap((heading, i) => (kept.includes(heading) ? [] : [i])).reverse();
  return formatTable([headings, ...rows], { width, spare });
}
