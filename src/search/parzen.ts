/**
 * Parzen estimators over mixed coordinates: how common points like some given ones are.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | x_i    | the given points, coordinates on (0, 1) or missing (NaN) | n of [d] |
 * | w_i    | their weights, and that of the prior; they sum to 1 | [n + 1] |
 * | s_j    | bandwidth of coordinate j, if it is real or integer | scalar |
 * | k_j    | kernel of coordinate j, a density or a probability that integrates to 1 over the coordinate | |
 *
 *     p(x) = sum_i w_i prod_j k_j(x_j | x_ij) + w_prior prod_j f_j prior_j(x_j)
 *
 * Points are drawn from p with f = 1, a density. Where two estimators are compared, f_j is the height of a kernel above the prior,
 * min(1 / s_j, number of cells), or 1 for a choice: in many dimensions kernels are so much higher than the prior that the ratio of two
 * sums of them would be decided far from all points, by which of the tails falls faster. And both have one floor, the lower of the
 * two w_prior prod_j f_j prior_j(x_j): far from all points the ratio is 1, nothing is known. With a floor each, that of the narrower kernels is so
 * much higher that points far from everything, drawn from the prior, win over those beside the best.
 *
 * Kernels are products over the coordinates that exist in x, so that the estimator is multivariate: it knows which values came
 * together (Falkner, Klein and Hutter, "BOHB", 2018; Watanabe, "Tree-structured Parzen estimator", 2023). A given point that lacks a
 * coordinate says nothing of it: there, its kernel is the prior, which is uniform.
 *
 * | coordinate | k_j(x \| m) |
 * |---|---|
 * | real    | normal around m with deviation s_j, truncated to [0, 1] |
 * | integer | the probability of x's cell under the same |
 * | choice  | (1 if x is the same option + c) / (1 + c K) with c = 1 / (n + 1), of K options |
 */
import { cellAround } from "./cells.ts";
import type { Coordinate } from "./coordinates.ts";
import { HALF_LOG_TWO_PI, normalCdf, normalQuantile } from "./normal.ts";

/** An estimator; made by {@link parzen}. */
export interface Parzen {
  /** log p(x) with f = 1, over the coordinates that are not NaN: what points are drawn from. */
  logDensity(point: Float64Array): number;
  /** log (w_prior prod_j f_j prior_j(x_j)), the floor that it would have by itself. */
  logFloor(point: Float64Array): number;
  /** log p(x) with a floor (a logarithm) in the place of the prior: what estimators are compared by. */
  logLevel(point: Float64Array, floor: number): number;
  /** A point of the density from 1 + d numbers uniform on (0, 1): which component, then each coordinate. [d] */
  sample(uniforms: Float64Array): Float64Array;
}

/**
 * The estimator of points, the older ones counting less where they are many: beyond the newest 25, weights fall linearly
 * with age, as in Hyperopt and Optuna.
 *
 * @param points the oldest first; there may be none. [n][d]
 * @param finest the least bandwidth, however close the points are; default the "magic clip" of Bergstra et al., so that few points
 *   stay vague
 */
export function parzen(
  coordinates: readonly Coordinate[],
  points: readonly Float64Array[],
  finest = 1 / (2 + points.length),
): Parzen {
  const weights = weightsOf(points.length);
  const scott = Math.max(points.length, 1) ** (-1 / (coordinates.length + 4));
  const kernels = coordinates.map((coordinate, j) => {
    const centres = new Float64Array(points.length);
    for (let i = 0; i < centres.length; i++) centres[i] = (points[i] as Float64Array)[j] as number;
    const bandwidth = Math.min(Math.max(scott * spreadOf(centres), finest), 1);
    return kinds[coordinate.hyper.kind](coordinate, centres, bandwidth);
  });
  const logWeights = weights.map(Math.log);
  const logs = new Float64Array(weights.length);
  /** log of the sum of all kernels at a point, with `prior` in the place of the prior's where it is given. */
  const logSum = (point: Float64Array, prior?: number): number => {
    logs.set(logWeights);
    kernels.forEach((kernel, j) => {
      const x = point[j] as number;
      if (!Number.isNaN(x)) kernel.addLogs(logs, x);
    });
    if (prior !== undefined) logs[points.length] = prior;
    return logSumExp(logs);
  };
  return {
    logDensity: (point) => logSum(point),
    logFloor: (point) =>
      kernels.reduce((sum, { logFloor }, j) => {
        const x = point[j] as number;
        return Number.isNaN(x) ? sum : sum + logFloor(x);
      }, logWeights[points.length] as number),
    logLevel: logSum,
    sample(uniforms) {
      const component = drawn(weights, uniforms[0] as number);
      return Float64Array.from(kernels, (kernel, j) => kernel.sample(component, uniforms[j + 1] as number));
    },
  };
}

/** One coordinate's kernels around all points; the component n is the prior. */
interface Kernel {
  /** log (f prior(x)). */
  logFloor(x: number): number;
  /** logs_i += log k(x | x_i). [n + 1] */
  addLogs(logs: Float64Array, x: number): void;
  /** The inverse distribution function of component i at u. */
  sample(component: number, u: number): number;
}

/** Points of full weight. */
const FULL_WEIGHTS = 25;

/** The magnitude that BOHB and Optuna give Scott's rule, for points that are all over the range. */
const MAGNITUDE = 0.2;

/** The deviation of points that are uniform on the range. */
const UNIFORM = Math.sqrt(1 / 12);

/** What Scott's rule shrinks with the number of points: a share of their deviation, so that points that gather are told apart. */
function spreadOf(centres: Float64Array): number {
  const known = centres.filter((m) => !Number.isNaN(m));
  if (known.length < 2) return MAGNITUDE;
  const mean = known.reduce((sum, m) => sum + m, 0) / known.length;
  const variance = known.reduce((sum, m) => sum + (m - mean) ** 2, 0) / (known.length - 1);
  return MAGNITUDE * Math.min(Math.sqrt(variance) / UNIFORM, 1);
}

/** The prior's last, as large as the newest point's. They sum to 1. */
function weightsOf(n: number): Float64Array {
  const old = n - FULL_WEIGHTS;
  const raw = Float64Array.from({ length: n + 1 }, (_, i) =>
    i >= old ? 1 : 1 / n + ((1 - 1 / n) * i) / Math.max(old - 1, 1),
  );
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return raw.map((weight) => weight / total);
}

const kinds = { real: realKernel, integer: integerKernel, choice: choiceKernel } satisfies Record<
  Coordinate["hyper"]["kind"],
  (coordinate: Coordinate, centres: Float64Array, bandwidth: number) => Kernel
>;

function realKernel(_: Coordinate, centres: Float64Array, s: number): Kernel {
  const normal = truncated(centres, s);
  const offsets = new Float64Array(centres.length);
  for (let i = 0; i < centres.length; i++) {
    offsets[i] = -Math.log((normal.masses[i] as number) * s) - HALF_LOG_TWO_PI;
  }
  return {
    logFloor: () => -Math.log(s),
    sample: normal.sample,
    addLogs(logs, x) {
      for (let i = 0; i < centres.length; i++) {
        const z = (x - (centres[i] as number)) / s;
        if (z === z) logs[i] = (logs[i] as number) + (offsets[i] as number) - 0.5 * z * z; // else the centre is missing
      }
    },
  };
}

function integerKernel({ hyper, cells }: Coordinate, centres: Float64Array, s: number): Kernel {
  const normal = truncated(centres, s);
  return {
    logFloor(x) {
      const [low, high] = cellAround(hyper, x);
      return Math.log((high - low) * Math.min(1 / s, cells));
    },
    sample: normal.sample,
    addLogs(logs, x) {
      const [low, high] = cellAround(hyper, x);
      const prior = Math.log(high - low);
      for (let i = 0; i < logs.length; i++) {
        const m = i < centres.length ? (centres[i] as number) : NaN;
        const mass = (normalCdf((high - m) / s) - normalCdf((low - m) / s)) / (normal.masses[i] as number);
        logs[i] = (logs[i] as number) + (m === m ? Math.log(mass) : prior);
      }
    },
  };
}

function choiceKernel({ cells }: Coordinate, centres: Float64Array): Kernel {
  const share = 1 / (centres.length + 1);
  const same = Math.log((1 + share) / (1 + share * cells));
  const other = Math.log(share / (1 + share * cells));
  const optionOf = (x: number): number => Math.floor(x * cells);
  return {
    logFloor: () => -Math.log(cells),
    addLogs(logs, x) {
      const option = optionOf(x);
      for (let i = 0; i < logs.length; i++) {
        const m = i < centres.length ? (centres[i] as number) : NaN;
        logs[i] = (logs[i] as number) + (m !== m ? -Math.log(cells) : optionOf(m) === option ? same : other);
      }
    },
    sample(component, u) {
      const m = centres[component] ?? NaN;
      const uniform = (share * cells) / (1 + share * cells);
      return m !== m || u < uniform ? (m !== m ? u : u / uniform) : m;
    },
  };
}

/** Normal distributions truncated to [0, 1]; uniform ones for a centre that is missing, as the prior's is. */
function truncated(centres: Float64Array, s: number) {
  const below = new Float64Array(centres.length);
  const masses = new Float64Array(centres.length);
  for (let i = 0; i < centres.length; i++) {
    const m = centres[i] as number;
    below[i] = normalCdf(-m / s);
    masses[i] = normalCdf((1 - m) / s) - (below[i] as number);
  }
  return {
    /** Of the normal distribution within [0, 1]. */
    masses,
    sample(component: number, u: number): number {
      const m = centres[component] ?? NaN;
      if (Number.isNaN(m)) return u;
      const z = normalQuantile((below[component] as number) + u * (masses[component] as number));
      return Math.min(Math.max(m + s * z, 0), 1);
    },
  };
}

/** Where u falls among the weights. */
function drawn(weights: Float64Array, u: number): number {
  let left = u;
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i] as number;
    if (left < 0) return i;
  }
  return weights.length - 1;
}

function logSumExp(logs: Float64Array): number {
  let most = -Infinity;
  for (let i = 0; i < logs.length; i++) most = Math.max(most, logs[i] as number);
  let sum = 0;
  for (let i = 0; i < logs.length; i++) sum += Math.exp((logs[i] as number) - most);
  return most + Math.log(sum);
}
