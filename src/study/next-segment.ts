import { costsOf, type Goals, type TrialMeasures } from "../search/goals.ts";
import type { Trial } from "../search/sampler.ts";
import { budgetOf, type Decision, type ScheduledTrial } from "../search/schedulers/scheduler.ts";
import type { HyperValues } from "../space/space.ts";
import { leastOf } from "../util/statistics.ts";
import { nextDecision, type Deciding } from "./next-decision.ts";

/**
 * A trial of a study, which one worker has or several share. All of it is JSON.
 *
 * It is trained in segments, from one budget to the next. Between them it is `paused`; a segment that nobody trains yet, or no more,
 * is `waiting`.
 */
export interface TrialRecord {
  readonly number: number;
  /** What it is trained with now, in natural units. */
  readonly values: Readonly<HyperValues>;
  readonly state: "waiting" | "running" | "paused" | "complete" | "failed";
  /** Raised by every claim: a worker with an older one has lost the trial. */
  readonly attempt: number;
  /** How many workers have died on this segment. */
  readonly deaths: number;
  /** The budget that its segment goes to, in epochs. */
  readonly to: number;
  readonly curve: ScheduledTrial["curve"];
  /** The attempt that measured the last of these losses: programs must report those of one attempt in the order of their budgets. */
  readonly measuredBy?: number;
  readonly copies?: NonNullable<ScheduledTrial["copies"]>;
  /** What the sampler suggested, if it did, and what it was told of that: the lowest loss, or null where there was none. */
  readonly suggested?: Suggestion;
  /** The digest of the snapshot that training goes on from; none at the beginning. */
  readonly checkpoint?: string;
  /** What it has measured, for the study's objectives and bounds; absent in a study without them. */
  readonly measures?: TrialMeasures;
  /** Why it failed. */
  readonly reason?: string;
}

/** A suggestion, by its number in the search. */
export interface Suggestion {
  readonly asked: number;
  readonly values: Readonly<HyperValues>;
  readonly told?: number | null;
  /** What the trial had measured then, in a study with objectives. */
  readonly measures?: TrialMeasures;
}

/** What a study consists of besides its trials. */
export interface StudyPlan extends Deciding {
  readonly trials: number;
  /** What the sampler follows besides the lowest loss. */
  readonly goals?: Goals;
}

/** What a worker without work is to do. */
export type NextSegment =
  /** Train this trial to its budget. `changed` has all trials that the decision changed, this one included. */
  | {
      readonly kind: "segment";
      readonly trial: TrialRecord;
      readonly changed: readonly TrialRecord[];
      /** Absent for a segment that was decided before and lost its worker. */
      readonly decision?: Exclude<Decision, { kind: "wait" }>;
      /** Whether it tries the first of the values that were enqueued. */
      readonly dequeued?: boolean;
    }
  /** Ask again when another worker has finished a segment. */
  | { readonly kind: "wait" }
  /** Nothing is left, now or later. */
  | { readonly kind: "done" };

/**
 * The segment to train next: one that lost its worker, or else what the scheduler decides. Depends on its arguments alone, so that the
 * decisions of a study can be replayed. A study in memory, `openStudy`, asks it as well as the workers of a stored one.
 *
 * @param trials by number, from 0 on
 * @param enqueued values, maybe of some hyperparameters only, that the next trials are to try where the sampler would choose
 */
export function nextSegment(
  plan: StudyPlan,
  trials: readonly TrialRecord[],
  enqueued: readonly Readonly<HyperValues>[] = [],
): NextSegment {
  const orphan = trials.find(({ state }) => state === "waiting");
  if (orphan) return { kind: "segment", trial: orphan, changed: [] };
  const decision = decisionOn(plan, trials);
  if (!decision) return { kind: trials.some(({ state }) => state === "running") ? "wait" : "done" };
  const wanted = decision.kind === "start" && !decision.values ? enqueued[0] : undefined;
  const changed = changedBy(decision, plan, trials, wanted);
  const trial = changed.at(-1) as TrialRecord;
  return { kind: "segment", trial, changed, decision, ...(wanted && { dequeued: true }) };
}

/** Whether nothing is left of a study, now or later; it asks the sampler nothing. */
export const isOver = (plan: StudyPlan, trials: readonly TrialRecord[]): boolean =>
  !trials.some(({ state }) => isOpen(state)) && !decisionOn(plan, trials);

/** What is to be done now, if anything. */
function decisionOn(
  plan: StudyPlan,
  trials: readonly TrialRecord[],
): Exclude<Decision, { kind: "wait" }> | undefined {
  const decision = nextDecision(plan, trials.map(asScheduled));
  return decision?.kind === "wait" ? undefined : decision;
}

/** A trial as schedulers see it: to them one that waits for a worker runs. */
const asScheduled = ({ number, values, curve, state, copies }: TrialRecord): ScheduledTrial => ({
  number,
  values,
  curve,
  state: state === "failed" ? "failed" : isOpen(state) ? "running" : "paused",
  ...(copies && { copies }),
});

const isOpen = (state: TrialRecord["state"]): boolean => state === "running" || state === "waiting";

/** The trials that a decision changes; the one to train is the last. */
function changedBy(
  decision: Exclude<Decision, { kind: "wait" }>,
  plan: StudyPlan,
  trials: readonly TrialRecord[],
  wanted: Readonly<HyperValues> | undefined,
): readonly TrialRecord[] {
  const { to } = decision;
  if (decision.kind === "start") {
    const settled = trials.map(settledOf);
    const suggested = decision.values ? undefined : suggest(plan, settled, wanted);
    const values = decision.values ?? (suggested as Suggestion).values;
    const begun = { number: trials.length, values, attempt: 0, deaths: 0, curve: [], to } as const;
    return [
      ...settled.filter((trial, i) => trial !== trials[i]),
      { ...begun, state: "waiting", ...(suggested && { suggested }), ...(plan.goals && { measures: {} }) },
    ];
  }
  const trial = trials[decision.trial] as TrialRecord;
  if (decision.kind === "continue") return [{ ...trial, state: "waiting", to }];
  return [cloned(settledOf(trial), trials[decision.from] as TrialRecord, decision.values, to)];
}

/** A trial of which the sampler knows how it fared, if it stands still; its losses so far count, though a scheduler may go on with it. */
function settledOf(trial: TrialRecord): TrialRecord {
  const { suggested, state, curve, measures } = trial;
  if (!suggested || suggested.told !== undefined || isOpen(state)) return trial;
  const none = state === "failed" || curve.length === 0;
  return {
    ...trial,
    suggested: {
      ...suggested,
      told: none ? null : leastOf(curve.map(({ loss }) => loss)),
      ...(measures && { measures }),
    },
  };
}

function suggest(
  { sampler, space, seed, goals }: StudyPlan,
  trials: readonly TrialRecord[],
  wanted?: Readonly<HyperValues>,
): Suggestion {
  const history = trials.flatMap(({ suggested }) => (suggested ? [asTrial(suggested, goals)] : []));
  const asked = history.length;
  return {
    asked,
    values: Object.freeze({
      ...sampler.suggest({ space, trials: history, seed, number: asked, ...(goals && { goals }) }),
      ...wanted,
    }),
  };
}

/** A trial without a finite measure of each objective has failed. */
function asTrial({ asked: number, values, told, measures = {} }: Suggestion, goals?: Goals): Trial {
  if (told === undefined) return { number, values, state: "running" };
  const costs = told === null ? [] : goals ? costsOf(measures, goals.objectives) : [told];
  const [value] = costs;
  return value === undefined || !costs.every(Number.isFinite)
    ? { number, values, state: "failed" }
    : { number, values, state: "finished", value, ...(goals && { measures }) };
}

/** The trial after it became a copy of another; its curve stays what was measured of it, up to where the other one stands. */
function cloned(
  { checkpoint: _checkpoint, reason: _reason, ...trial }: TrialRecord,
  source: TrialRecord,
  values: Readonly<HyperValues>,
  to: number,
): TrialRecord {
  const budget = budgetOf(source);
  return {
    ...trial,
    ...{ values, to, state: "waiting" },
    curve: trial.curve.filter((point) => point.budget <= budget + 1e-9),
    copies: [...(trial.copies ?? []), { budget, from: source.number }],
    ...(source.checkpoint !== undefined && { checkpoint: source.checkpoint }),
  };
}
