import type { TracePoint } from "../../api/trace.ts";
import { keepsBounds, type Goals } from "../../search/goals.ts";
import type { StoredPoint, StudyModel } from "../../storage/storage.ts";
import type { TrialRecord } from "../../study/next-segment.ts";

/**
 * The evaluations of all trials as one trace, in the order in which they were made: steps, gradients and seconds are those of all
 * workers together. The last of each trial that did not fail has what it measured, in a study with goals; all of one that breaks their bounds
 * are unfit. Those of one that failed are marked, but for what it had come to where the study's model is of it.
 */
export function overallTrace(
  points: readonly StoredPoint[],
  trials: readonly TrialRecord[],
  stepsPerEpoch: number,
  { goals, model }: { readonly goals?: Goals | undefined; readonly model?: StudyModel | undefined } = {},
): readonly TracePoint[] {
  const earlier = new Map<number, StoredPoint>(); // the last of each trial
  const own = new Map<number, StoredPoint[]>();
  const lastOf = new Map(points.map(({ trial }, i) => [trial, i]));
  const spent = { step: 0, examples: 0, gradientEvaluations: 0, seconds: 0 };
  return points.flatMap((stored, i) => {
    const { trial, budget, point } = stored;
    const before = beforeOf(stored, earlier.get(trial), own, trials[trial]);
    for (const name of counts) spent[name] += Math.max(0, point[name] - (before?.point[name] ?? 0));
    earlier.set(trial, stored);
    if (own.get(trial)?.push(stored) === undefined) own.set(trial, [stored]);
    if (budget === 0 && i > 0) return []; // a later trial's start is no progress
    const { measures, state } = trials[trial] ?? {};
    const told = measures && lastOf.get(trial) === i && state !== "failed";
    const stands = model?.trial === trial && budget <= model.point.epoch;
    const failed = state === "failed" && budget > 0 && !stands && { failed: true as const };
    const place = { number: trial, epoch: budget, ...failed, ...(told && { measures }) };
    const unfit = goals && !keepsBounds(measures ?? {}, goals) && { unfit: true as const };
    return [{ ...point, ...spent, epoch: spent.step / stepsPerEpoch, trial: place, ...unfit }];
  });
}

const counts = ["step", "examples", "gradientEvaluations", "seconds"] as const;

/** The evaluation that a training went on from: its own, or that of the trial which it became a copy of meanwhile. */
function beforeOf(
  { budget }: StoredPoint,
  last: StoredPoint | undefined,
  own: ReadonlyMap<number, readonly StoredPoint[]>,
  trial: TrialRecord | undefined,
): StoredPoint | undefined {
  const copy = trial?.copies?.findLast((one) => one.budget < budget - 1e-9);
  if (!copy || (last && last.budget > copy.budget + 1e-9 && last.budget < budget)) return last;
  return own.get(copy.from)?.findLast((one) => one.budget <= copy.budget + 1e-9) ?? last;
}
