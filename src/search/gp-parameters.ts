import type { RandomKey } from "../util/random.ts";
import { fit, type GpFitOptions } from "./gp/fit.ts";
import type { Kernel } from "./gp/kernel.ts";
import type { Observations } from "./gp/observations.ts";
import { tamed } from "./tamed.ts";

/**
 * Finds the parameters of a Gaussian process of a growing number of observations, seldom: when there are 1, 2, 3, …, 12
 * observations, and from then on when there is a sixth more. The fit to 261 is the last: it takes a second or two, and so many points
 * spread over the space have told what more of them near its minimum would not.
 *
 * Each fit is of the first m observations and starts from the fit before and from one random point, so the parameters are a
 * function of the observations alone, whatever was asked before. What was computed is remembered; without that, all fits before are
 * computed anew, which costs little since they are of fewer observations. Targets are {@link tamed} for each fit.
 */
export function gpParameters(kernel: Kernel): (observations: Observations, key: RandomKey) => Float64Array {
  const remembered = new Map<number, Remembered>();
  const at = ({ inputs, targets }: Observations, m: number, key: RandomKey): Float64Array => {
    const part = { inputs: inputs.slice(0, m * kernel.dimensions), targets: targets.slice(0, m) };
    const known = remembered.get(m);
    if (
      known &&
      known.key.join() === key.join() &&
      equal(known.inputs, part.inputs) &&
      equal(known.targets, part.targets)
    ) {
      return known.theta;
    }
    const before = milestones(m - 1);
    const initial = before > 0 ? { initial: at({ inputs, targets }, before, key) } : {};
    const tame = { inputs: part.inputs, targets: tamed(part.targets) };
    const { theta } = fit(tame, kernel, { ...settings(kernel), ...initial, key, starts: before > 0 ? 2 : 1 });
    remembered.set(m, { ...part, key, theta });
    return theta;
  };
  return (observations, key) => at(observations, milestones(observations.targets.length), key);
}

interface Remembered extends Observations {
  readonly key: RandomKey;
  readonly theta: Float64Array;
}

/** The greatest number of observations up to n at which there is a fit; 0 for none. */
function milestones(n: number): number {
  if (n <= 12) return Math.max(n, 0);
  let m = 12;
  for (let next = m; next <= Math.min(n, LAST); next = Math.ceil((next * 7) / 6)) m = next;
  return m;
}

const LAST = 261;

/**
 * Priors for standardised targets over the unit cube. Length scales, as in Hvarfner, Hellsten and Nardi, "Vanilla Bayesian
 * optimization performs great in high dimensions", 2024, grow with the square root of the number of inputs, as distances do; the
 * factor and the width are our own. Little noise, but not none.
 */
const settings = ({ dimensions }: Kernel): Omit<GpFitOptions, "key"> => ({
  standardize: true,
  lengthScales: {
    low: 0.01,
    high: 1e3,
    prior: { median: 0.5 * Math.sqrt(dimensions), deviation: 1 },
  },
  signalVariance: { low: 0.05, high: 50, prior: { median: 1, deviation: 1 } },
  noise: { low: 1e-6, high: 1, prior: { median: 1e-3, deviation: 2 } },
  maxIterations: 50,
});

const equal = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);
