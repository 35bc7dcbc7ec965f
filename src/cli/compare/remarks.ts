import type { LossCurve, MethodStanding } from "../../api/comparison.ts";
import { isMethod, isSearch } from "../../methods/lookup.ts";
import { judgeRival, type JudgedLosses, type JudgedRows } from "../../report/judge-rival.ts";
import { inWords } from "../../util/words.ts";

/** What there is to say of a comparison, a sentence each: what a method did not do, what the rows cannot tell, and what the time was too short for. */
export function remarksOnComparison(
  curves: readonly LossCurve[],
  standings: readonly MethodStanding[],
  { seconds, rows }: { readonly seconds: number; readonly rows: JudgedRows },
): string[] {
  return [
    ...remarksOnTuning(curves),
    ...remarksOnUntrained(curves),
    ...remarksOnChance(standings, rows),
    ...remarksOnTime(curves, seconds),
  ];
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

/** On the methods none of whose networks came below the untrained one, from some seeds or all. */
export function remarksOnUntrained(curves: readonly LossCurve[]): string[] {
  const above = [...Map.groupBy(curves, ({ method }) => method)].flatMap(([method, own]) => {
    const seeds = own.filter(({ untrained }) => untrained !== undefined).length;
    return seeds === 0 ? [] : [seeds === own.length ? method : `${method} (${seeds} of ${own.length} seeds)`];
  });
  if (above.length === 0) return [];
  return [
    `No network of ${inWords(above, "or")} has a lower validation loss than the untrained one: take another learning rate (--lr), or other ranges of the hyperparameters (--hyper).`,
  ];
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
