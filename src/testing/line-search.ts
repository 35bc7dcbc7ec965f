/**
 * A root of a function that changes sign between two bounds, by bisection down to `width`.
 *
 * @throws if the function has one sign at both bounds.
 */
export function bisection(
  f: (at: number) => number,
  [low, high]: readonly [low: number, high: number],
  width = 1e-12,
): number {
  const atLow = f(low);
  if (!(atLow * f(high) < 0)) throw new Error(`internal: there is no change of sign from ${low} to ${high}`);
  let [a, b] = [low, high];
  while (b - a > width) {
    const middle = (a + b) / 2;
    if (f(middle) * atLow > 0) a = middle;
    else b = middle;
  }
  return (a + b) / 2;
}

/** The best of `points` points spread evenly between two bounds, both included. */
export function gridMinimum(
  f: (at: number) => number,
  [low, high]: readonly [low: number, high: number],
  points: number,
): number {
  const grid = Array.from({ length: points }, (_, i) => low + ((high - low) * i) / (points - 1));
  return grid.reduce((best, at) => (f(at) < f(best) ? at : best));
}
