/** Trials that a Gaussian process sees at most. */
const MOST = 1000;

/** Trials for which the others stay as they are. */
const PIECE = 250;

/**
 * Which trials a Gaussian process sees: all up to a thousand. Of more, the last ones, up to 250, and of those before the best, 750, so that a
 * suggestion costs the same from there on. They change with every 250th trial only, by which the process's factor grows in between.
 *
 * @param losses of all trials, in their order
 * @returns their places, rising
 */
export function gpSubset(losses: ArrayLike<number>): number[] {
  const places = Array.from(losses, (_, i) => i);
  if (places.length <= MOST) return places;
  const settled = PIECE * Math.floor((places.length - 1) / PIECE);
  const loss = (i: number) => losses[i] as number;
  const best = places
    .slice(0, settled)
    .sort((a, b) => loss(a) - loss(b) || a - b)
    .slice(0, MOST - PIECE)
    .sort((a, b) => a - b);
  return [...best, ...places.slice(settled)];
}
