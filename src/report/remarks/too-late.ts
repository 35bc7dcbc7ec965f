import type { TracePoint } from "../../api/trace.ts";
import { trainingBegan } from "../../tuners/progress.ts";
import { optionText } from "../../util/option-text.ts";
import { formatNumber } from "../format.ts";
import { sameValues } from "../untuned.ts";
import type { RemarkFacts } from "./facts.ts";
import { fellOn } from "./fell-on.ts";
import { fewRows } from "./few-rows.ts";
import { asLongAgain, longer } from "./longer-run.ts";
import { WRONG_WAY } from "./moved-in-vain.ts";
import { behind, HYPER, lowestLoss, type Remark } from "./remark.ts";

/** What a best point that came too early for tuning is judged by. */
export type LateFacts = Pick<RemarkFacts, "couldFold" | "baseline" | "rows" | "ended">;

/** Why the best point came before the hyperparameters had moved, or had moved far, in a run of which they did. */
export function tooLate(best: TracePoint, trace: readonly TracePoint[], facts: LateFacts): Remark {
  const { couldFold = false, baseline } = facts;
  const [start, end] = [trace[0], trace.at(-1)] as [TracePoint, TracePoint]; // they were looked at before
  const moved = trace.find((point) => !sameValues(point, start)) as TracePoint; // one that never moved is told apart before
  const how =
    best.step < moved.step
      ? `before the hyperparameters moved (by epoch ${formatNumber(moved.epoch)})`
      : "before the hyperparameters had moved far";
  const began = trainingBegan(best);
  const said = `The ${lowestLoss(best)} came at epoch ${formatNumber(best.epoch)}, ${began > 0 ? `${epochsOfTraining(best)} into the training that began anew, ` : ""}${how}`;
  const few = fewRows(best, facts);
  if (few) return behind(`${said}.`, few);
  if (fellOn(best, baseline)) {
    const sentence = `${said}, and with the start held it fell on until epoch ${formatNumber(baseline?.epoch)}: ${WRONG_WAY}`;
    return { sentence };
  }
  if (end.step - began < OVERFITTED * (best.step - began)) {
    const epochs = asLongAgain(end);
    return {
      sentence: `${said}, and the run ended soon after, at epoch ${formatNumber(end.epoch)}: give it ${longer(facts, end, epochs)}.`,
      epochs,
    };
  }
  // What helps the most where a network overfits within few epochs is measured in bench/README.md, "Noisy tables".
  const mend = couldFold
    ? `train several that validate each other's rows (${optionText("folds", 5)}, with a fifth of the epochs for the same time), which mostly gains the most, or start with more regularisation (${HYPER})`
    : `tune from the start (${optionText("warmupEpochs", 1)}), start with more regularisation (${HYPER}), or take a smaller network (${optionText("width")} or ${optionText("hidden")}, whichever it has)`;
  return { sentence: `${said}. The network overfits sooner than it is tuned: ${mend}.` };
}

/** How many times the steps to its best point a training must be long to have overfitted. */
const OVERFITTED = 1.5;

/** The epochs of the training whose weights a point has, which may have begun anew, until then. */
const epochsOfTraining = (point: TracePoint): string => {
  const epochs = point.epoch * (1 - trainingBegan(point) / point.step);
  return `${formatNumber(epochs)} ${epochs === 1 ? "epoch" : "epochs"}`;
};
