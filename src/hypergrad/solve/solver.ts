import { objectWith } from "../../util/rule.ts";

/** v -> H v for a symmetric H that is never written out. */
export type Product = (vector: Float64Array) => Promise<Float64Array>;

/** What a solver found, and what it took. */
export interface Solution {
  /** q. */
  readonly solution: Float64Array;
  /** Products with H. */
  readonly products: number;
  /** Whether it gave up where H bends downwards or not at all, which it cannot solve with. */
  readonly negativeCurvature?: true;
}

/**
 * Approximates q = H^-1 v by products with H alone; the rest is arithmetic of the host on a few vectors of the weights'
 * size.
 */
export interface LinearSolver {
  readonly name: string;
  /** Whether it goes on from an earlier solution, so that the last must be kept. */
  readonly warmStart: boolean;
  /**
   * @param round which hyperparameter step this is, from 0: accuracy may grow with it
   * @param start the solution of the round before, or zeros
   */
  solve(product: Product, v: Float64Array, round: number, start?: Float64Array): Promise<Solution>;
}

/** What a solver must be. */
export const aSolver = objectWith<LinearSolver>("a solver, such as conjugateGradient()", {
  name: "string",
  solve: "function",
});
