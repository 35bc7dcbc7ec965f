import { cholesky, grown, type Cholesky } from "./cholesky.ts";
import type { Kernel } from "./kernel.ts";
import { noisyCovariance } from "./marginal-likelihood.ts";
import { noiseOf } from "./parameters.ts";

/** Finds the Cholesky factor of the noisy covariance of inputs; made by {@link growingFactor}. */
export type FactorOf = (theta: Float64Array, inputs: Float64Array) => Cholesky;

/**
 * The factor of the covariance of a growing number of observations: the rows that the last call had, too, are taken from it while
 * theta stays, so that a new observation costs O(n^2). The factor is to the last bit the one that is made anew.
 */
export function growingFactor(kernel: Kernel): FactorOf {
  let last:
    { readonly theta: Float64Array; readonly inputs: Float64Array; readonly factor: Cholesky } | undefined;
  return (theta, inputs) => {
    const size = inputs.length / kernel.dimensions;
    const kept = last && same(theta, last.theta) ? commonRows(last.inputs, inputs, kernel) : 0;
    const more = last && kept > 0 && grown(last.factor, kept, rowsFrom(kernel, theta, inputs, kept), size);
    const factor = more || cholesky(noisyCovariance(kernel, theta, inputs), size);
    last = { theta, inputs, factor };
    return factor;
  };
}

/** The rows of the noisy covariance behind the first `kept`. [n - kept, n] */
function rowsFrom(kernel: Kernel, theta: Float64Array, inputs: Float64Array, kept: number): Float64Array {
  const size = inputs.length / kernel.dimensions;
  const rows = kernel.crossCovariance(theta, inputs.subarray(kept * kernel.dimensions), inputs);
  const noise = noiseOf(theta);
  for (let i = kept; i < size; i++) {
    const at = (i - kept) * size + i;
    rows[at] = (rows[at] as number) + noise;
  }
  return rows;
}

/** How many rows two lists of inputs begin with alike. */
function commonRows(a: Float64Array, b: Float64Array, { dimensions }: Kernel): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at < most && a[at] === b[at]) at++;
  return Math.floor(at / dimensions);
}

const same = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);
