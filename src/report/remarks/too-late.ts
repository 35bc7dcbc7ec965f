import type { TracePoint } from "../../api/trace.ts";
import { FAR, farthestWay, type HyperWay } from "../../space/distance.ts";
import { chanceOf, LEAST_DIFFERENCE } from "../../tuners/chance.ts";
import { trainingBegan } from "../../tuners/progress.ts";
import { optionText } from "../../util/option-text.ts";
import { formatNumber } from "../../util/format-number.ts";
import { middleOf } from "../../util/statistics.ts";
import type { Gain } from "../gain.ts";
import { lastUntuned, sameValues } from "../untuned.ts";
import type { RemarkFacts } from "./facts.ts";
import { fellOn } from "./fell-on.ts";
import { fewRows, moreRows } from "./few-rows.ts";
import { asLongAgain, longer } from "./longer-run.ts";
import { movedInVain, WRONG_WAY } from "./moved-in-vain.ts";
import { neverBelow } from "./never-below.ts";
import { behind, HYPER, lowestLoss, type Remark } from "./remark.ts";
import { riseBehind, ROW } from "./rise-behind.ts";
import { tooSlow } from "./too-slow.ts";

/** What a best point that came too early for tuning is judged by. */
export type LateFacts = Pick<
  RemarkFacts,
  "couldFold" | "baseline" | "rows" | "ended" | "firstTuning" | "space" | "trust"
>;

/**
 * Why the best point came before the hyperparameters had moved, or had moved far, in a run of which they did.
 *
 * @param gain over the start held fixed, where that is known
 */
export function tooLate(
  best: TracePoint,
  trace: readonly TracePoint[],
  facts: LateFacts,
  gain: Gain | undefined,
): Remark {
  const { baseline, rows } = facts;
  const end = trace.at(-1) as TracePoint; // it was looked at before
  const said = cameAt(best, trace);
  const few = fewRows(best, facts);
  const isUntrained = best.step === 0;
  if (few && !isUntrained) return behind(`${said}.`, few);
  if (fellOn(best, baseline)) {
    const sentence = `${said}, and with the start held it fell on until epoch ${formatNumber(baseline?.epoch)}: ${WRONG_WAY}`;
    return { sentence };
  }
  if (isUntrained) return neverBelow(trace, few);
  const began = trainingBegan(best);
  const behindBest = trace.filter((point) => point.step > best.step && trainingBegan(point) === began);
  if (end.step - began < OVERFITTED * (best.step - began) || trace.length <= FEWEST) {
    const epochs = asLongAgain(end);
    return {
      sentence: `${said}, and the run ended soon after, at epoch ${formatNumber(end.epoch)}: give it ${longer(facts, end, epochs)}.`,
      epochs,
    };
  }
  const { rise, until } = riseBehind(best, trace);
  const chance = rows ? chanceOf(best.guard?.rows ?? rows.valid) : LEAST_DIFFERENCE;
  if (rise > chance && !hasFallen(best, behindBest)) {
    const sentence = `${said}, and by epoch ${formatNumber(until.epoch)} it had risen${percent(rise)}, though the training loss did not fall: take smaller steps of the weights (${optionText("lr")}) or of the hyperparameters (${optionText("hyperLr")}).`;
    return { sentence };
  }
  if (rise > chance) {
    const sentence = `${said}, and by epoch ${formatNumber(until.epoch)} it had risen${percent(rise)}. The network overfits sooner than it is tuned: ${againstOverfitting(facts)}.`;
    return { sentence };
  }
  const level = `${said}, and it has not risen since by more than chance makes.`;
  return facts.trust === "wrong" ? { sentence: level } : behind(level, whyLevel(trace, facts, gain));
}

function cameAt(best: TracePoint, trace: readonly TracePoint[]): string {
  const start = trace[0] as TracePoint; // it was looked at before
  const moved = trace.find((point) => !sameValues(point, start)) as TracePoint; // one that never moved is told apart before
  const how =
    best.step < moved.step
      ? `before the hyperparameters moved (by epoch ${formatNumber(moved.epoch)})`
      : "before the hyperparameters had moved far";
  const anew = trainingBegan(best) > 0 ? `${epochsOfTraining(best)} into the training that began anew, ` : "";
  return `The ${lowestLoss(best)} came at epoch ${formatNumber(best.epoch)}, ${anew}${how}`;
}

/** Nothing of what rose from 0. */
const percent = (share: number): string =>
  share === Infinity ? "" : ` by ${formatNumber(100 * share, 2)} %`;

/** What helps the most where a network overfits within few epochs is measured in bench/README.md, "Noisy tables". */
const againstOverfitting = ({ couldFold = false }: Pick<LateFacts, "couldFold">): string =>
  couldFold
    ? `train several that validate each other's rows (${optionText("folds", 5)}, with a fifth of the epochs for the same time), which mostly gains the most, or start with more regularisation (${HYPER})`
    : `tune from the start (${optionText("warmupEpochs", 1)}), start with more regularisation (${HYPER}), or take a smaller network`;

/** Why the loss of a run fell no more behind its best point, and did not rise either. */
function whyLevel(trace: readonly TracePoint[], facts: LateFacts, gain: Gain | undefined): Remark {
  const [start, end] = [trace[0], trace.at(-1)] as [TracePoint, TracePoint]; // as above
  const way = farthestWay(start.hyperparameters, end.hyperparameters, facts.space) as HyperWay; // one has moved
  if (way.distance < FAR) return tooSlow(lastUntuned(trace) as TracePoint, end, way, facts); // its start is one
  if (gain === "by chance") return moreRows(facts);
  return movedInVain(way, gain, "end");
}

/** Evaluations of a run, besides that of its start, by which a rise is told from a single odd one. */
const FEWEST = 3;

/** Whether the training loss fell behind the best point, by the median of the last evaluations, as it does where a network overfits; true where it is not known. */
function hasFallen({ train }: TracePoint, later: readonly TracePoint[]): boolean {
  const losses = later.slice(-ROW).flatMap((point) => point.train?.loss ?? []);
  return train === undefined || losses.length === 0 || middleOf(losses).median < train.loss;
}

/** How many times the steps to its best point a training must be long to have overfitted. */
const OVERFITTED = 1.5;

/** The epochs of the training whose weights a point has, which may have begun anew, until then. */
const epochsOfTraining = (point: TracePoint): string => {
  const epochs = point.epoch * (1 - trainingBegan(point) / point.step);
  return `${formatNumber(epochs)} ${epochs === 1 ? "epoch" : "epochs"}`;
};
