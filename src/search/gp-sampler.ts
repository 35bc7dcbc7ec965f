/**
 * Bayesian optimisation with a Gaussian process (Snoek, Larochelle and Adams, "Practical Bayesian optimization of machine learning
 * algorithms", 2012): Matern 5/2 with a length scale for each input, and the logarithm of the expected improvement.
 *
 * Where they marginalise over the kernel's parameters, here is the maximum of their posterior, fitted seldom (`gpParameters`).
 */
import type { HyperValues } from "../space/space.ts";
import { streamKey } from "../util/random.ts";
import { bestImprovement } from "./best-improvement.ts";
import { coordinatesOf, fromPoint } from "./coordinates.ts";
import { growingFactor } from "./gp/growing-factor.ts";
import { append, observedMeans, posterior, predictMean, type Posterior } from "./gp/posterior.ts";
import { matern52 } from "./gp/matern52.ts";
import { gpInputs } from "./gp-inputs.ts";
import { gpSubset } from "./gp-subset.ts";
import { gpParameters } from "./gp-parameters.ts";
import { historyOf, type History } from "./history.ts";
import { lastResult } from "./last-result.ts";
import type { Sampler, SuggestRequest } from "./sampler.ts";
import { coverPoint } from "./cover-point.ts";
import { tamed } from "./tamed.ts";
import { ownOptions } from "../util/given.ts";
import { count } from "../util/rule.ts";

/** Settings of {@link gpSampler}. */
export interface GpSamplerOptions {
  /** Quasi-random trials before it learns; it counts trials that ended. Default two more than there are coordinates, from 4 to 10. */
  readonly startupTrials?: number;
  /** Points at which the improvement is looked up before the best of them are followed uphill, among up to 256 trials; default 256. */
  readonly candidates?: number;
}

/**
 * Suggests the point at which a Gaussian process of all trials expects the greatest improvement: for trials that are dear, up to some
 * hundreds of them and some twenty hyperparameters. A suggestion costs O(n^2), and now and then, up to 261 trials, a fit of O(n^3); of more than a thousand
 * trials it sees the best and the last (`gpSubset`). For so many, or many at once, take `tpe`.
 *
 * Integers and choices are what they are to the process; a hyperparameter that does not exist in a trial counts as one at the middle.
 * Running trials are counted at what the process expects of them, failed ones as the worst; see `historyOf`. Points that were tried
 * are avoided while there are others.
 *
 * @throws {HypertrainError} if a setting is no whole number, at least 1, or none of these.
 */
export function gpSampler(options: GpSamplerOptions = {}): Sampler {
  const { startupTrials, candidates = 256 } = ownOptions("gpSampler", options, {
    startupTrials: count,
    candidates: count,
  });
  const processOf = lastResult((size: number) => {
    const kernel = matern52(size);
    return { kernel, parameters: gpParameters(kernel), factorOf: growingFactor(kernel) };
  });
  return {
    name: "gp",
    suggest(request: SuggestRequest): HyperValues {
      const { space, trials, seed, number, goals } = request;
      const history = historyOf(space, trials, goals);
      const { length } = coordinatesOf(space);
      const startup = startupTrials ?? Math.min(10, Math.max(4, length + 2));
      if (history.points.length < startup || length === 0) {
        return fromPoint(space, coverPoint(streamKey(seed, "gp startup"), number, length));
      }
      const inputs = gpInputs(space);
      const { kernel, parameters, factorOf } = processOf(inputs.size);
      const observations = { inputs: inputs.encode(history.points), targets: history.losses };
      const theta = parameters(observations, streamKey(seed, "gp parameters"));
      const seen = gpSubset(history.losses);
      const points = seen.map((i) => history.points[i] as Float64Array);
      const losses = Float64Array.from(seen, (i) => history.losses[i] as number);
      const tame = { inputs: inputs.encode(points), targets: tamed(losses) };
      const known = posterior(tame, kernel, theta, { standardize: true, factorOf });
      const best = observedMeans(known).reduce((least, mean) => Math.min(least, mean));
      const point = bestImprovement({
        space,
        inputs,
        known: withRunning(known, history, inputs.encode),
        best,
        history,
        candidates: Math.ceil(candidates * Math.min(1, MANY / points.length)),
        key: streamKey(seed, `gp candidates ${number}`),
      });
      return fromPoint(space, point);
    },
  };
}

/** Trials beyond which fewer points are looked up, so that this costs O(n) per trial: each of them costs O(n^2). */
const MANY = 256;

/** What would be known if the running trials came out as expected: nothing is to be gained beside them, and the rest stays. */
const withRunning = (
  known: Posterior,
  { running }: History,
  encode: (points: readonly Float64Array[]) => Float64Array,
): Posterior =>
  running.reduce((so, point) => {
    const row = encode([point]);
    return append(so, row, predictMean(so, row)[0] as number);
  }, known);
