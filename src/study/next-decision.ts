import type { Sampler } from "../search/sampler.ts";
import {
  bestAt,
  budgetOf,
  type Decision,
  type ScheduledTrial,
  type Scheduler,
  type StudyFacts,
} from "../search/schedulers/scheduler.ts";

/** What decides in a study. */
export interface Deciding extends StudyFacts {
  readonly sampler: Sampler;
  readonly scheduler: Scheduler;
}

/**
 * What a study does next: what its scheduler decides. Where no trial may start any more, since all are made that were asked for or the
 * sampler has no further points, and none has come to the whole budget, the best of them goes on to it: a study ends with a training
 * that is whole.
 *
 * @returns nothing where nothing is left
 */
export function nextDecision(plan: Deciding, trials: readonly ScheduledTrial[]): Decision | undefined {
  const { sampler, scheduler, space, seed } = plan;
  const most = Math.min(plan.trials ?? Infinity, sampler.size?.(space) ?? Infinity);
  const decision = scheduler.decide(trials, { space, seed, trials: most });
  return decision.kind === "start" && trials.length >= most ? toTheEnd(trials, scheduler) : decision;
}

function toTheEnd(
  trials: readonly ScheduledTrial[],
  { budget = 0 }: Scheduler, // whose own decisions come to an end, where it says none
): Decision | undefined {
  if (trials.some(({ state }) => state === "running")) return { kind: "wait" };
  const isWhole = (trial: ScheduledTrial) => trial.state !== "failed" && budgetOf(trial) >= budget - 1e-9;
  if (trials.some(isWhole)) return undefined;
  const [best] = bestAt(trials, budget, 1);
  return best && { kind: "continue", trial: best.number, to: budget };
}
