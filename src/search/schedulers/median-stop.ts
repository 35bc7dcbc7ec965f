import { budgetOf, type ScheduledTrial, type Scheduler } from "./scheduler.ts";
import { ownOptions } from "../../util/given.ts";
import { count, fromZero, needed, orInfinity, positive } from "../../util/rule.ts";

/** Options of {@link medianStop}. */
export interface MedianStopOptions {
  /** Epochs of a trial that is not stopped. */
  readonly budget: number;
  /** Epochs between two looks; default a tenth of the budget. */
  readonly interval?: number;
  /** Epochs before the first look; default three intervals. */
  readonly grace?: number;
  /** Trials that must have come as far before any is stopped; default 3. */
  readonly least?: number;
}

/**
 * The median rule (Golovin et al., "Google Vizier", 2017): a trial is left when its best loss so far is above the median of the other
 * trials' mean losses up to the same budget.
 *
 * A mean over losses of which one is not finite is infinite, and so is the best of losses none of which is finite: such a trial is left
 * whatever the median.
 */
export function medianStop(options: MedianStopOptions): Scheduler {
  const {
    budget,
    least = 3,
    ...rhythm
  } = ownOptions("medianStop", options, {
    ...{
      budget: needed(positive),
      interval: positive,
      grace: orInfinity(fromZero),
      least: count,
    },
  });
  const { interval = budget / 10, grace = 3 * interval } = rhythm;
  return {
    name: "median-stop",
    budget,
    decide(trials) {
      const last = trials.toSorted((a, b) => a.number - b.number).at(-1);
      if (last?.state === "running") return { kind: "wait" };
      const seen = last ? budgetOf(last) : budget;
      if (last && last.state === "paused" && seen < budget - 1e-9 && !hopeless(last, trials, grace, least)) {
        return { kind: "continue", trial: last.number, to: Math.min(budget, seen + interval) };
      }
      return { kind: "start", to: Math.min(budget, interval) };
    },
  };
}

function hopeless(
  trial: ScheduledTrial,
  trials: readonly ScheduledTrial[],
  grace: number,
  least: number,
): boolean {
  const seen = budgetOf(trial);
  if (seen < grace - 1e-9) return false;
  const others = trials
    .filter((other) => other !== trial && other.state !== "failed" && budgetOf(other) >= seen - 1e-9)
    .map(({ curve }) => {
      const until = curve.filter((point) => point.budget <= seen + 1e-9);
      const mean = until.reduce((sum, { loss }) => sum + loss / until.length, 0);
      return Number.isFinite(mean) ? mean : Infinity;
    })
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (others.length < least) return false;
  const best = trial.curve.reduce(
    (low, { loss }) => (Number.isFinite(loss) ? Math.min(low, loss) : low),
    Infinity,
  );
  return best === Infinity || best > (others[Math.floor((others.length - 1) / 2)] as number);
}
