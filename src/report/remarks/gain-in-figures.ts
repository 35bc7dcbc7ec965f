import type { TracePoint } from "../../api/trace.ts";
import { formatLoss } from "../format.ts";
import type { Gain } from "../gain.ts";
import type { RemarkFacts } from "./facts.ts";
import { lowestLoss } from "./remark.ts";

/** What the figures of a gain go by. */
export interface GainFacts extends Pick<RemarkFacts, "rows" | "baselineRun" | "baselineBeyond"> {
  /** Whether a linear model is the one to take. */
  readonly isOutdone: boolean;
}

/** What was gained, in figures; with the model to take where that is the start's, and no other is better. */
export function gainInFigures(
  best: TracePoint,
  baseline: TracePoint,
  gain: Exclude<Gain, "sure">,
  { rows, baselineRun, baselineBeyond = false, isOutdone }: GainFacts,
): string {
  const [{ loss }, { loss: held }] = [best.valid, baseline.valid];
  const tests =
    best.test && baseline.test
      ? ` (in test ${formatLoss(best.test.loss)} and ${formatLoss(baseline.test.loss)})`
      : "";
  const figure = best.guard
    ? `the validation loss at the epoch with the ${lowestLoss(best)}`
    : `the ${lowestLoss(best)}`;
  const beyond = baselineBeyond ? ", which breaks the bounds" : "";
  const figures = `${figure} is ${formatLoss(loss)}, and ${formatLoss(held)} with the start held fixed${beyond}${tests}`;
  if (gain === "none") {
    if (loss === held) return `Tuning changed nothing: ${figures}.`;
    return `Tuning gained nothing: ${figures}.${rows ? " That is within chance." : ""}`;
  }
  const instead =
    isOutdone || baselineBeyond
      ? ""
      : ` Take the model of the start held fixed${baselineRun === undefined ? "" : `, in ${baselineRun}`}.`;
  return `${verdicts[gain]}: ${figures}.${gain === "loss" ? instead : ""}`;
}

const verdicts = {
  unconfirmed: "Tuning gained on the validation rows alone",
  "by chance": "Tuning gained no more than chance may make",
  "too little": "Tuning gained next to nothing",
  loss: "Tuning gained nothing",
} as const satisfies Partial<Record<Gain, string>>;
