import type { HyperValues, Space } from "../../space/space.ts";
import { objectWith } from "../../util/rule.ts";

/** A trial as a scheduler sees it: how its loss fell with the budget that was spent on it. */
export interface ScheduledTrial {
  readonly number: number;
  /** What it is trained with now: a clone's are not those that it began with. */
  readonly values: Readonly<HyperValues>;
  /** Losses in the order of their budgets (epochs); empty before the first. */
  readonly curve: readonly { readonly budget: number; readonly loss: number }[];
  /** A `failed` trial is never gone on with; it may become a clone of another. */
  readonly state: "running" | "paused" | "failed";
  /** Which trials it became a copy of, and at which budgets they stood, in order; absent before the first time. */
  readonly copies?: readonly { readonly budget: number; readonly from: number }[];
}

/** What to do next. */
export type Decision =
  /** Start a new trial, at these values or at those that the sampler suggests, and train it to this budget. */
  | { readonly kind: "start"; readonly to: number; readonly values?: Readonly<HyperValues> }
  /** Go on with a paused trial to this budget. */
  | { readonly kind: "continue"; readonly trial: number; readonly to: number }
  /** Trial `trial` becomes a copy of trial `from`, weights and optimizer, and goes on from there at these values to this budget. */
  | {
      readonly kind: "clone";
      readonly trial: number;
      readonly from: number;
      readonly values: Readonly<HyperValues>;
      readonly to: number;
    }
  /** Nothing before a running trial pauses. */
  | { readonly kind: "wait" };

/** What a scheduler knows of the study besides its trials. */
export interface StudyFacts {
  /** What is searched, with finite ranges. */
  readonly space: Space;
  /** An integer of at most 53 bits, from which random draws follow. */
  readonly seed: number;
  /** No more trials than these are started, whatever is decided; default no limit. */
  readonly trials?: number;
}

/**
 * A way to spend a budget on trials: which to start, to go on with, to copy and to leave.
 *
 * A decision is a function of the trials and the study's facts alone, so that a study that stops and resumes decides what it would
 * have. Random draws are keyed by the seed, the scheduler's name and a counter that follows from the trials.
 */
export interface Scheduler {
  /** In kebab case, as commands spell it. */
  readonly name: string;
  /** A trial that has had this budget is never gone on with or copied, so that its weights may be forgotten; default none. */
  readonly budget?: number;
  decide(trials: readonly ScheduledTrial[], study: StudyFacts): Decision;
}

/** What a scheduler must be. */
export const aScheduler = objectWith<Scheduler>("a scheduler, such as fullBudget(27)", {
  name: "string",
  decide: "function",
});

/** The budget that a trial has seen. */
export const budgetOf = ({ curve }: Pick<ScheduledTrial, "curve">): number => curve.at(-1)?.budget ?? 0;

/** Whether a trial that has had this budget is never gone on with. */
export const isWhole = (budget: number, { budget: whole = Infinity }: Scheduler): boolean =>
  budget >= whole - 1e-9;

/**
 * Its loss at a budget: that of the last evaluation up to it. Infinity for a failed trial, before the first evaluation, and where the
 * loss is not finite.
 */
export function lossAt({ curve, state }: ScheduledTrial, budget: number): number {
  const loss = curve.findLast((point) => point.budget <= budget + 1e-9)?.loss;
  return state !== "failed" && Number.isFinite(loss) ? (loss as number) : Infinity;
}

/** The best of some trials at a budget, the lower number first among equals. */
export const bestAt = (trials: readonly ScheduledTrial[], budget: number, count: number): ScheduledTrial[] =>
  trials
    .toSorted((a, b) => lossAt(a, budget) - lossAt(b, budget) || a.number - b.number)
    .slice(0, count)
    .filter((trial) => lossAt(trial, budget) < Infinity);
