import { toPoint } from "./coordinates.ts";
import type { SearchSpace } from "./conditions.ts";
import { violationOf, type Goals } from "./goals.ts";
import type { Trial } from "./sampler.ts";

/** A history as points with losses, by trial number. */
export interface History {
  /** Trials that ended, n of them. [n][d] */
  readonly points: readonly Float64Array[];
  /** What each counts for. [n] */
  readonly losses: Float64Array;
  /** Their numbers. [n] */
  readonly numbers: readonly number[];
  /** Trials that run. [][d] */
  readonly running: readonly Float64Array[];
}

/**
 * What samplers that learn make of a history: a loss for every trial that ended.
 *
 * - finished: its value;
 * - pruned: its last value, or the median of the finished ones if that is worse, since it was stopped for looking no better;
 * - finished, but beyond a bound: as much worse than the worst that keeps all bounds as it breaks them (Deb, "An efficient constraint handling
 *   method for genetic algorithms", 2000), in units of the losses of these;
 * - failed, pruned without a value, or with one that is not finite: the worst loss of all others, so that its neighbourhood is left.
 *
 * @throws {HypertrainError} if a trial's values are not of the space.
 */
export function historyOf(space: SearchSpace, trials: readonly Trial[], goals?: Goals): History {
  const sorted = byNumber(trials);
  const ended = sorted.filter(({ state }) => state !== "running");
  return {
    points: ended.map(({ values }) => toPoint(space, values)),
    losses: lossesOf(ended, goals?.bounds ?? []),
    numbers: ended.map(({ number }) => number),
    running: sorted.filter(({ state }) => state === "running").map(({ values }) => toPoint(space, values)),
  };
}

function lossesOf(ended: readonly Trial[], bounds: Goals["bounds"]): Float64Array {
  const losses = bounds.length === 0 ? reached(ended) : within(bounds, ended, reached(ended));
  const worst = losses.reduce((most, loss) => (loss > most ? loss : most), -Infinity);
  return losses.map((loss) => (Number.isNaN(loss) ? (worst === -Infinity ? 0 : worst) : loss));
}

/** The losses that trials reached; NaN where there is none. */
function reached(ended: readonly Trial[]): Float64Array {
  const finished = ended.flatMap((trial) =>
    trial.state === "finished" && Number.isFinite(trial.value) ? [trial.value] : [],
  );
  const middle = finished.length < ended.length ? medianOf(finished) : -Infinity;
  return Float64Array.from(ended, (trial) => {
    const value = "value" in trial ? trial.value : undefined;
    if (value === undefined || !Number.isFinite(value)) return NaN;
    return trial.state === "pruned" ? Math.max(value, middle) : value;
  });
}

/** The losses with trials beyond a bound behind all that keep them. */
function within(bounds: Goals["bounds"], ended: readonly Trial[], losses: Float64Array): Float64Array {
  const excess = ended.map((trial) =>
    trial.state === "finished" ? violationOf(trial.measures ?? {}, bounds) : 0,
  );
  const kept = losses.filter((loss, i) => excess[i] === 0 && !Number.isNaN(loss));
  const worst = kept.length > 0 ? kept.reduce((a, b) => Math.max(a, b)) : 0;
  const range = worst - kept.reduce((a, b) => Math.min(a, b), worst);
  const unit = range > 0 ? range : 1;
  return losses.map((loss, i) => {
    const violation = excess[i] as number;
    return violation > 0 ? Math.min(worst + unit * violation, Number.MAX_VALUE) : loss;
  });
}

/** The lower median; minus infinity of nothing. */
const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? -Infinity;

/** The same array where it is sorted already, as it is in a search. */
function byNumber(trials: readonly Trial[]): readonly Trial[] {
  const sorted = trials.every(({ number }, i) => i === 0 || (trials[i - 1] as Trial).number < number);
  return sorted ? trials : trials.toSorted((a, b) => a.number - b.number);
}
