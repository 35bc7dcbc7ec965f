/** Spearman's rank correlation of two lists of as many numbers: 1 where they have the same order, -1 where the opposite one. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const [ra, rb] = [ranksOf(a), ranksOf(b)];
  return inner(ra, rb) / Math.sqrt(inner(ra, ra) * inner(rb, rb));
}

/** The ranks around 0; equal numbers in the order of the list. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => (values[i] as number) - (values[j] as number));
  const ranks = Array<number>(values.length);
  order.forEach((i, at) => (ranks[i] = at - (values.length - 1) / 2));
  return ranks;
}

const inner = (x: readonly number[], y: readonly number[]): number =>
  x.reduce((sum, value, i) => sum + value * (y[i] as number), 0);
