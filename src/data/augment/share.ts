/**
 * The larger of b and 1 - b for b from Beta(α, α), by its quantile function, so that it moves with α and stays a function of one uniform number.
 *
 * With s = 1 - m from 0 to 1/2 its distribution is P(S <= s) = 2 I_s(α, α), the regularised incomplete beta function.
 *
 * @param uniform from 0 to 1
 */
export function randomShareOf(alpha: number, uniform: number): number {
  if (alpha === 0) return 1;
  const wanted = uniform / 2;
  let [low, high] = [0, 0.5];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, alpha) < wanted) low = middle;
    else high = middle;
  }
  return 1 - low;
}

/** I_x(a, a) for x up to 1/2, by its continued fraction (Abramowitz and Stegun 26.5.8, evaluated by Lentz's method). */
function incompleteBeta(x: number, a: number): number {
  if (x === 0) return 0;
  const front = Math.exp(logGamma(2 * a) - 2 * logGamma(a) + a * Math.log(x * (1 - x))) / a;
  let c = 1;
  let d = 1 / nonZero(1 - (2 * a * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= 200; m++) {
    const even = (m * (a - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (2 * a + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-12) break;
  }
  return front * value;
}

const nonZero = (x: number): number => (Math.abs(x) < 1e-300 ? 1e-300 : x);

/** The logarithm of the gamma function for x > 0, by Stirling's series behind the recurrence. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 10; z++) shift += Math.log(z);
  const r = 1 / (z * z);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r / 1680))) / z;
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
