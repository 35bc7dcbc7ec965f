import type { TracePoint } from "../api/trace.ts";
import { LEAST_DIFFERENCE } from "../tuners/chance.ts";
import { judgeRival, type JudgedRows } from "./judge-rival.ts";
import { lastUntuned } from "./untuned.ts";

/**
 * What a run gained over the same training with its start held fixed:
 *
 * - `sure`: its validation loss is lower, by more than chance makes of so many rows, and its test loss does not say otherwise;
 * - `unconfirmed`: so it is of the validation rows alone;
 * - `by chance`: it is lower, by no more than chance makes;
 * - `too little`: it is lower, by less than half a percent;
 * - `none`: it is as high, or higher by no more than chance makes;
 * - `loss`: the start held fixed is better.
 */
export type Gain = "sure" | "unconfirmed" | "by chance" | "too little" | "none" | "loss";

/** What the best point of a run gained over that of a baseline. @param rows without which any difference that can be seen counts */
export function gainOver(baseline: TracePoint, best: TracePoint, rows?: JudgedRows): Gain {
  const [{ loss }, { loss: held }] = [best.valid, baseline.valid];
  if (loss >= held) return judgeRival(baseline, best, rows) === "better" ? "loss" : "none";
  if (held - loss < LEAST_DIFFERENCE * Math.abs(held)) return "too little";
  if (judgeRival(best, baseline, rows) === "better") return "sure";
  const ofValid = judgeRival({ valid: best.valid }, { valid: baseline.valid }, rows);
  return ofValid === "better" ? "unconfirmed" : "by chance";
}

/** Whether a best point came before the hyperparameters moved, so that nothing that it gained is tuning's. Trainings of a search have values of their own. */
export const isUntuned = (trace: readonly TracePoint[], best: TracePoint): boolean =>
  !best.trial && best.step <= (lastUntuned(trace)?.step ?? -1);
