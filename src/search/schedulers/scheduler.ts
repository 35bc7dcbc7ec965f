/** A trial as a scheduler sees it: how its loss fell with the budget that was spent on it. */
export interface ScheduledTrial {
  readonly number: number;
  /** Losses in the order of their budgets (epochs); empty before the first. */
  readonly curve: readonly { readonly budget: number; readonly loss: number }[];
  /** `failed` trials are never gone on with. */
  readonly state: "running" | "paused" | "failed";
}

/** What to do next. */
export type Decision =
  /** Ask the sampler for a new trial and train it to this budget. */
  | { readonly kind: "start"; readonly to: number }
  /** Go on with a paused trial to this budget. */
  | { readonly kind: "continue"; readonly trial: number; readonly to: number }
  /** Nothing before a running trial pauses. */
  | { readonly kind: "wait" };

/**
 * A way to spend a budget on trials: which to start, to go on with, and to leave.
 *
 * A decision is a function of the trials alone, so that a study that stops and resumes decides what it would have.
 */
export interface Scheduler {
  /** In kebab case, as commands spell it. */
  readonly name: string;
  decide(trials: readonly ScheduledTrial[]): Decision;
}

/** The budget that a trial has seen. */
export const budgetOf = ({ curve }: ScheduledTrial): number => curve.at(-1)?.budget ?? 0;

/** Its loss at a budget: that of the last evaluation up to it. Infinity for a failed trial, or before the first evaluation. */
export const lossAt = ({ curve, state }: ScheduledTrial, budget: number): number =>
  state === "failed"
    ? Infinity
    : (curve.findLast((point) => point.budget <= budget + 1e-9)?.loss ?? Infinity);

/** The best of some trials at a budget, the lower number first among equals. */
export const bestAt = (trials: readonly ScheduledTrial[], budget: number, count: number): ScheduledTrial[] =>
  trials
    .toSorted((a, b) => lossAt(a, budget) - lossAt(b, budget) || a.number - b.number)
    .slice(0, count)
    .filter((trial) => lossAt(trial, budget) < Infinity);
