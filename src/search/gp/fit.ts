/**
 * The parameters of a Gaussian process from data: the maximum of the log marginal likelihood, with priors added where they are given.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | theta  | log parameters (log a, log l_1, …, log l_k, log v), see `parameters.ts` | [k + 2] |
 * | m, s   | a prior's mean and deviation of one element of theta | scalars |
 *
 *     J(theta) = log p(y | X, theta) - sum over priors of ((theta_i - m_i) / s_i)^2 / 2
 *
 * J has several maxima when points are few (Rasmussen and Williams 2006, section 5.4.1): one calls the data noise, another calls it
 * short waves. So it is climbed from several starts, and the best end is kept.
 */
import { inputError } from "../../util/error.ts";
import { partKey, normalsAt, uniformsAt, type RandomKey } from "../../util/random.ts";
import type { Kernel } from "./kernel.ts";
import { lbfgs, type Box, type Evaluation } from "./lbfgs.ts";
import { marginalLikelihood } from "./marginal-likelihood.ts";
import { checkObservations, standardized, unchanged, type Observations } from "./observations.ts";
import { checkParameters } from "./parameters.ts";
import { posterior, type Posterior, type TargetOptions } from "./posterior.ts";

/** Where a parameter may lie, and where it is expected. */
export interface ParameterRange {
  /** Lower bound, positive. */
  readonly low: number;
  /** Upper bound, at least `low`. */
  readonly high: number;
  /** A log-normal prior; default none. Give one where points are fewer than some times the parameters. */
  readonly prior?: LogNormal;
}

/** A parameter whose logarithm is normal. */
export interface LogNormal {
  /** The parameter's median, exp(m). */
  readonly median: number;
  /** The logarithm's standard deviation, s: two of three draws are within a factor of exp(s) of the median. */
  readonly deviation: number;
}

/** What {@link fit} may change, and how long it looks. */
export interface GpFitOptions extends TargetOptions {
  /** The generator's key for the starts after the first. */
  readonly key: RandomKey;
  /** Number of starts; default 5. */
  readonly starts?: number;
  /** theta of the first start, for example the last fit's; by default the priors' medians, else the middles of log ranges. [k + 2] */
  readonly initial?: Float64Array;
  /** The signal variance: a range, or a number to fix it; default 0.01 to 100, for standardised targets. */
  readonly signalVariance?: ParameterRange | number;
  /** Every length scale: a range, or a number to fix them; default 0.01 to 100, for inputs on [0, 1]. */
  readonly lengthScales?: ParameterRange | number;
  /** The noise variance: a range, or a number (0 is allowed) to fix it; default 1e-6 to 1, for standardised targets. */
  readonly noise?: ParameterRange | number;
  /** Most steps from each start; default 100. With 0, the starts are compared as they are. */
  readonly maxIterations?: number;
}

/** What {@link fit} found. */
export interface Fit {
  /** The log parameters of the best end. [k + 2] */
  readonly theta: Float64Array;
  /** J there. */
  readonly objective: number;
  /** log p(y | X, theta) there, of the standardised targets if they were. */
  readonly logMarginalLikelihood: number;
  /** Whether the climb that found it met a tolerance. */
  readonly converged: boolean;
  /** J at the end of every climb, in the order of the starts. */
  readonly ends: readonly number[];
  /** The posterior with these parameters. */
  readonly posterior: Posterior;
}

/**
 * Fits the parameters of a Gaussian process to observations. The same key gives the same fit. O(n^3) for each of some tens of
 * evaluations a start; for a sampler, start from the last fit and take fewer starts as points grow in number.
 *
 *     const kernel = matern52(2);
 *     const { posterior } = fit({ inputs, targets }, kernel, { key: randomKey(1, "gp"), standardize: true });
 *
 * @throws {HypertrainError} if observations or settings are malformed.
 */
export function fit(observations: Observations, kernel: Kernel, options: GpFitOptions): Fit {
  checkObservations(observations, kernel);
  const { key, starts = 5, initial, standardize = false, maxIterations = 100 } = options;
  if (!(Number.isInteger(starts) && starts > 0)) {
    throw inputError(
      `a fit must have a whole number of starts, at least 1, but got ${starts}; give 1 or more`,
    );
  }
  const ranges = rangesOf(kernel, options);
  const first = initial ?? Float64Array.from(ranges, centre);
  checkParameters(first, kernel);
  const { inputs, targets } = observations;
  const standard = { inputs, targets: (standardize ? standardized : unchanged)(targets).standard };
  const likelihood = (theta: Float64Array): Evaluation => marginalLikelihood(standard, kernel, theta);
  const ends = Array.from({ length: starts }, (_, i) =>
    climb(likelihood, ranges, i === 0 ? first : drawn(ranges, key, i), maxIterations),
  );
  const best = ends.reduce((most, end) => (end.objective > most.objective ? end : most));
  return {
    ...best,
    logMarginalLikelihood: best.objective - logPrior(best.theta, ranges).value,
    ends: ends.map(({ objective }) => objective),
    posterior: posterior(observations, kernel, best.theta, { standardize }),
  };
}

/** The range of one element of theta: bounds, equal if it is fixed, and the prior. */
interface LogRange {
  readonly low: number;
  readonly high: number;
  readonly prior?: { readonly mean: number; readonly deviation: number };
}

interface End {
  readonly theta: Float64Array;
  readonly objective: number;
  readonly converged: boolean;
}

/** The maximum of J that is reached from a start, over the elements of theta that are not fixed. */
function climb(
  likelihood: (theta: Float64Array) => Evaluation,
  ranges: readonly LogRange[],
  start: Float64Array,
  maxIterations: number,
): End {
  const free = ranges.flatMap(({ low, high }, i) => (low < high ? [i] : []));
  const freeOf = (all: ArrayLike<number>) => Float64Array.from(free, (i) => all[i] as number);
  const whole = (part: Float64Array): Float64Array => {
    const theta = Float64Array.from(ranges, ({ low }) => low);
    free.forEach((i, at) => (theta[i] = part[at] as number));
    return theta;
  };
  const box: Box = {
    low: freeOf(ranges.map(({ low }) => low)),
    high: freeOf(ranges.map(({ high }) => high)),
  };
  const lost = (part: Float64Array): Evaluation => {
    const theta = whole(part);
    const data = likelihood(theta);
    const prior = logPrior(theta, ranges);
    const gradient = data.gradient.map((g, i) => -g - (prior.gradient[i] as number));
    return { value: -data.value - prior.value, gradient: freeOf(gradient) };
  };
  const { point, value, converged } = lbfgs(lost, freeOf(start), box, { maxIterations });
  return { theta: whole(point), objective: -value, converged };
}

/** The priors' part of J. */
function logPrior(theta: Float64Array, ranges: readonly LogRange[]): Evaluation {
  let value = 0;
  const gradient = theta.map((t, i) => {
    const prior = ranges[i]?.prior;
    if (!prior) return 0;
    const z = (t - prior.mean) / prior.deviation;
    value -= (z * z) / 2;
    return -z / prior.deviation;
  });
  return { value, gradient };
}

/** A start: each element from its prior, or uniform on its range. `lbfgs` brings it into the bounds. */
function drawn(ranges: readonly LogRange[], key: RandomKey, start: number): Float64Array {
  const uniform = uniformsAt(partKey(key, "uniform"), start, ranges.length);
  const normal = normalsAt(partKey(key, "normal"), start, ranges.length);
  return Float64Array.from(ranges, ({ low, high, prior }, i) => {
    if (!prior) return low + (high - low) * (uniform[i] as number);
    return prior.mean + prior.deviation * (normal[i] as number);
  });
}

const centre = ({ low, high, prior }: LogRange): number => prior?.mean ?? (low + high) / 2;

/** The ranges of all elements of theta. */
function rangesOf(
  kernel: Kernel,
  {
    signalVariance = { low: 0.01, high: 100 },
    lengthScales = { low: 0.01, high: 100 },
    noise = { low: 1e-6, high: 1 },
  }: GpFitOptions,
): readonly LogRange[] {
  const ofScale = logRange("length scale", lengthScales);
  return [
    logRange("signal variance", signalVariance),
    ...Array.from({ length: kernel.lengthScales }, () => ofScale),
    logRange("noise", noise),
  ];
}

function logRange(name: string, range: ParameterRange | number): LogRange {
  if (typeof range === "number") return fixedAt(name, range);
  const { low, high, prior } = range;
  if (!(low > 0 && low <= high && high < Infinity)) {
    throw inputError(
      `0 < low <= high must hold for the ${name}, finite, but got low=${low}, high=${high}; give a number to fix it`,
    );
  }
  const bounds = { low: Math.log(low), high: Math.log(high) };
  if (!prior) return bounds;
  if (!(prior.median > 0 && prior.median < Infinity && prior.deviation > 0)) {
    throw inputError(
      `the prior of the ${name} must have a positive median and deviation, but got ${prior.median} and ${prior.deviation}; leave it out for none`,
    );
  }
  return { ...bounds, prior: { mean: Math.log(prior.median), deviation: prior.deviation } };
}

function fixedAt(name: string, value: number): LogRange {
  if (!(value < Infinity && (value > 0 || (value === 0 && name === "noise")))) {
    throw inputError(
      `the ${name} must be ${name === "noise" ? "at least 0" : "positive"} and finite, but got ${value}; give its natural value, not its logarithm`,
    );
  }
  return { low: Math.log(value), high: Math.log(value) };
}
