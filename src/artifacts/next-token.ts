/**
 * The token that follows, by the network's outputs for it.
 *
 * | symbol | meaning |
 * |---|---|
 * | z | `logits`, one for each token of the vocabulary |
 * | T | `temperature` |
 * | u | `uniform`, on [0, 1) |
 *
 * At T = 0 it is the likeliest, and of those that are equally likely the first. Else it is drawn with the probabilities softmax(z / T), which for T = 1 are the network's own: the first
 * token whose cumulative probability exceeds u.
 */
export function nextToken(logits: ArrayLike<number>, temperature: number, uniform: number): number {
  const all = Array.from(logits);
  const highest = all.reduce((a, b) => Math.max(a, b), -Infinity);
  const likeliest = all.indexOf(highest);
  if (temperature === 0) return likeliest;
  const odds = all.map((z) => Math.exp((z - highest) / temperature));
  let left = uniform * odds.reduce((sum, each) => sum + each, 0);
  for (const [token, each] of odds.entries()) {
    if (left < each) return token;
    left -= each;
  }
  return likeliest; // rounding has left something over
}
