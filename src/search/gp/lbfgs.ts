/**
 * Minimisation in a box with first derivatives: L-BFGS (Nocedal and Wright 2006, algorithm 7.4) on the variables that are free, after
 * Bertsekas, "Projected Newton methods for optimization problems with simple constraints", 1982.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | x, g   | point and gradient | [p] |
 * | P      | projection on the box, element by element | |
 * | free   | the variables that are inside, or at a bound from which -g points inwards; the others stay | |
 * | s, y   | a step and the change of the gradient over it; the last few of them are the memory | [p] |
 * | r      | quasi-Newton step -H g of the free variables, H from the memory | [p] |
 * | d      | direction P(x + r) - x: the box is convex, so all steps up to 1 stay in it | [p] |
 *
 * The line search keeps to the segment, where the function is smooth, not to the bent path P(x + t r). Projection may turn a
 * quasi-Newton step uphill; then d is that of steepest descent, which it cannot turn, and the memory starts anew.
 */
import { strongWolfe, type StepTrial } from "./strong-wolfe.ts";

/** A value and its gradient. */
export interface Evaluation {
  /** Not finite where the function cannot be computed. */
  readonly value: number;
  /** [p] */
  readonly gradient: Float64Array;
}

/** Bounds of each variable; infinite where there is none. */
export interface Box {
  /** [p] */
  readonly low: Float64Array;
  /** At least `low`. [p] */
  readonly high: Float64Array;
}

/** When {@link lbfgs} stops. */
export interface LbfgsOptions {
  /** Most steps; default 200. */
  readonly maxIterations?: number;
  /** Stops when no element of P(x - g) - x is larger; default 1e-5. */
  readonly gradientTolerance?: number;
  /** Stops when a step lowers the value by less than this share of it, or less than this below 1; default 1e-10. */
  readonly valueTolerance?: number;
}

/** Where {@link lbfgs} ended. */
export interface Minimum extends Evaluation {
  /** In the box. [p] */
  readonly point: Float64Array;
  /** Whether a tolerance was met, rather than the number of steps used up or no step found. */
  readonly converged: boolean;
  /** Calls of the function. */
  readonly evaluations: number;
}

/**
 * A local minimum in a box, from `start`. For smooth functions of a few to some hundreds of variables whose value and gradient
 * cost about the same.
 *
 * @param evaluate the function; called with points in the box only.
 */
export function lbfgs(
  evaluate: (point: Float64Array) => Evaluation,
  start: Float64Array,
  box: Box,
  { maxIterations = 200, gradientTolerance = 1e-5, valueTolerance = 1e-10 }: LbfgsOptions = {},
): Minimum {
  let evaluations = 0;
  const place = (point: Float64Array): Place => {
    evaluations++;
    return { point, ...evaluate(point) };
  };
  const ended = ({ point, value, gradient }: Place, converged: boolean): Minimum => ({
    point,
    value,
    gradient,
    converged,
    evaluations,
  });
  let here = place(projected(start, box));
  let pairs: readonly Pair[] = [];
  for (let i = 0; i < maxIterations; i++) {
    if (stationarity(here, box) <= gradientTolerance) return ended(here, true);
    let next = searched(place, here, quasiNewton(here, pairs, box), box);
    if (next === undefined && pairs.length > 0) {
      pairs = [];
      next = searched(place, here, quasiNewton(here, pairs, box), box);
    }
    if (next === undefined) return ended(here, false);
    const gain = here.value - next.value;
    const size = Math.max(Math.abs(here.value), Math.abs(next.value), 1);
    pairs = remembered(pairs, here, next);
    here = next;
    if (gain <= valueTolerance * size) {
      const clean = pairsWithin(freeAt(here, box), pairs);
      if (clean.length === pairs.length) return ended(here, true);
      pairs = clean;
    }
  }
  return ended(here, stationarity(here, box) <= gradientTolerance);
}

interface Place extends Evaluation {
  readonly point: Float64Array;
}

interface Pair {
  /** s. */
  readonly step: Float64Array;
  /** y. */
  readonly change: Float64Array;
}

/** The largest element of P(x - g) - x: 0 at a minimum in the box. */
function stationarity({ point, gradient }: Place, box: Box): number {
  const moved = projected(
    point.map((x, i) => x - (gradient[i] as number)),
    box,
  );
  return moved.reduce((most, x, i) => Math.max(most, Math.abs(x - (point[i] as number))), 0);
}

/** The end of a line search along P(x + r) - x, unless that points uphill or no step is found. */
function searched(
  place: (point: Float64Array) => Place,
  here: Place,
  step: Float64Array,
  box: Box,
): Place | undefined {
  const { point, gradient } = here;
  const target = projected(sum(point, step, 1), box);
  const direction = sum(target, point, -1);
  const start = { ...here, step: 0, slope: dot(direction, gradient) };
  if (!(start.slope < 0)) return undefined;
  const at = (length: number): Place & StepTrial => {
    const there = place(projected(sum(point, direction, length), box)); // projected, against rounding
    return { ...there, step: length, slope: dot(direction, there.gradient) };
  };
  return strongWolfe(at, start, longestStep(point, direction, box));
}

/** The largest step along d in the box; at least 1. */
function longestStep(point: Float64Array, direction: Float64Array, { low, high }: Box): number {
  let longest = Infinity;
  direction.forEach((d, i) => {
    const bound = (d < 0 ? low[i] : high[i]) as number;
    if (d !== 0) longest = Math.min(longest, (bound - (point[i] as number)) / d);
  });
  return Math.max(longest, 1);
}

/**
 * r = -H g of the free variables by the two-loop recursion, in their subspace: pairs whose s'y is not positive there are left out.
 * Without a pair, -g, shortened to at most 1.
 */
function quasiNewton(here: Place, pairs: readonly Pair[], box: Box): Float64Array {
  const free = freeAt(here, box);
  const masked = (v: Float64Array): Float64Array => v.map((value, i) => value * (free[i] as number));
  const used = pairs
    .map(({ step, change }) => ({ step: masked(step), change: masked(change) }))
    .filter(isCurved);
  let r: Float64Array = masked(here.gradient).map((g) => -g);
  const newest = used.at(-1);
  if (newest === undefined) return r.map((value) => value / Math.max(Math.sqrt(dot(r, r)), 1));
  const shares = used.map(() => 0);
  for (let k = used.length - 1; k >= 0; k--) {
    const { step, change } = used[k] as Pair;
    const share = dot(step, r) / dot(step, change);
    shares[k] = share;
    r = sum(r, change, -share);
  }
  const scale = dot(newest.step, newest.change) / dot(newest.change, newest.change);
  r = r.map((value) => scale * value);
  used.forEach(({ step, change }, k) => {
    r = sum(r, step, (shares[k] as number) - dot(change, r) / dot(step, change));
  });
  return r;
}

/** 1 for a free variable, 0 for one that stays at its bound. */
const freeAt = ({ point, gradient }: Place, { low, high }: Box): Float64Array =>
  gradient.map((g, i) => {
    const x = point[i] as number;
    return (x <= (low[i] as number) && g > 0) || (x >= (high[i] as number) && g < 0) ? 0 : 1;
  });

/**
 * The pairs whose step moved free variables only. In the others, y holds what the rest did to the free variables' gradient, and may
 * make a step so short that it looks like the end.
 */
const pairsWithin = (free: Float64Array, pairs: readonly Pair[]): readonly Pair[] =>
  pairs.filter(({ step }) => step.every((s, i) => s === 0 || free[i] === 1));

/** The newest pairs, this step's included if the function curves upwards along it. */
function remembered(pairs: readonly Pair[], here: Place, next: Place): readonly Pair[] {
  const pair = { step: sum(next.point, here.point, -1), change: sum(next.gradient, here.gradient, -1) };
  return isCurved(pair) ? [...pairs, pair].slice(-MEMORY) : pairs;
}

/** Pairs (s, y) that are remembered. */
const MEMORY = 10;

/** Whether the function curves upwards along s, by more than rounding: s'y > 0, and a curvature y'y / s'y below 1 / epsilon. */
const isCurved = ({ step, change }: Pair): boolean =>
  dot(step, change) > Number.EPSILON * dot(change, change);

const projected = (point: Float64Array, { low, high }: Box): Float64Array =>
  point.map((x, i) => Math.min(Math.max(x, low[i] as number), high[i] as number));

/** a + t b. */
const sum = (a: Float64Array, b: Float64Array, t: number): Float64Array =>
  a.map((value, i) => value + t * (b[i] as number));

const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((total, value, i) => total + value * (b[i] as number), 0);
