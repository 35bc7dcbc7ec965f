/**
 * Closed form of linear regression with weight decay and input dropout.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | X, y | standardised training examples, n rows | [n, d], [n] |
 * | w    | weights; the bias is 0, since columns and target have mean 0 | [d] |
 * | λ, p | weight decay, dropout rate | |
 * | m    | dropout's mask: 1/(1-p) with probability 1-p, else 0; mean 1, variance p/(1-p) | [n, d] |
 *
 * Our objective is E_m mean_i ((x_i * m_i)'w - y_i)² + ½ λ |w|². The expectation of the square adds the variance,
 * p/(1-p) mean_i Σ_j x_ij² w_j². Half of n times the gradient is zero where
 *
 *     (X'X + p/(1-p) diag(X'X) + ½ n λ I) w = X'y.
 *
 * Standardised columns have diag(X'X) = n I. Then both hyperparameters do the same: only their sum, the strength
 * ρ = ½ λ + p/(1-p), matters, and the optimum is a curve in the plane of λ and p.
 */
import type { Dataset } from "../../src/data/dataset.ts";
import type { LinearData } from "../../src/problem/ridge.ts";
import { gram, times, transposedTimes } from "../../src/testing/linear-algebra.ts";
import type { HostArray } from "../../src/util/host-array.ts";

/** ρ. */
export const strength = (decay: number, dropout: number): number => decay / 2 + dropout / (1 - dropout);

/** The weights w*(λ, p) for training examples; thousands of them a second. */
export function bestWeights({ x, y }: LinearData): (decay: number, dropout: number) => number[] {
  const [g, b] = [gram(x), transposedTimes(x, y)];
  return (decay, dropout) => {
    const raised = (v: number) => v * (1 + dropout / (1 - dropout)) + (y.length * decay) / 2;
    return eliminated(g.map((row, i) => [...row.map((v, j) => (i === j ? raised(v) : v)), b[i] as number]));
  };
}

/** The mean of squared differences between predictions and targets. */
export const meanSquaredError = ({ x, y }: LinearData, w: readonly number[]): number =>
  times(x, w).reduce((sum, f, i) => sum + (f - (y[i] as number)) ** 2, 0) / y.length;

/** The examples of a dataset as rows. */
export function linearData({ rows, fields }: Dataset): LinearData {
  const [x, y] = [(fields.x as HostArray).data, (fields.y as HostArray).data];
  const d = x.length / rows;
  return { x: Array.from({ length: rows }, (_, i) => [...x.subarray(d * i, d * (i + 1))]), y: [...y] };
}

/** The solution of a positive definite system, given as rows of its matrix with the right side appended: Gauss and Jordan. */
function eliminated(rows: readonly (readonly number[])[]): number[] {
  let system = rows;
  rows.forEach((_, k) => {
    const pivot = system[k] as readonly number[];
    system = system.map((row, i) => {
      const factor = (row[k] as number) / (pivot[k] as number);
      return row.map((v, j) => (i === k ? v / (pivot[k] as number) : v - factor * (pivot[j] as number)));
    });
  });
  return system.map((row) => row.at(-1) as number);
}
