/**
 * The parameters of training curves: the maximum of their marginal likelihood times priors.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | phi    | (log a, log l_1, …, log l_k, log v, log c, log alpha, log beta, m), see `freeze-thaw-parameters.ts` | [k + 6] |
 * | mu, s  | mean and deviation of the normal prior of one element of phi | scalars |
 *
 *     J(phi) = log p(y | X, phi) - sum_i ((phi_i - mu_i) / s_i)^2 / 2
 *
 * The priors are for curves whose last values have variance 1 and mean 0, inputs on the unit cube, and times whose unit is the length
 * of a whole training. Few and short curves leave most of phi to them: whether a curve that falls by 2 will fall by 2 more, only
 * longer ones tell.
 */
import { inputError } from "../../util/error.ts";
import { partKey, normalsAt, type RandomKey } from "../../util/random.ts";
import type { CurveObservations } from "./curves.ts";
import { curveLikelihood } from "./freeze-thaw-likelihood.ts";
import type { Kernel } from "./kernel.ts";
import { lbfgs, type Box, type Evaluation } from "./lbfgs.ts";

/** How {@link fitCurves} looks. */
export interface CurveFitOptions {
  /** The generator's key for the starts after the first. */
  readonly key: RandomKey;
  /** Number of starts; default 3. */
  readonly starts?: number;
  /** phi of the first start, for example an earlier fit's; by default the priors' means. [k + 6] */
  readonly initial?: Float64Array;
  /** Most steps from each start; default 50. */
  readonly maxIterations?: number;
}

/** What {@link fitCurves} found. */
export interface CurveFit {
  /** [k + 6] */
  readonly phi: Float64Array;
  /** J there. */
  readonly objective: number;
  /** J at the end of every climb, in the order of the starts. */
  readonly ends: readonly number[];
}

/**
 * Fits the parameters of curves. The same key gives the same fit. Each of some tens of evaluations a start costs what `curveLikelihood`
 * does.
 *
 * @throws {HypertrainError} if curves or settings are malformed.
 */
export function fitCurves(
  observations: CurveObservations,
  kernel: Kernel,
  { key, starts = 3, initial, maxIterations = 50 }: CurveFitOptions,
): CurveFit {
  if (!(Number.isInteger(starts) && starts > 0)) {
    throw inputError(
      `a fit must have a whole number of starts, at least 1, but got ${starts}; give 1 or more`,
    );
  }
  const priors = priorsOf(kernel);
  const lost = (phi: Float64Array): Evaluation => {
    const { value, gradient } = curveLikelihood(observations, kernel, phi);
    const apart = phi.map((x, i) => (x - (priors[i] as Prior).mean) / (priors[i] as Prior).deviation);
    return {
      value: apart.reduce((sum, z) => sum + (z * z) / 2, -value),
      gradient: gradient.map((g, i) => (apart[i] as number) / (priors[i] as Prior).deviation - g),
    };
  };
  const box: Box = {
    low: Float64Array.from(priors, ({ low }) => low),
    high: Float64Array.from(priors, ({ high }) => high),
  };
  const ends = Array.from({ length: starts }, (_, i) => {
    const normal = normalsAt(partKey(key, "start"), i, priors.length);
    const start =
      i === 0
        ? (initial ?? Float64Array.from(priors, ({ mean }) => mean))
        : Float64Array.from(priors, ({ mean, deviation }, p) => mean + deviation * (normal[p] as number));
    return lbfgs(lost, start, box, { maxIterations, gradientTolerance: 1e-3, valueTolerance: 1e-7 });
  });
  const best = ends.reduce((least, end) => (end.value < least.value ? end : least));
  return { phi: best.point, objective: -best.value, ends: ends.map(({ value }) => -value) };
}

/** Where an element of phi may lie, and where it is expected. */
interface Prior {
  readonly low: number;
  readonly high: number;
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Length scales and signal variance as for whole trainings (`gp-parameters.ts`). The decaying part begins some times as large as the last
 * values differ, and most of it is over within a tenth of a training; the asymptotes lie below the last values. All of it within a
 * factor of some tens.
 */
function priorsOf({ dimensions, lengthScales }: Kernel): readonly Prior[] {
  const scale = logNormal(0.01, 1e3, 0.5 * Math.sqrt(dimensions), 1);
  return [
    logNormal(0.01, 100, 1, 1), // a
    ...Array.from({ length: lengthScales }, () => scale),
    logNormal(1e-6, 1, 1e-2, 2), // v
    logNormal(1e-2, 1e5, 10, 2), // c
    logNormal(0.1, 20, 1, 0.7), // alpha
    logNormal(1e-3, 30, 0.1, 1.5), // beta
    { low: -10, high: 10, mean: -0.5, deviation: 1 }, // m
  ];
}

const logNormal = (low: number, high: number, median: number, deviation: number): Prior => ({
  low: Math.log(low),
  high: Math.log(high),
  mean: Math.log(median),
  deviation,
});
