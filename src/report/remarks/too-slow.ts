import type { TracePoint } from "../../api/trace.ts";
import type { HyperWay } from "../../space/distance.ts";
import { optionText } from "../../util/option-text.ts";
import type { RemarkFacts } from "./facts.ts";
import { longer, roundUp } from "./longer-run.ts";
import { wayText } from "./moved-in-vain.ts";
import { HYPER, type Remark } from "./remark.ts";

/** How many times its run the way of a hyperparameter may take for more epochs to be advised. */
const WITHIN_REACH = 20;

/** Hyperparameter steps by which a pace can be told: as many of usual size move a hyperparameter far where their directions agree, or by half of that. */
const PACE_STEPS = 100;

/**
 * What helps hyperparameters that had hardly moved by the end of a run.
 *
 * @param untuned the last point before they moved
 * @param way of the one that went the farthest, by the end
 */
export function tooSlow(
  untuned: TracePoint,
  end: TracePoint,
  way: HyperWay,
  facts: Pick<RemarkFacts, "firstTuning" | "ended">,
): Remark {
  const said = `The hyperparameters had hardly moved by the end, ${wayText(way)} the most`;
  const epochs = untuned.epoch + (end.epoch - untuned.epoch) / way.distance;
  const isWithinReach = epochs <= WITHIN_REACH * end.epoch;
  const rounds = roundsOf(end, facts);
  if (!isWithinReach && rounds < PACE_STEPS) {
    const whole = roundUp((end.epoch * PACE_STEPS) / Math.max(1, rounds));
    const sentence = `${said}, in too few hyperparameter steps to tell their pace: give it ${longer(facts, end, whole)}.`;
    return { sentence, epochs: whole };
  }
  if (!isWithinReach) {
    const sentence = `${said}, at a pace that more epochs do not mend: let them take larger steps (${optionText("hyperLr")}). If they still hardly move, the validation loss does not depend on them here: tune others (${HYPER}).`;
    return { sentence };
  }
  const whole = roundUp(epochs);
  const sentence = `${said}. At this pace one has moved far after some ${whole} epochs: give it ${longer(facts, end, whole)}${rounds < PACE_STEPS ? "" : `, or let it take larger steps (${optionText("hyperLr")})`}.`;
  return { sentence, epochs: whole };
}

/** Whether a run made too few hyperparameter steps for these to have moved far. */
export const isTooShort = (end: TracePoint, facts: Pick<RemarkFacts, "firstTuning">): boolean =>
  roundsOf(end, facts) < PACE_STEPS;

/** The rounds of hyperparameter steps that a run has made, at most; each training makes its own warm-up. */
function roundsOf(
  { step, epoch, restartedAt = 0 }: TracePoint,
  { firstTuning }: Pick<RemarkFacts, "firstTuning">,
): number {
  if (!firstTuning) return step;
  const { steps: first, warmupEpochs } = firstTuning;
  const between = Math.max(1, Math.round(first - (warmupEpochs * step) / epoch));
  const within = (steps: number) => (steps < first ? 0 : 1 + Math.floor((steps - first) / between));
  return within(restartedAt) + within(step - restartedAt);
}
