/**
 * Finds the parameters of curves seldom, as a function of the trials alone.
 *
 * A fit sees the first m trials, m growing by a sixth, and each curve only up to the last of a few looks: after 1, 3, 9, … intervals and
 * at the end. So most decisions fit nothing, and what the last fit saw can be told from the trials, whatever was asked before.
 * The fit to the curves up to one look starts from the fit to the same trials' curves up to the look before; those are mostly the same as
 * at the last decision, and remembered.
 */
import type { RandomKey } from "../../util/random.ts";
import type { CurveObservations } from "../gp/curves.ts";
import { fitCurves } from "../gp/freeze-thaw-fit.ts";
import type { Kernel } from "../gp/kernel.ts";
import { standardized } from "../gp/observations.ts";
import { lastValues } from "./observed-curves.ts";

/** Parameters, and the units that they are in: `value = mean + scale * standard`. */
export interface FittedCurves {
  readonly phi: Float64Array;
  readonly mean: number;
  readonly scale: number;
}

/**
 * A function that fits the parameters to the last of some looks, each at the same trials, with more of their curves than the one
 * before; it remembers its last fit of each. Curves are standardised by their last values.
 */
export function curveParameters(
  kernel: Kernel,
): (looks: readonly CurveObservations[], key: RandomKey) => FittedCurves {
  let remembered: readonly Remembered[] = [];
  return (looks, key) => {
    const found: Remembered[] = [];
    for (const [i, seen] of looks.entries()) {
      const before = found.at(-1);
      const known = remembered[i];
      if (before && sameCurves(before.seen, seen)) found.push(before);
      else if (known && sameFit(known, seen, key, before?.fitted)) found.push(known);
      else
        found.push({ seen, key, before: before?.fitted, fitted: fitted(kernel, seen, key, before?.fitted) });
    }
    remembered = found;
    return (found.at(-1) as Remembered).fitted;
  };
}

/** How many of the first n trials a fit sees: from 12 on in steps of a sixth, at most some hundred, which tell as much as more would. */
export function fittedTrials(n: number): number {
  let m = Math.min(n, 12);
  for (let next = m; m >= 12 && next <= Math.min(n, 120); next = Math.ceil((next * 7) / 6)) m = next;
  return m;
}

/** The budgets of the looks at a curve: 1, 3, 9, … intervals, and the whole. */
export function lookBudgets(interval: number, budget: number): readonly number[] {
  const looks: number[] = [];
  for (let at = interval; at < budget / 1.5; at *= 3) looks.push(at);
  return [...looks, budget];
}

/** A fit and all that it is a function of. */
interface Remembered {
  readonly seen: CurveObservations;
  readonly key: RandomKey;
  readonly before: FittedCurves | undefined;
  readonly fitted: FittedCurves;
}

function fitted(
  kernel: Kernel,
  { inputs, curves }: CurveObservations,
  key: RandomKey,
  before: FittedCurves | undefined,
): FittedCurves {
  const { mean, scale } = standardized(lastValues(curves));
  const standard = curves.map(({ times, values }) => ({
    times,
    values: values.map((y) => (y - mean) / scale),
  }));
  const from = before ? { initial: inUnits(before, mean, scale), starts: 1 } : { starts: 2 };
  const { phi } = fitCurves({ inputs, curves: standard }, kernel, { key, ...from, maxIterations: 30 });
  return { phi, mean, scale };
}

/** phi in other units of the values: variances are divided by the square of the scales' ratio, and the mean moves. */
export function inUnits(before: FittedCurves, mean: number, scale: number): Float64Array {
  const ratio = scale / before.scale;
  const shift = -2 * Math.log(ratio);
  const phi = before.phi.slice();
  for (const at of [0, phi.length - 5, phi.length - 4]) phi[at] = (phi[at] as number) + shift; // a, v, c
  const level = before.mean + before.scale * (phi.at(-1) as number);
  phi[phi.length - 1] = (level - mean) / scale;
  return phi;
}

const sameFit = (
  known: Remembered,
  seen: CurveObservations,
  key: RandomKey,
  before: FittedCurves | undefined,
): boolean =>
  known.key.join() === key.join() &&
  (known.before === before || (!!known.before && !!before && sameFitted(known.before, before))) &&
  sameCurves(known.seen, seen);

const sameFitted = (a: FittedCurves, b: FittedCurves): boolean =>
  a.mean === b.mean && a.scale === b.scale && equal(a.phi, b.phi);

const sameCurves = (a: CurveObservations, b: CurveObservations): boolean =>
  a.curves.length === b.curves.length &&
  equal(a.inputs, b.inputs) &&
  a.curves.every(({ times, values }, i) => {
    const other = b.curves[i] as (typeof b.curves)[number];
    return equal(times, other.times) && equal(values, other.values);
  });

const equal = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);
