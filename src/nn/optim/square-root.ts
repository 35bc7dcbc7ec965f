import { numpy as np } from "@jax-js/jax";

/** Below any squared gradient that matters, above the smallest number of float32. */
const TINY = 1e-30;

/**
 * The square root of a running average of squared gradients, elementwise; consumes v.
 *
 * An unused input has a gradient of exactly 0 at every step, where the derivative of the square root is infinite: a method that
 * differentiates through the optimizer would get NaN. So 1e-30 is added, which moves the root by at most 1e-15, far below
 * the epsilon that the optimizers add to it.
 */
export const squareRoot = (v: np.Array): np.Array => np.sqrt(v.add(TINY));
