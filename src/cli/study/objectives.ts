import type { TracePoint } from "../../api/trace.ts";
import {
  contradictionIn,
  costsOf,
  violationOf,
  type Bound,
  type Goals,
  type TrialMeasures,
  type SearchObjective,
} from "../../search/goals.ts";
import { paretoFront } from "../../search/pareto.ts";
import type { StoredPoint } from "../../storage/storage.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import { decimalOf } from "../../util/decimal.ts";
import { inputError } from "../../util/error.ts";
import { nearest } from "../../util/nearest.ts";
import { shown } from "../../util/text.ts";
import { hyperLabels } from "./hyper-labels.ts";

/** A trial by what it reached and cost, and its hyperparameters that are numbers. */
export interface MeasuredTrial {
  readonly number: number;
  readonly values: TrialRecord["values"];
  readonly measures: TrialMeasures;
}

/**
 * What trials reached at their lowest validation loss, and cost in all: `loss`, `test loss`, the metrics by name, `seconds`, `gradients`,
 * `epochs`, `parameters` where they differ, and the hyperparameters that are numbers, by their labels. Trials that failed, or have no loss, are left out.
 */
export function measuredTrials(
  trials: readonly TrialRecord[],
  points: readonly StoredPoint[],
): readonly MeasuredTrial[] {
  const own = Map.groupBy(
    points.filter(({ budget }) => budget > 0),
    ({ trial }) => trial,
  );
  const labels = hyperLabels(hyperNames(trials), told(points));
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
const told = (points: readonly StoredPoint[]): ReadonlySet<string> =>
  new Set(points.flatMap(({ point }) => Object.keys(scoresOf(point))));

/** What a trial reached at its lowest validation loss, and cost in all; undefined of one that has no loss. */
export function reachedBy(curve: readonly StoredPoint[]): Readonly<Record<string, number>> | undefined {
  const [first] = curve;
  if (!first) return undefined;
  const best = curve.reduce((a, b) => (b.point.valid.loss < a.point.valid.loss ? b : a), first);
  const cost = (of: (stored: StoredPoint) => number) =>
    curve.reduce((most, stored) => Math.max(most, of(stored)), 0);
  return {
    ...scoresOf(best.point),
    seconds: cost(({ point }) => point.seconds),
    gradients: cost(({ point }) => point.gradientEvaluations),
    epochs: cost(({ budget }) => budget),
  };
}

const scoresOf = ({ valid, test, parameters }: TracePoint): Record<string, number> => ({
  ...valid.measures,
  ...(valid.metric && { [valid.metric.name]: valid.metric.value }),
  ...(parameters !== undefined && { parameters }),
  loss: valid.loss,
  ...(test && { "test loss": test.loss }),
});

/**
 * Objectives behind commas, `max:` before those that are to be large.
 *
 * @param least how many there must be
 * @throws {HypertrainError} for a text that is none.
 */
export function objectivesIn(text: string, least = 2): readonly SearchObjective[] {
  const found = text.split(",").map((part) => {
    const [, sense, name = ""] = /^(?:(max|min):)?(.*)$/s.exec(part.trim()) ?? [];
    return { name, largest: sense === "max" };
  });
  const names = found.map(({ name }) => name);
  if (names.length >= least && !names.includes("") && new Set(names).size === names.length) return found;
  throw inputError(
    `--objectives must be ${least > 1 ? "two or more " : ""}different names behind commas, max: before those that are to be large, but got "${shown(text)}"; write for example --objectives loss,seconds`,
  );
}

/** Bounds behind commas, such as `seconds<=10,accuracy>=0.9`. @throws {HypertrainError} for a text that is none. */
export function boundsIn(text: string): readonly Bound[] {
  return text.split(",").map((part) => {
    const [, name = "", sense, number = ""] = /^\s*(.+?)\s*(<=|>=)\s*(\S+)\s*$/.exec(part) ?? [];
    const value = decimalOf(number);
    if (name !== "" && !Number.isNaN(value)) return { name, most: sense === "<=", value };
    throw inputError(
      `--where must be bounds behind commas, NAME<=NUMBER or NAME>=NUMBER, but got "${shown(part)}"; write for example --where "seconds<=10"`,
    );
  });
}

/** Demands that the loss is to be small: "best" means the lowest loss everywhere. @throws {HypertrainError} where it is not. */
export function demandLeastLoss(objectives: readonly SearchObjective[]): void {
  if (!objectives.some(({ name, largest }) => name === "loss" && largest)) return;
  throw inputError(
    "the objective loss must be minimized, since a study's best trial is that of the lowest loss, but got it to be maximized; tell what is to be large as a measure of another name",
  );
}

/** What objectives and bounds say, the loss being the objective where none is said; nothing without either. */
export function goalsIn(said: {
  readonly objectives?: string | undefined;
  readonly where?: string | undefined;
}): Goals | undefined {
  const { objectives, where } = said;
  if (objectives === undefined && where === undefined) return undefined;
  const goals = {
    objectives: objectivesIn(objectives ?? "loss", 1),
    bounds: where === undefined ? [] : boundsIn(where),
  };
  demandLeastLoss(goals.objectives);
  const impossible = contradictionIn(goals.bounds);
  if (impossible === undefined) return goals;
  throw inputError(
    `--where must have bounds that a trial can keep, but got ${shown(impossible)}; widen one of them`,
  );
}

/**
 * The trials within the bounds that no other of these is better than in all objectives, ordered by the first.
 *
 * @throws {HypertrainError} for a name that no trial has.
 */
export function frontOf(
  trials: readonly MeasuredTrial[],
  objectives: readonly SearchObjective[],
  bounds: readonly Bound[],
): readonly MeasuredTrial[] {
  const known = [...new Set(trials.flatMap(({ measures }) => Object.keys(measures)))];
  for (const { name } of [...objectives, ...bounds]) {
    if (trials.length === 0 || known.includes(name)) continue;
    throw inputError(
      `objectives and bounds must be measures of the study's trials, but got "${shown(name)}"${nearest(name, known) || `; they have ${known.join(", ")}`}`,
    );
  }
  const within = trials.filter(({ measures }) => violationOf(measures, bounds) === 0);
  const rows = within.map(({ measures }) => costsOf(measures, objectives));
  return paretoFront(rows).map((i) => within[i] as MeasuredTrial);
}
