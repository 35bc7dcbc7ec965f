import type { CurvePoint, Failure, LossCurve, MethodStanding } from "../../api/comparison.ts";
import { isMethod, isSearch } from "../../methods/lookup.ts";
import { judgeRival, type JudgedLosses, type JudgedRows } from "../../report/judge-rival.ts";
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

/** A sentence on each method that moved no hyperparameter, from some seeds or all. */
export function remarksOnTuning(curves: readonly LossCurve[]): string[] {
  return [...Map.groupBy(curves, ({ method }) => method)].flatMap(([method, own]) => {
    const still = own.filter(({ untuned }) => untuned !== undefined);
    const [first] = still;
    if (first?.untuned === undefined) return [];
    const seeds = own.length === 1 ? "" : ` from ${still.length} of ${own.length} seeds`;
    return [`${method} tuned nothing${seeds}: what it reached there is plain training's. ${first.untuned}`];
  });
}

/** A sentence on each method none of whose networks came below the untrained one, from some seeds or all. */
export function remarksOnUntrained(curves: readonly LossCurve[]): string[] {
  return [...Map.groupBy(curves, ({ method }) => method)].flatMap(([method, own]) => {
    const above = own.filter(({ untrained }) => untrained !== undefined);
    if (above.length === 0) return [];
    const seeds = own.length === 1 ? "" : ` from ${above.length} of ${own.length} seeds`;
    return [
      `No network of ${method}${seeds} has a lower validation loss than the untrained one: take another learning rate (--lr), or other ranges of the hyperparameters (--hyper).`,
    ];
  });
}

/** Sentences on what the time was too short for. */
export function remarksOnTime(curves: readonly LossCurve[], seconds: number): string[] {
  const remark = (text: string, methods: readonly string[]): string[] =>
    methods.length === 0 ? [] : [`${text}: ${methods.join(", ")}.`];
  const unknown = unevaluated(curves);
  return [
    ...remark(
      "The budget (--time, --budget-steps) was too short for one evaluation from at least half of the seeds, so that nothing is known",
      unknown,
    ),
    ...remark(
      "The budget was too short for one evaluation from some seeds, which count as an infinite loss",
      inPart(curves).filter((method) => !unknown.includes(method)),
    ),
    ...remark(
      "Still improving in the last tenth of the time from at least half of the seeds, so that more time might change their places",
      stillFalling(curves, seconds),
    ),
    ...remark(
      "Searches whose time was too short for a second training from at least half of the seeds, so that they have not searched",
      withOneTraining(curves).filter((method) => !unknown.includes(method)),
    ),
  ];
}

/** A sentence on the methods that so many rows do not tell from the best, by medians. */
export function remarksOnChance(standings: readonly MethodStanding[], rows: JudgedRows): string[] {
  const [best, ...others] = standings.filter(({ valid }) => Number.isFinite(valid.median));
  if (!best) return [];
  const lossesOf = ({ valid, test }: MethodStanding): JudgedLosses => ({
    valid: { loss: valid.median },
    ...(test && { test: { loss: test.median } }),
  });
  const alike = others.filter((other) => judgeRival(lossesOf(best), lossesOf(other), rows) !== "better");
  if (alike.length === 0) return [];
  const judged = rows.valid + (best.test ? (rows.test ?? 0) : 0);
  const parts = best.test ? "validation and test rows" : "validation rows";
  return [
    `As good as ${best.method}, as far as ${judged} ${parts} can tell: ${alike.map(({ method }) => method).join(", ")}.`,
  ];
}

/** The methods without a single evaluation from half of their seeds or more, although they did not fail. */
const unevaluated = (curves: readonly LossCurve[]): string[] =>
  withoutPoints(curves, (share) => share >= 0.5);

/** Those without one from some of their seeds. */
const inPart = (curves: readonly LossCurve[]): string[] => withoutPoints(curves, (share) => share > 0);

const withoutPoints = (curves: readonly LossCurve[], takes: (share: number) => boolean): string[] =>
  [...Map.groupBy(curves, ({ method }) => method)].flatMap(([method, own]) => {
    const empty = own.filter(({ points, failed }) => points.length === 0 && failed === undefined);
    return takes(empty.length / own.length) ? [method] : [];
  });

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
function withOneTraining(curves: readonly LossCurve[]): string[] {
  const methods = [...new Set(curves.map(({ method }) => method))].filter(
    (method) => isMethod(method) && isSearch(method),
  );
  return methods.filter((method) => {
    const own = curves.filter((curve) => curve.method === method && curve.failed === undefined);
    return own.length > 0 && 2 * own.filter(({ trials }) => trials <= 1).length >= own.length;
  });
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
