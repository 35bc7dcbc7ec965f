/**
 * The parameters of a process over training curves as one vector, over which its marginal likelihood is maximised.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | theta  | those of the asymptotes' process and the noise of an observation: (log a, log l_1, …, log l_k, log v), see `parameters.ts` | [k + 2] |
 * | c, alpha, beta | those of the decaying part, see `decay-kernel.ts` | scalars |
 * | m      | mean of the asymptotes, in the curves' units | scalar |
 * | phi    | (theta, log c, log alpha, log beta, m) | [k + 6] |
 */
import { inputError } from "../../util/error.ts";
import type { Decay } from "./decay-kernel.ts";
import type { Kernel } from "./kernel.ts";
import { checkParameters, toLog, type GpParameters } from "./parameters.ts";

/** The parameters of training curves in natural units. `noise` is the variance of one observation of a curve. */
export interface CurveParameters extends GpParameters {
  /** The decaying part. */
  readonly decay: Decay;
  /** The asymptotes' prior mean, m. */
  readonly mean: number;
}

/** phi of the parameters; minus infinity for a noise or a decay of variance 0. */
export const toPhi = ({ decay, mean, ...process }: CurveParameters): Float64Array =>
  Float64Array.of(
    ...toLog(process),
    ...[decay.variance, decay.shape, decay.onset].map((value) => Math.log(value)),
    mean,
  );

/** theta in phi: a view. [k + 2] */
export const thetaOf = (phi: Float64Array): Float64Array => phi.subarray(0, -4);

/** The decaying part's parameters in phi. */
export const decayOf = (phi: Float64Array): Decay => ({
  variance: Math.exp(phi.at(-4) as number),
  shape: Math.exp(phi.at(-3) as number),
  onset: Math.exp(phi.at(-2) as number),
});

/** The asymptotes' mean in phi. */
export const meanOf = (phi: Float64Array): number => phi.at(-1) as number;

/**
 * Checks that phi is one of a kernel's.
 *
 * @throws {HypertrainError} if it has another length, or is neither finite nor a variance of 0.
 */
export function checkPhi(phi: Float64Array, kernel: Kernel): void {
  if (phi.length >= 4) checkParameters(thetaOf(phi), kernel);
  const [variance = NaN, ...rest] = phi.subarray(-4);
  if (phi.length === kernel.lengthScales + 6 && variance < Infinity && rest.every(Number.isFinite)) return;
  throw inputError(
    `the parameters of curves must be ${kernel.lengthScales + 6} finite numbers (those of kernel ${kernel.name} and the noise, three logarithms of the decay, a mean), but got [${phi.join(", ")}]; make them with toPhi`,
  );
}
