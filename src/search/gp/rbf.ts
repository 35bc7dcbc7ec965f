import type { Kernel, KernelOptions } from "./kernel.ts";
import { stationary } from "./stationary.ts";

/**
 * The radial basis function kernel, also called squared exponential or Gaussian: `k(x, x') = a exp(-q / 2)` with
 * `q = sum_j (x_j - x'_j)^2 / l_j^2` (Rasmussen and Williams 2006, equation 4.9).
 *
 * Its functions have derivatives of every order, more than losses have over hyperparameters: it is here as the kernel that others
 * compare with. For a sampler take `matern52`. With an isotropic length scale it is scikit-learn's `ConstantKernel * RBF`.
 *
 *     const kernel = rbf(10, { lengthScales: "isotropic" });
 */
export const rbf = (dimensions: number, options?: KernelOptions): Kernel =>
  stationary("rbf", gaussian, dimensions, options);

/** rho = exp(-q / 2), rho' = -rho / 2. */
function gaussian(
  squared: Float64Array,
  correlation: Float64Array,
  slope: Float64Array,
  count: number,
): void {
  for (let k = 0; k < count; k++) {
    const rho = Math.exp(-0.5 * (squared[k] as number));
    correlation[k] = rho;
    slope[k] = -0.5 * rho;
  }
}
