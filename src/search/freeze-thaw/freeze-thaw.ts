/**
 * Freeze-thaw Bayesian optimisation (Swersky, Snoek and Adams, "Freeze-thaw Bayesian optimization", 2014): a Gaussian process over all
 * training curves tells where each will end, and after every few epochs the search decides anew whether to thaw a paused trial or to
 * start another.
 *
 * | symbol | meaning |
 * |---|---|
 * | R      | epochs of a whole training |
 * | r_i    | epochs that trial i has seen |
 * | f      | asymptotes: f(x) at a point, f_i that of a trial |
 * | y_i(t) | a trial's curve without noise |
 * | f*     | the lowest expected asymptote of all trials |
 * | y*     | the lowest loss seen so far |
 *
 *     start at x:  E[max(f* - f(x), 0) | all f_i as expected] / R       at the x where that is greatest
 *     thaw i:      the greater of  E max(f* - f_i, 0) / (R - r_i)  and  max_t (y* - E y_i(t)) / (t - r_i)
 *
 * The action with the greatest number is taken: an improvement for each epoch that it costs. The expected improvement of the asymptotes
 * alone, E max(f* - f, 0), does badly:
 *
 * - It starts and never thaws. A paused trial's asymptote is as uncertain a little beside it, where nothing was tried and what was tells
 *   less, so a twin of the best trial looks better than the trial. Hence a start is valued as if every trial ended as expected: what
 *   is uncertain of trials is left to be found out by thawing them. The means are the same; the variances of twins are not.
 * - It does not see what was paid already: hence the division by the epochs that are left to pay.
 * - It leaves the best trial before its end: once its asymptote is known, no improvement on f* is left. But the loss that was reached
 *   counts, not the one that was foreseen; hence the second number of a thaw: by how much the curve is expected to fall below all that
 *   was seen, an epoch. It is great for a best trial on a steep slope, and 0 for most. The expected improvement of y_i(t) will not do in
 *   its place: to the kernel a decay comes from above or below, so the least known curves would have the greatest.
 *
 * No trial is thawed for ever, since it ends at R. In `test/oracles/freeze-thaw.slow.test.ts` it is measured what the search leaves.
 *
 * Where the paper chooses by the entropy of the minimum's place among a few trials and points, this chooses by expected improvement
 * among all paused trials and one new point.
 */
import type { HyperValues } from "../../space/space.ts";
import { inputError } from "../../util/error.ts";
import { streamKey } from "../../util/random.ts";
import { bestImprovement } from "../best-improvement.ts";
import { coordinatesOf, fromPoint, settled, toPoint } from "../coordinates.ts";
import { coverPoint } from "../cover-point.ts";
import { predictCurve } from "../gp/freeze-thaw-posterior.ts";
import { posterior, predict, predictMean, type Posterior } from "../gp/posterior.ts";
import { logEi } from "../log-ei.ts";
import {
  budgetOf,
  type Decision,
  type ScheduledTrial,
  type Scheduler,
  type StudyFacts,
} from "../schedulers/scheduler.ts";
import { curveModel, type CurveLengths, type CurveModel } from "./curve-model.ts";
import { hasFailed } from "./observed-curves.ts";
import { joined } from "../../util/statistics.ts";
import { ownOptions } from "../../util/given.ts";
import { count, needed, positive } from "../../util/rule.ts";

/** Options of {@link freezeThaw}. */
export interface FreezeThawOptions {
  /** R: epochs of a trial that goes to its end. */
  readonly budget: number;
  /** Epochs between two decisions; default a tenth of the budget. */
  readonly interval?: number;
  /** Trials that start at quasi-random points before it learns; default 10. */
  readonly startupTrials?: number;
  /** Points at which the improvement is looked up before the best of them are followed uphill; default 256. */
  readonly candidates?: number;
}

/**
 * Trains a little, decides anew, and goes on with whichever trial, or new one, promises the greatest improvement an epoch. For
 * trainings whose curves tell early where they end, and up to some hundred trials: a decision costs O(n^3).
 *
 * It chooses hyperparameters itself; the sampler of its study is not asked. Trials that run elsewhere meanwhile count as if they
 * came out as expected, failed ones as the worst.
 *
 * @throws {HypertrainError} if a setting is impossible.
 */
export function freezeThaw(options: FreezeThawOptions): Scheduler {
  const {
    budget,
    startupTrials = 10,
    candidates = 256,
    ...rhythm
  } = ownOptions("freezeThaw", options, {
    ...{ budget: needed(positive), interval: positive, startupTrials: count, candidates: count },
  });
  const { interval = budget / 10 } = rhythm;
  if (interval > budget) {
    throw inputError(
      `the interval of freeze-thaw must be at most its budget of ${budget} epochs, but got ${interval}; lower it`,
    );
  }
  const lengths = { budget, interval };
  const model = curveModel(lengths);
  const start = (values: HyperValues): Decision => ({ kind: "start", to: interval, values });
  const thaw = (trial: ScheduledTrial): Decision => {
    const to = budgetOf(trial) + interval;
    return { kind: "continue", trial: trial.number, to: to < budget - interval / 100 ? to : budget };
  };
  return {
    name: "freeze-thaw",
    budget,
    decide(given, study) {
      const trials = given.toSorted((a, b) => a.number - b.number);
      const paused = trials.filter(
        (trial) => trial.state === "paused" && !hasFailed(trial) && budgetOf(trial) < budget * (1 - 1e-9),
      );
      const { length } = coordinatesOf(study.space);
      if (length === 0) return paused[0] ? thaw(paused[0]) : start({});
      const untold = paused.find(({ curve }) => curve.length === 0);
      if (untold) return thaw(untold);
      const told = trials.filter((trial) => trial.curve.length > 0 && !hasFailed(trial));
      if (trials.length < startupTrials || told.length < 2) {
        const key = streamKey(study.seed, "freeze-thaw startup");
        return start(fromPoint(study.space, coverPoint(key, trials.length, length)));
      }
      const now = model(trials, study);
      const { asymptotes } = now.known;
      const expected = predictMean(asymptotes, asymptotes.inputs);
      const best = expected.reduce(
        (least, mean, i) => (hasFailed(now.trials[i] as ScheduledTrial) ? least : Math.min(least, mean)),
        Infinity,
      );
      const { values, rate } = newcomer(now, trials, study, { best, expected, candidates, budget });
      const rates = paused.map((trial) => thawRate(now, trial, best, lengths));
      const top = Math.max(...rates);
      const favourite = paused[rates.indexOf(top)];
      return favourite && top >= rate ? thaw(favourite) : start(values);
    },
  };
}

/** The best point to start at, and the logarithm of what it is worth, an epoch. */
function newcomer(
  { known: { asymptotes }, trials: observed, points, inputs }: CurveModel,
  trials: readonly ScheduledTrial[],
  { space, seed }: StudyFacts,
  at: { readonly best: number; readonly expected: Float64Array; candidates: number; budget: number },
): { values: HyperValues; rate: number } {
  const { best, expected, candidates, budget } = at;
  const waiting = trials
    .filter((trial) => !observed.includes(trial))
    .map((trial) => toPoint(space, trial.values));
  const known = asExpected(asymptotes, inputs.encode(waiting));
  const point = bestImprovement({
    ...{ space, inputs, known, best, candidates },
    history: { points, losses: expected, running: waiting },
    key: streamKey(seed, `freeze-thaw candidates ${trials.length}`),
  });
  const improvement = logEi(predict(known, inputs.encode([settled(space, point)])), best)[0] as number;
  return { values: fromPoint(space, point), rate: improvement - Math.log(budget) };
}

/** The logarithm of what it is worth to thaw a trial, an epoch. */
function thawRate(
  { known, trials, points, inputs, lowest }: CurveModel,
  trial: ScheduledTrial,
  best: number,
  { budget, interval }: CurveLengths,
): number {
  const seen = budgetOf(trial);
  const index = trials.indexOf(trial);
  const row = inputs.encode([points[index] as Float64Array]);
  const improvement = logEi(predict(known.asymptotes, row), best)[0] as number;
  const steps = Math.ceil((budget - seen) / interval - 1e-9);
  const ahead = Float64Array.from({ length: steps }, (_, j) => Math.min(seen + (j + 1) * interval, budget));
  const { mean } = predictCurve(
    known,
    index,
    ahead.map((t) => t / budget),
  );
  const falls = ahead.map((t, j) => (lowest - (mean[j] as number)) / (t - seen));
  return Math.max(improvement - Math.log(budget - seen), Math.log(Math.max(...falls, 0)));
}

/** What would be known if every trial, and those at some more points, ended as expected: the means stay. */
function asExpected(known: Posterior, rows: Float64Array): Posterior {
  const { kernel, theta, inputs, targetMean } = known;
  const all = joined(inputs, rows);
  const targets = predictMean(known, all).map((mean) => mean - targetMean);
  return { ...posterior({ inputs: all, targets }, kernel, theta), targetMean };
}
