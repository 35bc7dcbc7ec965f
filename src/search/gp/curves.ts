/**
 * Training curves, and what each of them says of its own asymptote.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | T      | number of observations of a curve | |
 * | t, y   | their times and values | [T] |
 * | K, L   | covariance of a curve around its asymptote, noise v on the diagonal, and its Cholesky factor | [T, T] |
 * | u      | K^-1 1 | [T] |
 * | lambda | 1' K^-1 1: the precision with which the curve alone tells its asymptote; the paper's Lambda_nn | scalar |
 * | s      | 1' K^-1 y / lambda: the asymptote that it tells; the paper's gamma_n is lambda (s - m) | scalar |
 * | w      | K^-1 (y - s 1) | [T] |
 *
 *     N(y; f 1, K) = N(s; f, 1 / lambda) exp(-q),   q = ((y - s 1)' w + log det K + log lambda + (T - 1) log 2 pi) / 2
 *
 * K depends on the times alone, so curves that were observed at the same times share one block.
 */
import { inputError } from "../../util/error.ts";
import { cholesky, logDeterminant, solve, type Cholesky } from "./cholesky.ts";
import { decayCovariance, type Decay } from "./decay-kernel.ts";
import type { Kernel } from "./kernel.ts";

/** One training curve: values at times of at least 0, at least one, in any order. */
export interface Curve {
  /** [T] */
  readonly times: Float64Array;
  /** [T] */
  readonly values: Float64Array;
}

/** Curves of which each has a row of inputs. */
export interface CurveObservations {
  /** Row-major. [n, d] */
  readonly inputs: Float64Array;
  /** [n] */
  readonly curves: readonly Curve[];
}

/** What all curves with the same times share. */
export interface Block {
  readonly times: Float64Array;
  /** L. */
  readonly factor: Cholesky;
  /** u. [T] */
  readonly ones: Float64Array;
  /** lambda. */
  readonly precision: number;
  /** log det K. */
  readonly logDeterminant: number;
}

/** What one curve alone says of its asymptote. */
export interface Summary {
  readonly block: Block;
  /** s. */
  readonly level: number;
  /** w. [T] */
  readonly residual: Float64Array;
  /** q. */
  readonly cost: number;
}

/** The summaries of curves. O(T^3) for each different set of times, O(T^2) for each curve. */
export function summariesOf(curves: readonly Curve[], decay: Decay, noise: number): readonly Summary[] {
  const blocks = new Map<string, Block>();
  return curves.map(({ times, values }) => {
    const key = times.join();
    let block = blocks.get(key);
    if (!block) blocks.set(key, (block = blockOf(times, decay, noise)));
    return summarised(block, values);
  });
}

/**
 * Checks that curves fit a kernel: at least one, a row of inputs for each, observations of all, all finite.
 *
 * @throws {HypertrainError} if they do not.
 */
export function checkCurves({ inputs, curves }: CurveObservations, { dimensions }: Kernel): void {
  if (curves.length === 0 || inputs.length !== curves.length * dimensions) {
    throw inputError(
      `there must be at least one curve, and a row of ${dimensions} inputs for each, but got ${curves.length} and ${inputs.length} numbers; give one row a curve`,
    );
  }
  const odd = curves.find(({ times, values }) => times.length === 0 || times.length !== values.length);
  if (odd) {
    throw inputError(
      `a curve must have at least one value and a time for each, but got ${odd.times.length} times and ${odd.values.length} values; leave curves without values out`,
    );
  }
  const bad = [...inputs, ...curves.flatMap(({ values }) => [...values])].find((x) => !Number.isFinite(x));
  const early = curves.flatMap(({ times }) => [...times]).find((t) => !(t >= 0 && t < Infinity));
  if (bad !== undefined || early !== undefined) {
    throw inputError(
      `curves must be finite, at times of at least 0, but got ${bad ?? `the time ${early as number}`}; leave such points out`,
    );
  }
}

function blockOf(times: Float64Array, decay: Decay, noise: number): Block {
  const size = times.length;
  const covariance = decayCovariance(decay, times, times);
  for (let i = 0; i < size; i++) covariance[i * size + i] = (covariance[i * size + i] as number) + noise;
  const factor = cholesky(covariance, size);
  const ones = solve(factor, new Float64Array(size).fill(1));
  const precision = ones.reduce((sum, u) => sum + u, 0);
  return { times, factor, ones, precision, logDeterminant: logDeterminant(factor) };
}

function summarised(block: Block, values: Float64Array): Summary {
  const { factor, ones, precision } = block;
  const level = values.reduce((sum, y, i) => sum + y * (ones[i] as number), 0) / precision;
  const apart = values.map((y) => y - level);
  const residual = solve(factor, apart);
  const square = apart.reduce((sum, r, i) => sum + r * (residual[i] as number), 0);
  const constant = block.logDeterminant + Math.log(precision) + (values.length - 1) * Math.log(2 * Math.PI);
  return { block, level, residual, cost: (square + constant) / 2 };
}
