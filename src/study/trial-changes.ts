/* What becomes of a trial while a segment of it is trained, wherever it is kept. */
import type { TracePoint } from "../api/trace.ts";
import type { TrialRecord } from "./next-segment.ts";
import { measuresAfter } from "./trial-measures.ts";

/** How a segment ended: trained to its budget, `complete` where nothing goes on with the trial; failed; or for whoever comes next to go on with. */
export type SegmentResult =
  | { readonly kind: "trained"; readonly complete: boolean }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "handed back" };

/** The trial after some evaluations, the first first; one before the first step, of budget 0, is no part of its curve. */
export const evaluated = (
  trial: TrialRecord,
  evaluations: readonly { readonly budget: number; readonly point: TracePoint }[],
): TrialRecord =>
  evaluations.reduce((before, { budget, point }) => {
    const { attempt, measures } = before;
    const earlier = before.curve.filter((one) => one.budget < budget - 1e-9);
    if (budget === 0) return { ...before, curve: earlier, measuredBy: attempt };
    return {
      ...before,
      curve: [...earlier, { budget, loss: point.valid.loss }],
      measuredBy: attempt,
      ...(measures && { measures: measuresAfter(measures, point, budget) }),
    };
  }, trial);

/** What the end of its segment changes of a trial. */
export function ended(end: SegmentResult): Partial<Pick<TrialRecord, "state" | "deaths" | "reason">> {
  if (end.kind === "handed back") return { state: "waiting" };
  if (end.kind === "failed") return { state: "failed", deaths: 0, reason: end.reason };
  return { state: end.complete ? "complete" : "paused", deaths: 0 };
}
