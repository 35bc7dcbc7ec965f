import type { TracePoint } from "../api/trace.ts";
import { ofBeginningAnew } from "./remarks/began-anew.ts";
import { besideLinear, linearStanding } from "./remarks/beside-linear.ts";
import type { RemarkFacts } from "./remarks/facts.ts";
import type { Remark } from "./remarks/remark.ts";
import { whyNoGain } from "./remarks/why-no-gain.ts";

/**
 * What there is to say of a run; nothing where it tuned and gained by it. One whose validation loss is not below that of the start held fixed, by less than counts,
 * or by no more than chance makes, always has a remark.
 *
 * The most useful comes first: which model to take where another is better than the run's, since nothing else changes as much; then why tuning gained
 * nothing and what would mend it; then what is good to know. Options are named as `name` or `name: value`.
 */
export function remarksOn(trace: readonly TracePoint[], best: TracePoint, facts: RemarkFacts): Remark[] {
  const beside = linearStanding(best, facts);
  const isOutdone = beside?.standing === "better";
  const tuning = whyNoGain(trace, best, { ...facts, isOutdone });
  const linear = beside && besideLinear(trace, best, beside, facts, tuning?.epochs);
  const ranked = isOutdone ? [linear, tuning] : [tuning, linear];
  return [...ranked, ofBeginningAnew(trace, facts)].filter((remark) => remark !== undefined);
}
