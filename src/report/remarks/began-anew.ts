import type { TracePoint } from "../../api/trace.ts";
import { bestPoint } from "../../tuners/best.ts";
import { LEAST_EVALUATIONS, whyNoRestart, type RestartDemand } from "../../tuners/restart.ts";
import { optionText } from "../../util/option-text.ts";
import { formatNumber } from "../../util/format-number.ts";
import type { RemarkFacts } from "./facts.ts";
import { fellOn } from "./fell-on.ts";
import { lowestLoss, type Remark } from "./remark.ts";

/** What a run says whose training began anew, or did not though that was asked for; nothing of any other. */
export const ofBeginningAnew = (
  trace: readonly TracePoint[],
  facts: Pick<RemarkFacts, "baseline" | "restart" | "ended" | "space">,
): Remark | undefined => whyAnew(trace, facts) ?? whyNotAnew(trace, facts);

/** Why training began anew, and whether the start held fixed agrees; nothing where it did not. */
function whyAnew(
  trace: readonly TracePoint[],
  { baseline }: Pick<RemarkFacts, "baseline">,
): Remark | undefined {
  const step = trace.find(({ restartedAt }) => restartedAt !== undefined)?.restartedAt;
  if (step === undefined) return undefined;
  const first = trace.filter((point) => point.step <= step);
  const [best, last] = [bestPoint(first), first.at(-1)] as [TracePoint, TracePoint]; // it has its start
  const said = `Training began anew at epoch ${formatNumber(last.epoch)}, from the hyperparameters found by then, since the ${lowestLoss(best)} was that of epoch ${formatNumber(best.epoch)}`;
  if (!fellOn(best, baseline)) return { sentence: `${said}.` };
  const sentence = `${said}. With the start held it fell on until epoch ${formatNumber(baseline?.epoch)}, so that this was no overfitting: ${optionText("restart", "never")} gives the run its whole length.`;
  return { sentence };
}

/** Why no training began anew in a run that was asked for it; nothing where it did, where the run has too few evaluations, or where it ended before it may. */
function whyNotAnew(
  trace: readonly TracePoint[],
  { restart, ended, space }: Pick<RemarkFacts, "restart" | "ended" | "space">,
): Remark | undefined {
  const end = trace.at(-1);
  if (!restart || !end || end.restartedAt !== undefined || trace.length <= LEAST_EVALUATIONS)
    return undefined;
  const { epochs = Infinity } = restart;
  const shareOf = ({ epoch, seconds }: TracePoint) =>
    Math.max(epoch / epochs, ended === "time" ? seconds / end.seconds : 0);
  const unmet = whyNoRestart(trace, shareOf, space);
  if (unmet === undefined) return undefined;
  const sentence = `Training did not begin anew (${optionText("restart", "auto")}): between a half and two thirds of the run ${notMet[unmet](lowestLoss(end))}.`;
  return { sentence };
}

const notMet: Readonly<Record<RestartDemand, (lowest: string) => string>> = {
  early: (lowest) => `the ${lowest} never lay in the first half of the steps until then`,
  moved: (lowest) =>
    `no hyperparameter had moved enough (on a log scale by a factor of 1.3) since an early ${lowest}`,
  risen: (lowest) => `the loss had not risen yet since an early ${lowest}`,
};
