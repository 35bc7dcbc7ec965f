/*
 * Which reason there is for a gain's absence; each has a file of its own.
 *
 * It is told by how far the hyperparameters had moved by the best point and by the end, in the measure of `space/distance.ts`.
 */
import type { TracePoint } from "../../api/trace.ts";
import { FAR, farthestWay, NEAR, type HyperWay } from "../../space/distance.ts";
import { gainOver, isUntuned, type Gain } from "../gain.ts";
import { lastUntuned } from "../untuned.ts";
import type { RemarkFacts } from "./facts.ts";
import { fewRows, moreRows } from "./few-rows.ts";
import { gainInFigures, type GainFacts } from "./gain-in-figures.ts";
import { hardlyMoved } from "./hardly-moved.ts";
import { movedInVain } from "./moved-in-vain.ts";
import { noTrainingBelow } from "./never-below.ts";
import { neverMoved } from "./never-moved.ts";
import { noBetterChoice, noOtherChoice, searchInVain } from "./other-choices.ts";
import { behind, HYPER, type Remark } from "./remark.ts";
import { tooLate } from "./too-late.ts";
import { isTooShort, tooSlow } from "./too-slow.ts";

/** Why a run gained nothing, or next to it, or nothing sure, and what would mend it; nothing where it gained. */
export function whyNoGain(
  trace: readonly TracePoint[],
  best: TracePoint,
  facts: RemarkFacts & GainFacts,
): Remark | undefined {
  const [start] = trace;
  const end = trace.at(-1);
  if (!start || !end) return undefined;
  if (Object.keys(start.hyperparameters).length === 0) {
    return { sentence: `There was nothing to tune: no hyperparameter is named (${HYPER}).` };
  }
  const { baseline } = facts;
  const gain = baseline ? gainOver(baseline, best, facts.rows) : undefined;
  const lost = baseline && gain && gain !== "sure" ? gainInFigures(best, baseline, gain, facts) : undefined;
  if (best.step === 0 && (end.trial?.epoch ?? 0) > 0) {
    return lost === undefined ? noTrainingBelow() : behind(lost, noTrainingBelow());
  }
  const untuned = lastUntuned(trace) as TracePoint; // its start is one
  if (start.unfit && !start.trial) {
    if (end.unfit || untuned === end) {
      const why = noOtherChoice(end, facts);
      return lost === undefined ? why : behind(lost, why);
    }
  } else if (!start.trial) {
    if (untuned === end) return neverMoved(trace, facts);
    if (isUntuned(trace, best))
      return behind(lost ?? "Tuning gained nothing.", tooLate(best, trace, facts, gain));
  }
  if (gain === "sure") return hardlyMoved(trace, best, facts);
  if (gain === undefined || lost === undefined) return undefined;
  if (facts.gainHolds === false || facts.trust === "wrong") return { sentence: lost }; // guard or response say why
  return behind(lost, reasonFor(gain, trace, best, facts));
}

/** Why what is gained is none, or not sure. */
function reasonFor(gain: Gain, trace: readonly TracePoint[], best: TracePoint, facts: RemarkFacts): Remark {
  const [start, end] = [trace[0], trace.at(-1)] as [TracePoint, TracePoint]; // they were looked at before
  if (best.valid.loss === 0 && facts.baseline?.valid.loss === 0) return NOTHING_LEFT;
  const isSteered = !start.trial && !start.unfit;
  const way = (to: TracePoint) =>
    farthestWay(start.hyperparameters, to.hyperparameters, facts.space) as HyperWay; // there are some
  if (start.trial && gain === "loss") return searchInVain(trace, best, facts);
  const hasHardlyMoved = isSteered && way(end).distance < FAR;
  const isShort = hasHardlyMoved && (way(end).distance < NEAR || isTooShort(end, facts));
  const few = isShort ? undefined : fewRows(best, facts);
  if (few) return few;
  if (gain === "unconfirmed") {
    const sentence = `It fits the validation rows that it follows: tune fewer hyperparameters (${HYPER}), or give it more validation rows.`;
    return { sentence };
  }
  if (hasHardlyMoved) return tooSlow(lastUntuned(trace) as TracePoint, end, way(end), facts); // as above
  if (isSteered && way(best).distance < FAR) return tooLate(best, trace, facts, gain);
  if (gain === "by chance") return moreRows(facts);
  if (start.trial) return searchInVain(trace, best, facts);
  return start.unfit ? noBetterChoice : movedInVain(way(best), gain, "best");
}

const NOTHING_LEFT: Remark = { sentence: "Both losses are 0, of which nothing can be gained." };
