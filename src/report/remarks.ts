import type { Trust } from "../api/result.ts";
import type { TracePoint } from "../api/trace.ts";
import { FAR, farthestWay, type HyperWay } from "../space/distance.ts";
import type { Space } from "../space/space.ts";
import { bestPoint } from "../tuners/best.ts";
import { FEWEST_ROWS, LEAST_DIFFERENCE } from "../tuners/chance.ts";
import { trainingBegan } from "../tuners/progress.ts";
import { LEAST_EVALUATIONS, whyNoRestart, type RestartDemand } from "../tuners/restart.ts";
import type { FirstTuning } from "../tuners/run.ts";
import { optionText } from "../util/option-text.ts";
import { formatHyper, formatLoss, formatNumber } from "./format.ts";
import { gainOver, isUntuned, type Gain } from "./gain.ts";
import { judgeRival, type JudgedRows } from "./judge-rival.ts";
import { lastUntuned, sameValues } from "./untuned.ts";

/** A sentence on what a run did not do that its reader would take for granted, or on what would do better. */
export interface Remark {
  readonly sentence: string;
  /** The length that it asks for: a run is told one. */
  readonly epochs?: number;
}

/** What remarks go by beside the trace. */
export interface RemarkFacts {
  readonly space: Space;
  /** The best point of the same training with the hyperparameters held, where there was one. */
  readonly baseline?: TracePoint | undefined;
  /** The run folder with the baseline's model. */
  readonly baselineRun?: string | undefined;
  /** The best point of a linear model on the same rows, where there was one. */
  readonly linear?: TracePoint | undefined;
  /** Rows that were evaluated, by which chance is told; without them every difference that can be seen counts. */
  readonly rows?: JudgedRows | undefined;
  /** Why the run ended; default after its epochs. */
  readonly ended?: string | undefined;
  /** What checks of the response say, where there were any: where it is wrong, that is why nothing was gained. */
  readonly trust?: Trust["verdict"] | undefined;
  /** When the first hyperparameter step is made, where that is known. */
  readonly firstTuning?: FirstTuning | undefined;
  /** Whether what was gained holds on rows that were kept from the tuner, where that is known: where it does not, that is why nothing was gained on all. */
  readonly gainHolds?: boolean | null | undefined;
  /** How long the run may be in which training was asked to begin anew (`restart: "auto"`); absent where nobody asked. */
  readonly restart?: { readonly epochs?: number | undefined } | undefined;
  /** Whether several networks could validate each other's rows in the place of one (`folds`); default false. */
  readonly couldFold?: boolean | undefined;
  /** Whether the network could have a linear layer beside its hidden ones (`model: wide-and-deep`); default false. */
  readonly couldWiden?: boolean | undefined;
}

/**
 * What there is to say of a run; nothing where it tuned and gained by it. One whose validation loss is not below that of the start held fixed, by less than counts,
 * or by no more than chance makes, always has a remark.
 *
 * The most useful comes first: which model to take where another is better than the run's, since nothing else changes as much; then why tuning gained
 * nothing and what would mend it; then what is good to know. Options are named as `name` or `name: value`.
 *
 * Why is told by how far the hyperparameters had moved by the best point and by the end, in the measure of `space/distance.ts`.
 */
export function remarksOn(trace: readonly TracePoint[], best: TracePoint, facts: RemarkFacts): Remark[] {
  const isOutdone = linearStanding(best, facts)?.standing === "better";
  const tuning = ofTuning(trace, best, { ...facts, isOutdone });
  const linear = besideLinear(trace, best, facts, tuning?.epochs);
  const anew = ofRestart(trace, facts) ?? ofNoRestart(trace, facts);
  const ranked = isOutdone ? [linear, tuning] : [tuning, linear];
  return [...ranked, anew].filter((remark) => remark !== undefined);
}

interface TuningFacts extends RemarkFacts {
  /** Whether a linear model is the one to take. */
  readonly isOutdone: boolean;
}

/** Why a run gained nothing, or next to it, or nothing sure, and what would mend it; nothing where it gained. */
function ofTuning(trace: readonly TracePoint[], best: TracePoint, facts: TuningFacts): Remark | undefined {
  const [start] = trace;
  const end = trace.at(-1);
  if (!start || !end) return undefined;
  if (Object.keys(start.hyperparameters).length === 0) {
    return { sentence: `There was nothing to tune: no hyperparameter is named (${optionText("hyper")}).` };
  }
  const { baseline } = facts;
  const gain = baseline ? gainOver(baseline, best, facts.rows) : undefined;
  const lost = baseline && gain && gain !== "sure" ? comparison(best, baseline, gain, facts) : undefined;
  const untuned = lastUntuned(trace) as TracePoint; // its start is one
  if (start.unfit) {
    if (end.unfit || untuned === end) return ofNoChoice(end, lost, facts);
  } else if (!start.trial) {
    if (untuned === end) return neverMoved(trace, facts);
    if (isUntuned(trace, best)) return behind(lost ?? "Tuning gained nothing.", tooLate(best, trace, facts));
  }
  if (gain === undefined || lost === undefined) return undefined;
  if (facts.gainHolds === false || facts.trust === "wrong") return { sentence: lost }; // guard or response say why
  return behind(lost, fewRows(best, facts) ?? whyNot(gain, trace, best, facts));
}

/** Why what is gained is none, or not sure, of a run of enough rows. */
function whyNot(gain: Gain, trace: readonly TracePoint[], best: TracePoint, facts: TuningFacts): Remark {
  const [start, end] = [trace[0], trace.at(-1)] as [TracePoint, TracePoint]; // they were looked at before
  if (gain === "unconfirmed") {
    const sentence = `It fits the validation rows that it follows: tune fewer hyperparameters (${HYPER}), or give it more validation rows.`;
    return { sentence };
  }
  const isSteered = !start.trial && !start.unfit;
  const way = (to: TracePoint) =>
    farthestWay(start.hyperparameters, to.hyperparameters, facts.space) as HyperWay; // there are some
  if (isSteered && way(end).distance < FAR)
    return tooSlow(lastUntuned(trace) as TracePoint, end, way(end), facts); // as above
  if (isSteered && way(best).distance < FAR) return tooLate(best, trace, facts);
  if (gain === "by chance") return { sentence: moreRows(facts) };
  if (start.trial) return { sentence: ofSearch(trace) };
  return { sentence: start.unfit ? NO_BETTER_CHOICE : inVain(way(best), gain) };
}

/** What would tell a gain from chance. */
const moreRows = ({ couldFold = false }: RemarkFacts): string =>
  couldFold
    ? `More rows would tell, as where several networks validate each other's (${optionText("folds", 5)}).`
    : "More validation and test rows would tell.";

const behind = (first: string, { sentence, ...remark }: Remark): Remark => ({
  ...remark,
  sentence: `${first} ${sentence}`,
});

const HYPER = optionText("hyper");

/** What a best point has that no other point has. */
const lowestLoss = ({ guard }: TracePoint): string =>
  guard ? "lowest loss on the guard" : "lowest validation loss";

/** What was gained, in figures; with the model to take where that is the start's, and no other is better. */
function comparison(
  best: TracePoint,
  baseline: TracePoint,
  gain: Exclude<Gain, "sure">,
  { rows, baselineRun, isOutdone }: TuningFacts,
): string {
  const [{ loss }, { loss: held }] = [best.valid, baseline.valid];
  const tests =
    best.test && baseline.test
      ? ` (in test ${formatLoss(best.test.loss)} and ${formatLoss(baseline.test.loss)})`
      : "";
  const figure = best.guard
    ? `the validation loss at the epoch with the ${lowestLoss(best)}`
    : `the ${lowestLoss(best)}`;
  const figures = `${figure} is ${formatLoss(loss)}, and ${formatLoss(held)} with the start held fixed${tests}`;
  if (gain === "none") {
    if (loss === held) return `Tuning changed nothing: ${figures}.`;
    return `Tuning gained nothing: ${figures}.${rows ? " That is within chance." : ""}`;
  }
  const instead = isOutdone
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

const ofSearch = (trace: readonly TracePoint[]): string => {
  const count = new Set(trace.map(({ trial }) => trial?.number)).size;
  const found =
    count === 1 ? "Its one training had no better" : `None of its ${count} trainings came upon better`;
  return `${found} hyperparameters: give it more trainings (${optionText("epochs")}, also of hypertrain resume), or narrow the ranges around the start (${HYPER}).`;
};

/** Of a run that chooses by scores, without hyperparameter steps, and then trains what it chose (SMASH), and that did not come to it, or chose the start. */
function ofNoChoice(end: TracePoint, lost: string | undefined, facts: RemarkFacts): Remark {
  const sentence = end.unfit
    ? `The run ended before it trained what it chose: give it ${longer(facts, end)}.`
    : "It chose the start itself, which had the lowest of its scores.";
  return { sentence: lost === undefined ? sentence : `${lost} ${sentence}` };
}

const NO_BETTER_CHOICE = `What it chose is no better here: let it score more (${optionText("candidates")}), or compare with another method (${optionText("method")}).`;

function neverMoved(trace: readonly TracePoint[], facts: RemarkFacts): Remark {
  const { firstTuning, ended } = facts;
  const { step, epoch } = trace.at(-1) as TracePoint; // it has its start
  const said = "The hyperparameters never moved";
  if (!firstTuning) return { sentence: `${said}: the run ended before its first hyperparameter step.` };
  const { steps, epochs, warmupEpochs } = firstTuning;
  if (step >= steps) {
    const sentence = `${said}, although hyperparameter steps were made: their gradient is 0, or their steps are too small (${optionText("hyperLr")}).`;
    return { sentence };
  }
  const why = `${said}: the run ended after step ${step}, and its first hyperparameter step follows step ${steps}.`;
  const sooner = soonerTuning(trace, firstTuning);
  const shorter =
    sooner !== undefined || warmupEpochs === 0
      ? ""
      : `, or shorten the warm-up (${optionText("warmupEpochs")})`;
  const advice = (longer: string) =>
    sooner === undefined ? `Give it ${longer}${shorter}.` : `${sooner}, or give it ${longer}.`;
  if (ended === "time") {
    const sentence = `${why} ${advice(timeToTune(trace, steps))}`;
    return step > 0 ? { sentence, epochs: (WARMUPS * steps * epoch) / step } : { sentence };
  }
  const length = `${optionText("epochs", epochs)} ${optionText("warmupEpochs", Number(formatNumber(warmupEpochs)))}`;
  return { sentence: `${why} ${advice(`${epochs} epochs (${length}) and the time for them`)}`, epochs };
}

/**
 * The warm-up with which a run of the same length would have tuned, which costs nothing: a fifth of the epochs that it came to. Nothing where the run has too few steps
 * to learn anything in, or where its first hyperparameter step comes too late without a warm-up.
 */
function soonerTuning(
  trace: readonly TracePoint[],
  { steps, warmupEpochs }: FirstTuning,
): string | undefined {
  const { step, epoch } = trace.at(-1) as TracePoint; // it has its start
  if (step < FEWEST_STEPS) return undefined;
  const share = epoch / WARMUPS;
  const warmup = share < 1 ? Number(formatNumber(share, 1)) : Math.floor(share);
  const first = steps - ((warmupEpochs - warmup) * step) / epoch;
  if (warmup >= warmupEpochs || first > step / 2) return undefined;
  return `It tunes in the same time with a warm-up of ${warmup} ${warmup === 1 ? "epoch" : "epochs"} (${optionText("warmupEpochs", warmup)})`;
}

/** Steps of a run below which a shorter warm-up is no help. */
const FEWEST_STEPS = 10;

/**
 * The time in which a run makes its hyperparameter steps, a fifth of it warm-up, at the pace of its steps: the later half of its trace, since the first steps
 * take longer, and programs are compiled at them.
 */
function timeToTune(trace: readonly TracePoint[], steps: number): string {
  const end = trace.at(-1) as TracePoint; // as above
  if (end.step === 0) return `more time (${optionText("time")})`;
  const from = trace.findLast(({ step }) => step <= end.step / 2) ?? end;
  const pace = (end.seconds - from.seconds) / (end.step - from.step);
  const whole = Math.ceil(end.seconds + pace * (WARMUPS * steps - end.step));
  const slow = end.step < TELLING * steps ? ", or less, since the first steps take the longest" : "";
  return `some ${whole} s (${optionText("time", `${whole}s`)}), of which a fifth goes before that step${slow}`;
}

/** The share of the way to the first hyperparameter step that tells its pace. */
const TELLING = 0.1;

/** How many times its warm-up a run is long, as by default. */
const WARMUPS = 5;

/** What lets a run go on for longer, until so many epochs where these are known. */
function longer({ ended }: RemarkFacts, end: TracePoint, epochs?: number): string {
  if (ended === "patience") return `more patience (${optionText("patience")})`;
  if (epochs === undefined)
    return ended === "time" ? `more time (${optionText("time")})` : `more epochs (${optionText("epochs")})`;
  if (ended !== "time") return `${epochs} epochs (${optionText("epochs", epochs)})`;
  const seconds = Math.ceil((end.seconds * epochs) / end.epoch);
  return `some ${seconds} s (${optionText("time", `${seconds}s`)})`;
}

/** A number of epochs as advice: whole, of two digits. */
const roundUp = (epochs: number): number => {
  const digit = 10 ** Math.max(0, Math.floor(Math.log10(epochs)) - 1);
  return Math.ceil(epochs / digit) * digit;
};

/** How many times as long a run should be that ended while its loss still fell. */
const AS_LONG_AGAIN = 2;

/** Validation rows below which they tell too little to tune by: chance makes more than 5 % of a loss. */
const FEW_ROWS = 100;

/**
 * What helps where few rows validate, or are on the guard that decides: of the former folds, where they could be. With fewer than ten, several networks were no better than one: on 14 rows in all, of which 3
 * validate, in two of four. On 60 they were in four of four.
 */
function fewRows({ guard }: TracePoint, { couldFold = false, rows }: RemarkFacts): Remark | undefined {
  const few = couldFold ? FEW_ROWS : FEWEST_ROWS;
  if (!rows) return undefined;
  if (rows.valid >= few) return guard && guard.rows < FEWEST_ROWS ? fewOnGuard(guard.rows) : undefined;
  const mend =
    rows.valid < FEWEST_ROWS
      ? "what helps is more rows"
      : `train several networks that validate each other's rows (${optionText("folds", 5)})`;
  return { sentence: `Too few rows validate to tune by (${rows.valid}): ${mend}.` };
}

const fewOnGuard = (rows: number): Remark => ({
  sentence: `Too few rows are on the guard to choose by (${rows}): keep more there, or none (${optionText("guard", 0)}).`,
});

function tooLate(best: TracePoint, trace: readonly TracePoint[], facts: RemarkFacts): Remark {
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
    const epochs = roundUp(AS_LONG_AGAIN * end.epoch);
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

const WRONG_WAY = `the hyperparameters went where it is higher. Let them take smaller steps (${optionText("hyperLr")}), or compare with another method (${optionText("method")}).`;

/** The epochs of the training whose weights a point has, which may have begun anew, until then. */
const epochsOfTraining = (point: TracePoint): string => {
  const epochs = point.epoch * (1 - trainingBegan(point) / point.step);
  return `${formatNumber(epochs)} ${epochs === 1 ? "epoch" : "epochs"}`;
};

/** Whether the validation loss of the start held fixed fell on for longer than the training that led to a run's best point, so that no overfitting ended its fall. */
const fellOn = (best: TracePoint, baseline: TracePoint | undefined): boolean =>
  baseline !== undefined &&
  baseline.step > best.step - trainingBegan(best) &&
  baseline.valid.loss < best.valid.loss - LEAST_DIFFERENCE * Math.abs(best.valid.loss);

/**
 * How a linear model stands against the network, that of the run or of the start held fixed, whichever validates better; undefined where it is worse, or as good as the
 * start held fixed.
 */
function linearStanding(best: TracePoint, { linear, baseline, rows }: RemarkFacts) {
  const held = baseline !== undefined && baseline.valid.loss < best.valid.loss;
  const network = held ? baseline : best;
  const { loss } = network.valid;
  if (!linear || linear.valid.loss >= loss + LEAST_DIFFERENCE * Math.abs(loss)) return undefined;
  const standing = judgeRival(linear, network, rows);
  if (standing === "worse" || (held && standing === "as good")) return undefined;
  return { linear, network, held, standing };
}

/**
 * What a linear model says of the network: one that is better than it, or as good as the run's though it has so many weights less; nothing of one that is worse.
 *
 * @param asked the epochs that another remark asks for
 */
function besideLinear(
  trace: readonly TracePoint[],
  best: TracePoint,
  facts: RemarkFacts,
  asked: number | undefined,
): Remark | undefined {
  const found = linearStanding(best, facts);
  if (!found) return undefined;
  const { linear, network, held, standing } = found;
  const { rows, couldWiden = false } = facts;
  const tests =
    linear.test && network.test
      ? `; in test they are ${formatLoss(linear.test.loss)} and ${formatLoss(network.test.loss)}`
      : "";
  const figures = `its ${best.guard ? "" : "lowest "}validation loss is ${formatLoss(linear.valid.loss)}, ${held ? "that of the start held fixed" : "the network's"} ${formatLoss(network.valid.loss)}${tests}`;
  if (standing === "as good") {
    const judged = rows && rows.valid + (tests === "" ? 0 : (rows.test ?? 0));
    const sure = judged === undefined ? "" : `, as far as ${judged} rows can tell`;
    return { sentence: `A linear model of the same rows does as well${sure}: ${figures}.` };
  }
  const better = `A linear model of the same rows does better: ${figures}.`;
  const end = trace.at(-1) as TracePoint; // best is one of its points
  if (!best.trial && network.step === end.step) {
    const epochs = asked ?? roundUp(AS_LONG_AGAIN * end.epoch);
    const advice = `The network was still learning: give it ${longer(facts, end, epochs)} before you choose.`;
    return { sentence: `${better} ${advice}`, epochs };
  }
  const advice = `Take it (${optionText("model", "linear")}), or let the network ${couldWiden ? `have a linear layer beside its hidden ones (${optionText("model", "wide-and-deep")})` : `start with more regularisation (${HYPER})`}.`;
  return { sentence: `${better} ${advice}` };
}

/** How many times its run the way of a hyperparameter may take for more epochs to be advised. */
const WITHIN_REACH = 20;

/** Hyperparameter steps by which a pace can be told: as many of usual size move a hyperparameter far where their directions agree, or by half of that. */
const PACE_STEPS = 100;

/** The rounds of hyperparameter steps that a run has made, at most; each training makes its own warm-up. */
function roundsOf({ step, epoch, restartedAt = 0 }: TracePoint, { firstTuning }: RemarkFacts): number {
  if (!firstTuning) return step;
  const { steps: first, warmupEpochs } = firstTuning;
  const between = Math.max(1, Math.round(first - (warmupEpochs * step) / epoch));
  const within = (steps: number) => (steps < first ? 0 : 1 + Math.floor((steps - first) / between));
  return within(restartedAt) + within(step - restartedAt);
}

function tooSlow(untuned: TracePoint, end: TracePoint, way: HyperWay, facts: RemarkFacts): Remark {
  const said = `The hyperparameters had hardly moved by the end, ${told(way)} the most`;
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

/** Of hyperparameters that moved, and gained nothing by it. */
const inVain = (way: HyperWay, gain: Gain): string =>
  `The hyperparameters did move, ${told(way)} the most, but ${gain === "loss" ? WRONG_WAY : `the validation loss hardly depends on them here: keep the start held fixed, or tune others (${HYPER}).`}`;

const told = ({ name, from, to }: HyperWay): string =>
  `${name} from ${formatHyper(from, 4)} to ${formatHyper(to, 4)}`;

/** What a run says whose training began anew: why, and whether the start held fixed agrees; nothing where it did not. */
function ofRestart(trace: readonly TracePoint[], { baseline }: RemarkFacts): Remark | undefined {
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
function ofNoRestart(
  trace: readonly TracePoint[],
  { restart, ended, space }: RemarkFacts,
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
  moved: (lowest) => `no hyperparameter had moved far since an early ${lowest}`,
  risen: (lowest) => `the loss had not risen since an early ${lowest}`,
};
