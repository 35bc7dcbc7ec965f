import type { BenchMethod } from "./bench-methods.ts";

/** Floating-point operations of one training step, and of one hyperparameter step where the method has them. */
export interface Operations {
  readonly train: number;
  readonly tune?: number;
}

/**
 * The floating-point operations that a step must do, a multiplication and an addition counted as two: those of its matrix
 * products, beside which all else is small. The hyperparameters are few, so products with h count for nothing.
 *
 * Let layer i map n_{i-1} to n_i units; `F_i = 2 batch n_{i-1} n_i` is one product of a minibatch with its matrix. The gradient by
 * a matrix, x' dy, costs F_i, and so does the gradient by the layer's input, dy W', which layer 1 never needs. F = Σ F_i.
 *
 * | step | forward | gradient by weights | gradient by inputs | sum |
 * |---|---|---|---|---|
 * | plain | x W0: F | F | F - F_1 | 3F - F_1 |
 * | STN | x W0, x V: 2F | W0, V: 2F | dy W0' + (g dy) V': 2 (F - F_1) | 6F - 2F_1 |
 * | Delta-STN, w0 | as plain | | | 3F - F_1 |
 * | Delta-STN, Θ | x W0 and x V: 2F; the derivative dx W0, where dx of layer 1 is 0: F - F_1 | V: F | d(dx) = d(dy) W0': F - F_1 | 5F - 2F_1 |
 * | Delta-STN | | | | 8F - 3F_1 |
 * | tune | x W0, x V: 2F | none | 2 (F - F_1) | 4F - 2F_1 |
 *
 * The two halves of Delta-STN share nothing, since dropout acts at λ in one and at λ + ε in the other. The value of the linearised
 * prediction does not depend on Θ, so only its derivative is differentiated.
 *
 * For 784-1200-1200-10 and a batch of 128: plain 1.60, STN 3.19, Delta-STN 4.18, tune 1.97 GFLOP.
 *
 * @param sizes units of every layer, the input's first
 * @param share the rows from which the response learns, by those of a minibatch
 */
export const operationsOf = (
  method: BenchMethod,
  sizes: readonly number[],
  batch: number,
  share = 1,
): Operations =>
  stepOperations(
    method,
    sizes.slice(1).map((outputs, i) => 2 * batch * (sizes[i] as number) * outputs),
    share,
  );

/** Likewise from F_i: convolutions are products with as many rows as they have places. */
export function stepOperations(method: BenchMethod, products: readonly number[], share = 1): Operations {
  const first = products[0] ?? 0;
  const all = products.reduce((sum, product) => sum + product, 0);
  const tune = 4 * all - 2 * first;
  const methods: Readonly<Record<BenchMethod, Operations>> = {
    plain: { train: 3 * all - first },
    stn: { train: share * (6 * all - 2 * first), tune },
    "delta-stn": { train: 3 * all - first + share * (5 * all - 2 * first), tune },
  };
  return methods[method];
}
