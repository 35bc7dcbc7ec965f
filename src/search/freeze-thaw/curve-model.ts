import { streamKey } from "../../util/random.ts";
import { gpInputs, type GpInputs } from "../gp-inputs.ts";
import { curvePosterior, type CurvePosterior } from "../gp/freeze-thaw-posterior.ts";
import { matern52 } from "../gp/matern52.ts";
import { lastResult } from "../last-result.ts";
import { budgetOf, type ScheduledTrial, type StudyFacts } from "../schedulers/scheduler.ts";
import { curveParameters, fittedTrials, lookBudgets } from "./curve-parameters.ts";
import { allPositive, hasFailed, observedCurves, type ObservedCurves } from "./observed-curves.ts";

/** What is known of a study's curves: losses in the units of a fit, times as shares of a whole training. */
export interface CurveModel extends ObservedCurves {
  readonly known: CurvePosterior;
  readonly inputs: GpInputs;
  /** The lowest loss of all curves. */
  readonly lowest: number;
}

/** How long a training is, and its part between two decisions; in epochs. */
export interface CurveLengths {
  readonly budget: number;
  readonly interval: number;
}

/**
 * A function of trials, by number, to what is known of their curves, with parameters fitted to them. Two trials at least must have a
 * loss. It remembers fits, and is a function of its arguments all the same.
 */
export function curveModel({
  budget,
  interval,
}: CurveLengths): (trials: readonly ScheduledTrial[], study: StudyFacts) => CurveModel {
  const processOf = lastResult((size: number) => {
    const kernel = matern52(size);
    return { kernel, parameters: curveParameters(kernel) };
  });
  const looks = lookBudgets(interval, budget);
  return (trials, { space, seed }) => {
    const inputs = gpInputs(space);
    const { kernel, parameters } = processOf(inputs.size);
    const observations = ({ points, curves }: ObservedCurves) => ({ inputs: inputs.encode(points), curves });
    const view = { budget, logs: allPositive(trials) };
    const begun = trials.filter((trial) => trial.curve.length > 0 || hasFailed(trial));
    const first = begun.slice(0, fittedTrials(begun.length));
    const seen = looks.map((_, at) => {
      const until = lastLook(looks.slice(0, at + 1));
      return observations(observedCurves(space, first, { ...view, until, most: FITTED_POINTS }));
    });
    const { phi, mean, scale } = parameters(seen, streamKey(seed, "freeze-thaw parameters"));
    const all = observedCurves(space, trials, { ...view, until: () => Infinity, most: MOST_POINTS });
    const curves = all.curves.map(({ times, values }) => ({
      times,
      values: values.map((y) => (y - mean) / scale),
    }));
    return {
      ...{ ...all, curves, inputs },
      known: curvePosterior(observations({ ...all, curves }), kernel, phi),
      lowest: curves.reduce((least, { values }) => Math.min(least, ...values), Infinity),
    };
  };
}

/** The most points of a curve in a posterior, and in a fit. */
const MOST_POINTS = 50;
const FITTED_POINTS = 16;

/** The last look that a trial has reached, or the first. */
const lastLook =
  (looks: readonly number[]) =>
  (trial: ScheduledTrial): number =>
    looks.findLast((look) => look <= budgetOf(trial) + 1e-9) ?? (looks[0] as number);
