import type { Kernel, KernelOptions } from "./kernel.ts";
import { stationary } from "./stationary.ts";

/**
 * The Matern kernel with smoothness 5/2: `k(x, x') = a (1 + r + r^2 / 3) exp(-r)` with `r = sqrt(5 q)` and
 * `q = sum_j (x_j - x'_j)^2 / l_j^2` (Rasmussen and Williams 2006, equation 4.17).
 *
 * Its functions can be differentiated twice and no more, which suits the loss over hyperparameters (Snoek, Larochelle and Adams,
 * "Practical Bayesian optimization of machine learning algorithms", 2012): the kernel for a sampler.
 *
 *     const kernel = matern52(3); // one length scale an input
 */
export const matern52 = (dimensions: number, options?: KernelOptions): Kernel =>
  stationary("matern52", fiveHalves, dimensions, options);

/**
 * rho = (1 + r + r^2 / 3) exp(-r). By r, its derivative is -(r / 3)(1 + r) exp(-r); times dr / dq = 5 / (2 r) it is
 * rho' = -(5 / 6)(1 + r) exp(-r), in which no r is left to divide by.
 */
function fiveHalves(
  squared: Float64Array,
  correlation: Float64Array,
  slope: Float64Array,
  count: number,
): void {
  for (let k = 0; k < count; k++) {
    const r = Math.sqrt(5 * (squared[k] as number));
    const decay = Math.exp(-r);
    correlation[k] = (1 + r + (r * r) / 3) * decay;
    slope[k] = (-5 / 6) * (1 + r) * decay;
  }
}
