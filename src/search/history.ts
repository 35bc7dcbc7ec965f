import { toPoint } from "./coordinates.ts";
import type { SearchSpace } from "./conditions.ts";
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
 * - failed, pruned without a value, or with one that is not finite: the worst loss of all others, so that its neighbourhood is left.
 *
 * @throws {HypertrainError} if a trial's values are not of the space.
 */
export function historyOf(space: SearchSpace, trials: readonly Trial[]): History {
  const sorted = byNumber(trials);
  const ended = sorted.filter(({ state }) => state !== "running");
  return {
    points: ended.map(({ values }) => toPoint(space, values)),
    losses: lossesOf(ended),
    numbers: ended.map(({ number }) => number),
    running: sorted.filter(({ state }) => state === "running").map(({ values }) => toPoint(space, values)),
  };
}

function lossesOf(ended: readonly Trial[]): Float64Array {
  const finished = ended.flatMap((trial) =>
    trial.state === "finished" && Number.isFinite(trial.value) ? [trial.value] : [],
  );
  const middle = finished.length < ended.length ? medianOf(finished) : -Infinity;
  const losses = Float64Array.from(ended, (trial) => {
    const value = "value" in trial ? trial.value : undefined;
    if (value === undefined || !Number.isFinite(value)) return NaN;
    return trial.state === "pruned" ? Math.max(value, middle) : value;
  });
  const worst = losses.reduce((most, loss) => (loss > most ? loss : most), -Infinity);
  return losses.map((loss) => (Number.isNaN(loss) ? (worst === -Infinity ? 0 : worst) : loss));
}

/** The lower median; minus infinity of nothing. */
const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? -Infinity;

/** The same array where it is sorted already, as it is in a search. */
function byNumber(trials: readonly Trial[]): readonly Trial[] {
  const sorted = trials.every(({ number }, i) => i === 0 || (trials[i - 1] as Trial).number < number);
  return sorted ? trials : trials.toSorted((a, b) => a.number - b.number);
}
