/**
 * The parameters of a Gaussian process as one vector of logarithms, over which the marginal likelihood is maximised.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | a      | signal variance: k(x, x), the prior variance of the function | scalar |
 * | l      | length scales: one for all inputs (isotropic), or one each (ARD: automatic relevance determination) | [k], k = 1 or d |
 * | v      | noise variance: that of an observation around the function | scalar |
 * | theta  | (log a, log l_1, …, log l_k, log v) | [k + 2] |
 */
import { inputError } from "../../util/error.ts";
import type { Kernel } from "./kernel.ts";

/** The parameters of a Gaussian process in natural units: those of the (standardised) targets and of the inputs. */
export interface GpParameters {
  /** Prior variance of the function, a. */
  readonly signalVariance: number;
  /** Distances over which the function changes, l: one for all inputs, or one for each. */
  readonly lengthScales: readonly number[];
  /** Variance of an observation around the function, v; 0 for exact observations. */
  readonly noise: number;
}

/** theta of the parameters: (log a, log l_1, …, log l_k, log v); minus infinity for a noise of 0. */
export const toLog = ({ signalVariance, lengthScales, noise }: GpParameters): Float64Array =>
  Float64Array.of(signalVariance, ...lengthScales, noise).map(Math.log);

/** The parameters of theta: the inverse of {@link toLog}. */
export const fromLog = (theta: Float64Array): GpParameters => ({
  signalVariance: signalVarianceOf(theta),
  lengthScales: [...theta.subarray(1, -1)].map(Math.exp),
  noise: noiseOf(theta),
});

/** The signal variance a in theta. */
export const signalVarianceOf = (theta: Float64Array): number => Math.exp(theta[0] as number);

/** The noise variance v in theta. */
export const noiseOf = (theta: Float64Array): number => Math.exp(theta[theta.length - 1] as number);

/**
 * Checks that theta is one of a kernel's.
 *
 * @throws {HypertrainError} if it has another length, or is neither finite nor a noise of 0.
 */
export function checkParameters(theta: Float64Array, { name, lengthScales }: Kernel): void {
  const expected = lengthScales + 2;
  const noise = theta[theta.length - 1] as number;
  if (theta.length !== expected || !theta.subarray(0, -1).every(Number.isFinite) || !(noise < Infinity)) {
    throw inputError(
      `the parameters of kernel ${name} must be ${expected} finite logarithms (signal variance, ${lengthScales} length scales, noise), but got [${theta.join(", ")}]; make them with toLog from positive numbers`,
    );
  }
}
