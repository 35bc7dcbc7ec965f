import type { TracePoint } from "../../api/trace.ts";
import type { RunEvent } from "../../tuners/run.ts";
import { formatHyper, formatLoss, formatSeconds } from "../../report/format.ts";

/** What is being trained. */
export interface Phase {
  readonly name: "tuning" | "training" | "baseline" | "linear model";
  /** Seconds after which it ends; Infinity where time does not limit it. */
  readonly timeLimit: number;
}

/** Shows one phase of a run to people. */
export interface ProgressView {
  see(event: RunEvent): void;
  /** Leaves the terminal as it was, also after a failure. */
  close(): void;
}

/** Begins to show a phase. */
export type OpenView = (phase: Phase) => ProgressView;

/** Where a phase stands, in numbers that are ready to be shown. */
export interface Standing {
  /** From 0 to 1. */
  readonly done: number;
  /** `12/250`, or `12` where only time limits the run. */
  readonly epoch: string;
  readonly trainLoss: string;
  readonly validLoss: string;
  /** `12 s left`, `– left` while unknown, or how long it took. */
  readonly time: string;
  readonly hypers: string;
}

/** Follows a phase's events: call it with each, and get where the phase stands. */
export function follow({ timeLimit }: Phase): (event: RunEvent) => Standing {
  let begin: { readonly step: number; readonly seconds: number } | undefined;
  let steps = Infinity;
  let stepsPerEpoch = 1;
  let trace: TracePoint | undefined;
  let loss: number | undefined;
  let at = { step: 0, seconds: 0 };

  return (event) => {
    if (event.kind === "start") {
      ({ steps, stepsPerEpoch } = event);
      at = event.trace;
    }
    if (event.kind === "step") {
      at = event;
      begin ??= event; // the first step compiles, and says nothing of the speed
      loss ??= event.loss;
    }
    if (event.kind === "start" || event.kind === "epoch") trace = event.trace;
    if (trace?.train) loss = trace.train.loss;

    const rate = begin ? (at.step - begin.step) / (at.seconds - begin.seconds) : NaN;
    const evaluated = event.kind === "step" ? at.step - 1 : at.step; // the evaluation behind a step is told after it
    const left = leftOf((steps - at.step) / rate, timeLimit - at.seconds);
    return {
      done: Math.min(1, Math.max(at.step / steps, at.seconds / timeLimit)),
      epoch: `${Math.floor(evaluated / stepsPerEpoch)}${Number.isFinite(steps) ? `/${Math.ceil(steps / stepsPerEpoch)}` : ""}`,
      trainLoss: formatLoss(loss),
      validLoss: formatLoss(trace?.valid.loss),
      time: event.kind === "end" ? `done in ${formatSeconds(at.seconds)}` : `${formatSeconds(left)} left`,
      hypers: hyperLine(trace),
    };
  };
}

/** Whether there is anything to show: a finished run that is resumed makes no step. */
export const isUnderWay = (event: RunEvent): boolean =>
  event.kind === "step" || (event.kind === "start" && event.trace.step === 0);

/** The lesser of two times of which either may be unknown. */
function leftOf(steps: number, time: number): number {
  return Math.max(0, Math.min(Number.isNaN(steps) ? Infinity : steps, time));
}

/** All hyperparameters in one line, those of a kind together: `dropout input 0.12 fc1 0.31 · l2 fc1 2e-4`. */
function hyperLine(trace: TracePoint | undefined): string {
  const groups = new Map<string, string[]>();
  for (const [name, point] of Object.entries(trace?.hyperparameters ?? {})) {
    const [kind, ...place] = name.split(".") as [string, ...string[]];
    const entry = [...place, formatHyper(point)].join(" ");
    groups.set(kind, [...(groups.get(kind) ?? []), entry]);
  }
  const kinds = [...groups].map(([kind, entries]) => `${kind} ${entries.join("  ")}`);
  return [...(trace?.trial ? [`training ${trace.trial.number}`] : []), ...kinds].join(" · ");
}
