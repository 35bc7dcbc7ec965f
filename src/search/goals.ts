/**
 * What a search is for where that is more than the least value of one number: objectives and bounds, both by the names of measures.
 *
 * | symbol | meaning |
 * |---|---|
 * | f_i(x) | the i-th objective, turned so that less is better |
 * | b_j    | the j-th bound: measure m_j <= b_j or m_j >= b_j |
 * | v(x)   | how far the bounds are broken: the sum over j of the excess beyond b_j as a share of \|b_j\|, or itself where b_j is 0 |
 *
 * A share has no unit, so that bounds on seconds and on a million of parameters add up.
 */

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

/** The objectives f of a trial, each the less the better; NaN where one was not measured. */
export const costsOf = (measures: TrialMeasures, objectives: Goals["objectives"]): readonly number[] =>
  objectives.map(({ name, largest }) => (largest ? -1 : 1) * measureOf(measures, name));

/** v of a trial: 0 where it keeps all bounds, infinity where one was not measured. */
export const violationOf = (measures: TrialMeasures, bounds: Goals["bounds"]): number =>
  bounds.reduce((sum, { name, most, value }) => {
    const excess = (most ? 1 : -1) * (measureOf(measures, name) - value);
    return sum + (Number.isNaN(excess) ? Infinity : Math.max(excess, 0) / (Math.abs(value) || 1));
  }, 0);

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

const measureOf = (measures: TrialMeasures, name: string): number =>
  Object.hasOwn(measures, name) ? (measures[name] as number) : NaN;
