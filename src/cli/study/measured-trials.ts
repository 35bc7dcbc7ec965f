import { frontOf, type Goals, type TrialMeasures } from "../../search/goals.ts";
import type { KnownMeasures } from "../../search/measures.ts";
import type { StoredPoint } from "../../storage/storage.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import { measuresAfter, scoresOf } from "../../study/trial-measures.ts";
import { inputError } from "../../util/error.ts";
import { nearest } from "../../util/nearest.ts";
import { oneLine } from "../../util/text.ts";
import { hyperLabels } from "./hyper-labels.ts";

/** A trial by what it reached and cost, and its hyperparameters that are numbers. */
export interface MeasuredTrial {
  readonly number: number;
  readonly values: TrialRecord["values"];
  readonly measures: TrialMeasures;
}

/**
 * What trials reached at their lowest validation loss, and cost in all: `loss`, `test loss`, the metrics by name, `seconds`, `gradients`,
 * `epochs`, `parameters` and `latency` where they differ, and the hyperparameters that are numbers, by their labels. Trials that failed, or have no loss, are left out.
 */
export function measuredTrials(
  trials: readonly TrialRecord[],
  points: readonly StoredPoint[],
): readonly MeasuredTrial[] {
  const own = Map.groupBy(
    points.filter(({ budget }) => budget > 0),
    ({ trial }) => trial,
  );
  const labels = hyperLabels(hyperNames(trials), toldMeasures(points));
  return trials.flatMap(({ number, values, state }): MeasuredTrial[] => {
    const curve = own.get(number) ?? [];
    const reached = reachedBy(curve);
    if (!reached || state === "failed") return [];
    const numbers = Object.entries(values).flatMap(([name, value]) =>
      typeof value === "number" ? [[labels.get(name), value] as const] : [],
    );
    return [
      {
        ...{ number, values },
        measures: { ...Object.fromEntries(numbers), ...reached },
      },
    ];
  });
}

/** The names of hyperparameters of some trials. */
export const hyperNames = (trials: readonly Pick<TrialRecord, "values">[]): readonly string[] => [
  ...new Set(trials.flatMap(({ values }) => Object.keys(values))),
];

/** The names of what was measured beside the losses. */
export const toldMeasures = (points: readonly StoredPoint[]): ReadonlySet<string> =>
  new Set(
    points.flatMap(({ point }) => [...Object.keys(scoresOf(point)), ...(point.test ? ["test loss"] : [])]),
  );

/** What a trial reached at its lowest validation loss (`measuresAfter`), its test loss there, and what it cost in all; undefined of one that has no loss. */
export function reachedBy(curve: readonly StoredPoint[]): Readonly<Record<string, number>> | undefined {
  if (curve.length === 0) return undefined;
  const measures = curve.reduce<TrialMeasures>(
    (before, { point, budget }) => measuresAfter(before, point, budget),
    {},
  );
  const known: KnownMeasures = measures;
  const best = curve.find(({ point }) => point.valid.loss === known.loss);
  return { ...measures, ...(best?.point.test && { "test loss": best.point.test.loss }) };
}

/**
 * The trials within the bounds that no other of these is better than in all objectives, ordered by the first.
 *
 * @throws {HypertrainError} for a name that no trial has.
 */
export function measuredFront(trials: readonly MeasuredTrial[], goals: Goals): readonly MeasuredTrial[] {
  const known = [...new Set(trials.flatMap(({ measures }) => Object.keys(measures)))];
  for (const { name } of [...goals.objectives, ...goals.bounds]) {
    if (trials.length === 0 || known.includes(name)) continue;
    throw inputError(
      `objectives and bounds must be measures of the study's trials, but got "${oneLine(name)}"${nearest(name, known) || `; they have ${known.join(", ")}`}`,
    );
  }
  return frontOf(trials, ({ measures }) => measures, goals);
}
