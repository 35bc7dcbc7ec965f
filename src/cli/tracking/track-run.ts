import type { HyperPoint, Score, TracePoint } from "../../api/trace.ts";
import type { RunEvent } from "../../tuners/run.ts";
import { isBetter } from "../../tuners/best.ts";
import { meanOf } from "../../util/statistics.ts";
import type { Tracked, TrackedEnd, TrackedParam, TrackedTraining, Tracker } from "./tracker.ts";

/** A run that is told to a tracker as it goes on. */
export interface TrackedRun {
  see(event: RunEvent): void;
  /** A point of the trace, where there are no events. */
  point(trace: TracePoint): void;
  end(how: TrackedEnd): void;
}

/** What a tracked run is called, and made with. */
export interface TrackRunOptions extends TrackedTraining {
  readonly stepsPerEpoch: number;
}

/**
 * Tells the evaluations of a run: its losses, measures and hyperparameters by step. Each trial of a search is a training of its own, made with
 * its hyperparameters; of the search itself the best so far is told.
 */
export function trackRun(tracker: Tracker, { stepsPerEpoch, ...training }: TrackRunOptions): TrackedRun {
  const { name } = training;
  let begun: Tracked | undefined; // with its first evaluation: a run that had ended before tells nothing
  const trials = new Map<number, Tracked>();
  let best: TracePoint | undefined;

  const trialOf = (number: number, { hyperparameters }: TracePoint): Tracked => {
    const known = trials.get(number);
    if (known) return known;
    const values = Object.entries(hyperparameters).map(([hyper, { value }]) => [hyper, paramOf(value)]);
    const made = tracker.begin({
      name: `${name}/trial-${number}`,
      parent: name,
      params: Object.fromEntries(values) as Record<string, TrackedParam>,
    });
    trials.set(number, made);
    return made;
  };

  const point = (trace: TracePoint): void => {
    const { trial, step, seconds } = trace;
    const whole = (begun ??= tracker.begin(training));
    if (!trial) return whole.see(step, { ...scalarsOf(trace), seconds });
    trialOf(trial.number, trace).see(Math.round(trial.epoch * stepsPerEpoch), scalarsOf(trace));
    if (!best || isBetter(trace, best)) best = trace;
    whole.see(step, { "best/valid/loss": best.valid.loss, trial: trial.number, seconds });
  };

  return {
    point,
    see(event) {
      if (event.kind === "epoch") point(event.trace);
      if (event.kind === "failed") best = event.best;
      if (event.kind === "start" && event.trace.step === 0) point(event.trace);
    },
    end(how) {
      for (const trial of trials.values()) trial.end(how);
      begun?.end(how);
    },
  };
}

/** The numbers of an evaluation by tag; of a hyperparameter with a shape, the mean. */
function scalarsOf(trace: TracePoint): Readonly<Record<string, number>> {
  const { train, valid, test, guard, hyperparameters } = trace;
  const hypers = Object.entries(hyperparameters).flatMap(([name, { value, scale }]: [string, HyperPoint]) => {
    const number = numberOf(value);
    return [
      ...(number === undefined ? [] : [[`hyper/${name}`, number]]),
      ...(scale === undefined ? [] : [[`scale/${name}`, numberOf(scale)]]),
    ];
  });
  return {
    ...(train && { "train/loss": train.loss, "train/penalty": train.penalty }),
    ...scoreScalars("valid", valid),
    ...(test && scoreScalars("test", test)),
    ...(guard && { "guard/loss": guard.loss }),
    ...(Object.fromEntries(hypers) as Record<string, number>),
  };
}

/** The numbers of a score. */
export const scoreScalars = (
  part: string,
  { loss, metric, measures = {} }: Score,
): Record<string, number> => ({
  [`${part}/loss`]: loss,
  ...(metric && { [`${part}/${metric.name}`]: metric.value }),
  ...Object.fromEntries(Object.entries(measures).map(([name, value]) => [`${part}/${name}`, value])),
});

const numberOf = (value: HyperPoint["value"]): number | undefined =>
  typeof value === "number"
    ? value
    : typeof value === "boolean"
      ? Number(value)
      : typeof value === "string"
        ? undefined
        : meanOf(value);

const paramOf = (value: HyperPoint["value"]): TrackedParam =>
  typeof value === "object" ? meanOf(value) : value;
