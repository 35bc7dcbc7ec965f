import { isDeepStrictEqual } from "node:util";

import type { TracePoint } from "../../api/trace.ts";
import { measuresOf, type TrialMeasures } from "../../search/goals.ts";
import { isWhole } from "../../search/schedulers/scheduler.ts";
import type { SegmentEnd, StudyReadings, TrialEvaluation } from "../../storage/storage.ts";
import type { StudyPlan, TrialRecord } from "../../study/next-segment.ts";
import { toldPoint, type ToldPoint } from "../../study/told-point.ts";
import { measuresAfter } from "../../study/trial-measures.ts";
import { oneLine } from "../../util/text.ts";
import { Refusal } from "../http/server.ts";

/* What programs say of their trials, as it is stored. */

/** How a program's trial ended: at a loss, at the last one that was reported, without one, or not at all. */
export interface ToldEnd {
  readonly loss?: number | undefined;
  readonly measures?: ToldPoint["measures"];
  readonly failed?: string | undefined;
  readonly handBack?: boolean | undefined;
}

/**
 * How a segment ended that a program tells of. What is read here is what its attempt wrote as long as the claim holds, which the change that
 * follows demands: whoever takes the trial over raises its attempt.
 *
 * @param study its name
 * @throws {Refusal} where it must be told with more.
 */
export async function segmentEndOf(
  storage: StudyReadings,
  study: string,
  { goals, scheduler }: StudyPlan,
  trial: TrialRecord,
  told: ToldEnd,
): Promise<SegmentEnd> {
  if (told.handBack) return { kind: "handed back" };
  if (told.failed !== undefined) return { kind: "failed", reason: oneLine(told.failed, 500) };
  const { to, checkpoint, measures = {} } = trial;
  const last = await lastOf(storage, study, trial, told);
  if (goals) demandMeasures(measuresOf(goals), measuresAfter(measures, last.point, last.budget));
  const complete = isWhole(to, scheduler);
  const snapshot =
    !complete && checkpoint !== undefined ? await storage.artifact(study, checkpoint) : undefined;
  return { kind: "trained", complete, ...(snapshot && { snapshot }), evaluations: [last] };
}

/**
 * Whether a trial ended as it is told once more: the answer got lost.
 *
 * @param last the last evaluation of it
 */
export function isRepeat(
  { state, reason }: TrialRecord,
  last: TracePoint | undefined,
  { loss, measures = {}, failed, handBack }: ToldEnd,
): boolean {
  if (handBack) return false;
  if (failed !== undefined) return state === "failed" && reason === oneLine(failed, 500);
  if (state === "failed") return false;
  const kept = last?.valid.measures ?? {};
  if (loss !== undefined) return loss === last?.valid.loss && isDeepStrictEqual(measures, kept);
  return Object.entries(measures).every(([name, value]) => kept[name] === value); // beside those that were reported
}

/**
 * The evaluation that a trial ends with: the one that is told or, without a loss, the last that was reported with what is told besides.
 *
 * @throws {Refusal} where none was reported at the trial's budget.
 */
async function lastOf(
  storage: StudyReadings,
  study: string,
  { number, to, curve }: TrialRecord,
  { loss, measures }: Pick<ToldEnd, "loss" | "measures">,
): Promise<TrialEvaluation> {
  if (loss !== undefined) return { budget: to, point: toldPoint({ budget: to, loss, measures }) };
  const end = curve.at(-1)?.budget ?? 0;
  const points = await storage.points(study, { from: number, to: number + 1 });
  const reported = end >= to * (1 - 1e-9) ? points.find(({ budget }) => budget === end) : undefined;
  if (!reported) {
    throw new Refusal(400, `a trial must be told with a loss, or have one reported at its budget ${to}`);
  }
  const { budget, point } = reported;
  const { valid } = point;
  return {
    budget,
    point: measures ? { ...point, valid: { ...valid, measures: { ...valid.measures, ...measures } } } : point,
  };
}

/** Demands all that a study follows of what its trial has measured. */
function demandMeasures(followed: readonly string[], measures: TrialMeasures): void {
  const lacking = followed.find((name) => !Object.hasOwn(measures, name));
  if (lacking === undefined) return;
  throw new Refusal(
    400,
    `a trial must be told with all that its study follows, but "${oneLine(lacking)}" is missing; tell it in measures, or that the trial failed`,
  );
}
