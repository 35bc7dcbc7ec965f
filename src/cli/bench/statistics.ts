/** What a list of measurements comes to: all in the unit of the values. */
export interface Spread {
  readonly median: number;
  /** A quarter of the values is below. */
  readonly lowerQuartile: number;
  /** A quarter of the values is above. */
  readonly upperQuartile: number;
  readonly min: number;
  readonly max: number;
}

/** The median and spread of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    lowerQuartile: quantile(sorted, 0.25),
    upperQuartile: quantile(sorted, 0.75),
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
  };
}

/** The middle value; between two, their mean. */
export const medianOf = (values: readonly number[]): number => spreadOf(values).median;

/** How many times as long one thing took as another, pair by pair of the same round: the median of each. */
export const ratiosByRound = (
  times: readonly (readonly number[])[],
  reference: readonly (readonly number[])[],
): number[] => times.map((round, i) => medianOf(round) / medianOf(reference[i] ?? []));

/** Linear between the two nearest ranks, as numpy and R do by default. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (at - Math.floor(at)) * (above - below);
}
