/**
 * The standard normal distribution, to double precision.
 *
 * | symbol | meaning |
 * |---|---|
 * | phi, Phi | density and distribution function |
 * | m(x)     | Mills' ratio Phi(-x) / phi(x), for x >= 0: what is left of the tail when exp(-x^2 / 2) is divided out |
 *
 * Phi and m by the rational approximations of Cody, "Rational Chebyshev approximations for the error function", 1969, as arranged in
 * his program ANORM (1993); the inverse by Wichura, "Algorithm AS 241: the percentage points of the normal distribution", 1988.
 */

/** log(2 pi) / 2: minus the logarithm of the density at 0. */
export const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** phi(x). */
export const normalDensity = (x: number): number => Math.exp(-0.5 * x * x - HALF_LOG_TWO_PI);

/** Phi(x): the probability of less than x. Relative error about 1e-15, in the lower tail as well. */
export function normalCdf(x: number): number {
  const size = Math.abs(x);
  if (size <= CENTRE) return 0.5 + x * ratio(x * x, CENTRE_TOP, CENTRE_BOTTOM);
  const tail = Math.exp(-0.5 * x * x) * scaledTail(size);
  return x < 0 ? tail : 1 - tail;
}

/** m(x) = Phi(-x) / phi(x) for x >= 0. It falls from sqrt(pi / 2) as 1 / x. */
export const millsRatio = (x: number): number =>
  x <= CENTRE ? normalCdf(-x) / normalDensity(x) : SQRT_TWO_PI * scaledTail(x);

/** The x with Phi(x) = p, for p on [0, 1]; infinite at the ends. Relative error about 1e-15. */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(0.180625 - q * q, NEAR_TOP, NEAR_BOTTOM);
  const smaller = q < 0 ? p : 1 - p;
  if (smaller <= 0) return q < 0 ? -Infinity : Infinity;
  const r = Math.sqrt(-Math.log(smaller));
  const size = r <= 5 ? ratio(r - 1.6, MID_TOP, MID_BOTTOM) : ratio(r - 5, FAR_TOP, FAR_BOTTOM);
  return q < 0 ? -size : size;
}

/** Phi(-x) exp(x^2 / 2) for x above {@link CENTRE}. */
function scaledTail(x: number): number {
  if (x <= MIDDLE) return ratio(x, TAIL_TOP, TAIL_BOTTOM);
  const s = 1 / (x * x);
  return (1 / SQRT_TWO_PI - s * ratio(s, FAR_TAIL_TOP, FAR_TAIL_BOTTOM)) / x;
}

/** Two polynomials by Horner's rule, coefficients of the highest powers first. */
function ratio(x: number, top: readonly number[], bottom: readonly number[]): number {
  let above = 0;
  let below = 0;
  for (let i = 0; i < top.length; i++) above = above * x + (top[i] as number);
  for (let i = 0; i < bottom.length; i++) below = below * x + (bottom[i] as number);
  return above / below;
}

const SQRT_TWO_PI = Math.sqrt(2 * Math.PI);

/* Cody's coefficients; between |x| = 0.67448975 and sqrt(32) those of the scaled tail. */
const CENTRE = 0.67448975;
const MIDDLE = Math.sqrt(32);
const CENTRE_TOP = [
  0.065682337918207449113, 2.2352520354606839287, 161.02823106855587881, 1067.6894854603709582,
  18154.981253343561249,
];
const CENTRE_BOTTOM = [
  1, 47.20258190468824187, 976.09855173777669322, 10260.932208618978205, 45507.789335026729956,
];
const TAIL_TOP = [
  1.0765576773720192317e-8, 0.39894151208813466764, 8.8831497943883759412, 93.506656132177855979,
  597.27027639480026226, 2494.5375852903726711, 6848.1904505362823326, 11602.651437647350124,
  9842.7148383839780218,
];
const TAIL_BOTTOM = [
  1, 22.266688044328115691, 235.38790178262499861, 1519.377599407554805, 6485.558298266760755,
  18615.571640885098091, 34900.952721145977266, 38912.003286093271411, 19685.429676859990727,
];
const FAR_TAIL_TOP = [
  0.02307344176494017303, 0.21589853405795699, 0.1274011611602473639, 0.022235277870649807,
  0.001421619193227893466, 2.9112874951168792e-5,
];
const FAR_TAIL_BOTTOM = [
  1, 1.28426009614491121, 0.468238212480865118, 0.0659881378689285515, 0.00378239633202758244,
  7.29751555083966205e-5,
];

/* Wichura's coefficients: near 1/2, in the tails, and far out. */
const NEAR_TOP = [
  2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
  13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
];
const NEAR_BOTTOM = [
  5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
  5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1,
];
const MID_TOP = [
  7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
  3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
];
const MID_BOTTOM = [
  1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
  0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1,
];
const FAR_TOP = [
  2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
  0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
];
const FAR_BOTTOM = [
  2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
  0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1,
];
