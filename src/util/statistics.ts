/** The arithmetic mean. */
export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The 10 %, 50 % and 90 % quantiles of a list of numbers. */
export function quantilesOf(values: readonly number[]): { q10: number; q50: number; q90: number } {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] as number;
  return { q10: at(0.1), q50: at(0.5), q90: at(0.9) };
}
