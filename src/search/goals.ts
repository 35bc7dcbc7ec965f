/**
 * What a search is for: objectives and bounds, both by the names of measures; which trial is its best, and which are on its front. Whoever
 * shows, keeps, serves or exports trials asks here.
 *
 * | symbol | meaning |
 * |---|---|
 * | f_i(x) | the i-th objective, turned so that less is better |
 * | b_j    | the j-th bound: measure m_j <= b_j or m_j >= b_j |
 * | v(x)   | how far the bounds are broken: the sum over j of the excess beyond b_j as a share of \|b_j\|, or itself where b_j is 0 |
 *
 * A share has no unit, so that bounds on seconds and on a million of parameters add up.
 */
import type { KnownMeasure } from "./measures.ts";
import { paretoFront } from "./pareto.ts";
import { objectWith } from "../util/rule.ts";

/** What is to be small or large. */
export interface SearchObjective {
  readonly name: string;
  readonly largest: boolean;
}

/** A bound that a trial must keep. */
export interface Bound {
  readonly name: string;
  /** Whether it is the most that is allowed, or else the least. */
  readonly most: boolean;
  readonly value: number;
}

/** What a search follows. */
export interface Goals {
  /** At least one. */
  readonly objectives: readonly SearchObjective[];
  readonly bounds: readonly Bound[];
}

/** What was measured of a trial, by name. */
export type TrialMeasures = Readonly<Record<string, number>>;

/** The goals of a search that was told none: the least loss. */
export const leastLoss: Goals = { objectives: [{ name: "loss", largest: false }], bounds: [] };

/** The objectives f of a trial, each the less the better; NaN where one was not measured. */
export const costsOf = (measures: TrialMeasures, objectives: Goals["objectives"]): readonly number[] =>
  objectives.map(({ name, largest }) => (largest ? -1 : 1) * measureOf(measures, name));

/** v of a trial: 0 where it keeps all bounds, infinity where one was not measured. */
export const violationOf = (measures: TrialMeasures, bounds: Goals["bounds"]): number =>
  bounds.reduce((sum, { name, most, value }) => {
    const excess = (most ? 1 : -1) * (measureOf(measures, name) - value);
    return sum + (Number.isNaN(excess) ? Infinity : Math.max(excess, 0) / (Math.abs(value) || 1));
  }, 0);

/** Whether a trial keeps all bounds: no other is the best, or on the front. */
export const keepsBounds = (measures: TrialMeasures, { bounds }: Pick<Goals, "bounds">): boolean =>
  violationOf(measures, bounds) === 0;

/**
 * The best trial: that of the least loss among those that keep all bounds, the first of equals; nothing where none of these has a loss.
 *
 * @param lossOf NaN for a trial without one
 */
export function bestOf<T>(
  trials: Iterable<T>,
  lossOf: (trial: T) => number,
  keeps: (trial: T) => boolean,
): T | undefined {
  let best: T | undefined;
  let least = Infinity;
  for (const trial of trials) {
    const loss = lossOf(trial);
    if (!(loss < least) || !keeps(trial)) continue;
    best = trial;
    least = loss;
  }
  return best;
}

/** The trials that keep all bounds and than which no other of these is better in all objectives, ordered by the first. */
export function frontOf<T>(
  trials: readonly T[],
  measuresIn: (trial: T) => TrialMeasures,
  goals: Goals,
): readonly T[] {
  const kept = trials.filter((trial) => keepsBounds(measuresIn(trial), goals));
  const rows = kept.map((trial) => costsOf(measuresIn(trial), goals.objectives));
  return paretoFront(rows).map((i) => kept[i] as T);
}

/** The first measure that bounds want above what they allow, as "loss >= 2 and <= 1"; no trial keeps these. */
export function contradictionIn(bounds: Goals["bounds"]): string | undefined {
  for (const { name, value } of bounds.filter(({ most }) => !most)) {
    const least = bounds.find((other) => other.most && other.name === name && other.value < value);
    if (least) return `${name} >= ${value} and <= ${least.value}`;
  }
  return undefined;
}

/** The names of all measures that a search follows. */
export const measuresOf = ({ objectives, bounds }: Goals): readonly string[] => [
  ...new Set([...objectives, ...bounds].map(({ name }) => name)),
];

/** Whether a search follows a measure. */
export const follows = (goals: Goals, measure: KnownMeasure): boolean => measuresOf(goals).includes(measure);

const measureOf = (measures: TrialMeasures, name: string): number =>
  Object.hasOwn(measures, name) ? (measures[name] as number) : NaN;

/** What goals must be. */
export const someGoals = objectWith<Goals>("goals, { objectives, bounds }", {
  objectives: "object",
  bounds: "object",
});
