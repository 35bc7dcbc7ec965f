/**
 * Closed forms of ridge regression with the penalty ½ e^λ |w|².
 *
 * | symbol | meaning | name |
 * |---|---|---|
 * | G, b | X'X and X'y | |
 * | w*, dw* | best response and its derivative by λ | `bestResponse`, `responseDerivative` |
 * | ε | perturbation of λ | |
 * | m0, m1, m2, s2 | means of e^(λ+ε), ε e^(λ+ε), ε² e^(λ+ε), ε² | {@link PenaltyMoments} |
 *
 * For normal ε with deviation s: m0 = m = e^(λ + s²/2), m1 = m s², m2 = m (s² + s⁴), s2 = s². The fixed points below take the
 * moments themselves, so that they are exact for a finite set of perturbations too, whose mean must be 0.
 */
import type { LinearData } from "../problem/ridge.ts";
import { dot, gram, shifted, solve, times, transposedTimes } from "./linear-algebra.ts";

/** Moments of the perturbed penalty weight. */
export interface PenaltyMoments {
  readonly m0: number;
  readonly m1: number;
  readonly m2: number;
  readonly s2: number;
}

/** The moments over a set of perturbations. */
export function penaltyMoments(lambda: number, perturbations: readonly number[]): PenaltyMoments {
  const mean = (f: (e: number) => number) =>
    perturbations.reduce((sum, e) => sum + f(e), 0) / perturbations.length;
  return {
    m0: mean((e) => Math.exp(lambda + e)),
    m1: mean((e) => e * Math.exp(lambda + e)),
    m2: mean((e) => e * e * Math.exp(lambda + e)),
    s2: mean((e) => e * e),
  };
}

/** The moments under a normal perturbation of deviation s. */
export function normalMoments(lambda: number, s: number): PenaltyMoments {
  const m = Math.exp(lambda + (s * s) / 2);
  return { m0: m, m1: m * s ** 2, m2: m * (s ** 2 + s ** 4), s2: s ** 2 };
}

/** w* = (G + e^λ I)^-1 b. */
export const bestResponse = ({ x, y }: LinearData, lambda: number): number[] =>
  solve(shifted(gram(x), 1, Math.exp(lambda)), transposedTimes(x, y));

/** dw*` = -e^λ (G + e^λ I)^-1 w*. */
export const responseDerivative = (train: LinearData, lambda: number): number[] =>
  solve(
    shifted(gram(train.x), 1, Math.exp(lambda)),
    bestResponse(train, lambda).map((w) => -Math.exp(lambda) * w),
  );

/** The joint affine fit of an STN: [G + m0 I, m1 I; m1 I, s2 G + m2 I] [w0; Θ] = [b; 0]. */
export function jointFit(
  { x, y }: LinearData,
  { m0, m1, m2, s2 }: PenaltyMoments,
): { base: number[]; slope: number[] } {
  const g = gram(x);
  const d = g.length;
  const diagonal = (value: number) => g.map((_, i) => g.map((_, j) => (i === j ? value : 0)));
  const beside = (a: number[][], b: number[][]) => a.map((row, i) => [...row, ...(b[i] as number[])]);
  const system = [...beside(shifted(g, 1, m0), diagonal(m1)), ...beside(diagonal(m1), shifted(g, s2, m2))];
  const solution = solve(system, [...transposedTimes(x, y), ...g.map(() => 0)]);
  return { base: solution.slice(0, d), slope: solution.slice(d) };
}

/** The centred fit: w0 = w*, Θ = -m1 (s2 G + m2 I)^-1 w*. */
export function centeredFit(
  train: LinearData,
  lambda: number,
  { m1, m2, s2 }: PenaltyMoments,
): { base: number[]; slope: number[] } {
  const base = bestResponse(train, lambda);
  const slope = solve(
    shifted(gram(train.x), s2, m2),
    base.map((w) => -m1 * w),
  );
  return { base, slope };
}

/** ½ |X_V w - y_V|². */
export const halfSquaredError = ({ x, y }: LinearData, w: readonly number[]): number =>
  times(x, w).reduce((sum, prediction, i) => sum + 0.5 * (prediction - (y[i] as number)) ** 2, 0);

/** d L_V(w*(λ)) / dλ. */
export function hypergradient(train: LinearData, valid: LinearData, lambda: number): number {
  const residual = times(valid.x, bestResponse(train, lambda)).map((p, i) => p - (valid.y[i] as number));
  return dot(transposedTimes(valid.x, residual), responseDerivative(train, lambda));
}

/** The optimal λ between two bounds, by bisection of the hypergradient to 1e-12. */
export function optimalPenalty(train: LinearData, valid: LinearData, low = -15, high = 15): number {
  let [a, b] = [low, high];
  if (hypergradient(train, valid, a) > 0 || hypergradient(train, valid, b) < 0) {
    throw new Error(`internal: the optimum is not between ${low} and ${high}`);
  }
  while (b - a > 1e-12) {
    const middle = (a + b) / 2;
    if (hypergradient(train, valid, middle) < 0) a = middle;
    else b = middle;
  }
  return (a + b) / 2;
}
