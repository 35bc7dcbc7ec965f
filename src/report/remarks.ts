import type { HyperPoint, TracePoint } from "../api/trace.ts";
import type { Space } from "../space/space.ts";
import type { TunableHyper } from "../space/transform.ts";
import { bestPoint } from "../tuners/best.ts";
import type { FirstTuning } from "../tuners/run.ts";
import { meanOf, mostOf } from "../util/statistics.ts";
import { formatHyper, formatLoss, formatNumber } from "./format.ts";

/** What remarks go by beside the trace. */
export interface RemarkFacts {
  readonly space: Space;
  /** The best point of the same training with the hyperparameters held, where there was one. */
  readonly baseline?: TracePoint | undefined;
  /** The best point of a linear model on the same rows, where there was one. */
  readonly linear?: TracePoint | undefined;
  /** When the first hyperparameter step is made, where that is known. */
  readonly firstTuning?: FirstTuning | undefined;
  /** Whether several networks could validate each other's rows in the place of one (`--folds`); default false. */
  readonly couldFold?: boolean | undefined;
  /** Whether the network could have a linear layer beside its hidden ones (`--model wide-and-deep`); default false. */
  readonly couldWiden?: boolean | undefined;
  /** How the command line is told of hyperparameters for the same network; default `--hyper`. */
  readonly hyperFlag?: string | undefined;
}

/**
 * Sentences on what a run did not do that its reader would take for granted; none where it tuned and gained by it. A run whose validation
 * loss is not below that of the start held fixed, or is by less than counts, always has one.
 *
 * Why is told by how far the hyperparameters had moved by the best point and by the end, where a factor of e is a distance of 1.
 */
export function remarksOn(trace: readonly TracePoint[], best: TracePoint, facts: RemarkFacts): string[] {
  return [...ofTuning(trace, best, facts), ...besideLinear(trace, best, facts)];
}

function ofTuning(trace: readonly TracePoint[], best: TracePoint, facts: RemarkFacts): string[] {
  const [start] = trace;
  const end = trace.at(-1);
  if (!start || !end) return [];
  if (Object.keys(start.hyperparameters).length === 0) {
    return ["There was nothing to tune: no hyperparameter is named (--hyper)."];
  }
  const { baseline } = facts;
  const lost = baseline && gainsNothing(best, baseline) ? comparison(best, baseline) : undefined;
  if (start.trial) return lost === undefined ? [] : [`${lost} ${ofSearch(trace, facts)}`];
  const untuned = lastUntuned(trace) as TracePoint; // its start is one
  if (untuned === end) return [neverMoved(end, facts)];
  const anew = restartOf(trace);
  const restarted = anew === undefined ? [] : [anew];
  const others = anew === undefined ? [] : [anew, ...folds(facts)];
  const byBest = farthest(start, best, facts.space);
  const byEnd = farthest(start, end, facts.space);
  const late = () => [
    ...restarted,
    `${lost ?? "Tuning gained nothing."} ${tooLate(best, trace, facts)}`,
    ...folds(facts),
  ];
  if (best.step <= untuned.step) return late();
  if (lost === undefined) return others;
  if (byEnd.distance < FAR) return [...others, `${lost} ${tooSlow(untuned, end, byEnd)}`];
  if (byBest.distance < FAR) return late();
  return [...others, `${lost} ${indifferent(byBest, facts)}`];
}

/** The share of a loss below which a gain is none that anybody would see. */
const LEAST_GAIN = 5e-3;

const HYPER = "--hyper";

/** The distance below which a hyperparameter has hardly moved: a factor of 1.6. */
const FAR = 0.5;

/** What a best point has that no other point has. */
const lowestLoss = ({ guard }: TracePoint): string =>
  guard ? "lowest loss on the guard" : "lowest validation loss";

const gainsNothing = ({ valid: { loss } }: TracePoint, { valid: { loss: held } }: TracePoint): boolean =>
  held - loss < LEAST_GAIN * Math.abs(held);

function comparison(best: TracePoint, baseline: TracePoint): string {
  const [{ loss }, { loss: held }] = [best.valid, baseline.valid];
  const tests =
    best.test && baseline.test
      ? ` (in test ${formatLoss(best.test.loss)} and ${formatLoss(baseline.test.loss)})`
      : "";
  const figure = best.guard
    ? `the validation loss at the epoch with the ${lowestLoss(best)}`
    : `the ${lowestLoss(best)}`;
  const figures = `${figure} is ${formatLoss(loss)}, and ${formatLoss(held)} with the start held fixed${tests}`;
  if (loss > held) return `Tuning gained nothing: ${figures}.`;
  return loss === held ? `Tuning changed nothing: ${figures}.` : `Tuning gained next to nothing: ${figures}.`;
}

const ofSearch = (trace: readonly TracePoint[], { hyperFlag = HYPER }: RemarkFacts): string => {
  const count = new Set(trace.map(({ trial }) => trial?.number)).size;
  const found =
    count === 1 ? "Its one training had no better" : `None of its ${count} trainings came upon better`;
  return `${found} hyperparameters: give it more trainings (--epochs, also of hypertrain resume), or narrow the ranges around the start (${hyperFlag}).`;
};

function neverMoved({ step }: TracePoint, { firstTuning }: RemarkFacts): string {
  const said = "The hyperparameters never moved";
  if (!firstTuning) return `${said}: the run ended before its first hyperparameter step.`;
  const { steps, epochs, warmupEpochs } = firstTuning;
  if (step >= steps) {
    return `${said}, although hyperparameter steps were made: their gradient is 0, or their steps are too small (--hyper-lr).`;
  }
  return `${said}: the run ended after step ${step}, and its first hyperparameter step follows step ${steps}. Give it ${epochs} epochs (--epochs ${epochs} --warmup-epochs ${formatNumber(warmupEpochs)}) and the time for them${warmupEpochs > 0 ? ", or shorten the warm-up (--warmup-epochs)" : ""}.`;
}

function tooLate(best: TracePoint, trace: readonly TracePoint[], { hyperFlag = HYPER }: RemarkFacts): string {
  const [start] = trace as readonly [TracePoint];
  const moved = trace.find((point) => !sameValues(point, start)) as TracePoint; // one that never moved is told apart before
  const how =
    best.step < moved.step
      ? `before the hyperparameters moved (by epoch ${formatNumber(moved.epoch)})`
      : "before the hyperparameters had moved far";
  return `The ${lowestLoss(best)} came at epoch ${formatNumber(best.epoch)}, ${how}. The network overfits sooner than it is tuned: tune from the start (--warmup-epochs 1), start with more regularisation (${hyperFlag}), or take a smaller network (--hidden).`;
}

/** A linear model that is better than the network, or as good but for less than counts. */
function besideLinear(
  trace: readonly TracePoint[],
  best: TracePoint,
  { linear, couldWiden = false, hyperFlag = HYPER }: RemarkFacts,
): string[] {
  const { loss } = best.valid;
  const counts = LEAST_GAIN * Math.abs(loss);
  if (!linear || linear.valid.loss >= loss + counts) return [];
  const how = linear.valid.loss < loss - counts ? "better" : "as well";
  const learns = !best.trial && best.step === trace.at(-1)?.step;
  const tests = best.test && linear.test && ([linear.test.loss, best.test.loss] as const);
  const contrary = tests !== undefined && tests[0] > tests[1] + LEAST_GAIN * Math.abs(tests[1]);
  const inTest = tests ? `; in test they are ${formatLoss(tests[0])} and ${formatLoss(tests[1])}` : "";
  const advice = contrary
    ? "The two parts contradict each other, so that neither is shown to be the better one: other parts may tell (--seed)."
    : learns
      ? "The network was still learning: give it more epochs (--epochs), or take the other (--model linear)."
      : `Take it (--model linear), or let the network ${couldWiden ? "have a linear layer beside its hidden ones (--model wide-and-deep)" : `start with more regularisation (${hyperFlag})`}.`;
  return [
    `A linear model of the same rows does ${how}: its ${best.guard ? "" : "lowest "}validation loss is ${formatLoss(linear.valid.loss)}, the network's ${formatLoss(loss)}${inTest}. ${advice}`,
  ];
}

/** What helps more than tuning where a network overfits within few epochs: measured in bench/README.md, "Noisy tables". */
const folds = ({ couldFold }: RemarkFacts): string[] =>
  couldFold
    ? [
        "Where a network overfits so soon, several that validate each other's rows and answer together mostly gain more than tuning one: try --folds 5, with a fifth of the epochs for the same time.",
      ]
    : [];

function tooSlow(untuned: TracePoint, end: TracePoint, { told, distance }: Way): string {
  const epochs = untuned.epoch + (end.epoch - untuned.epoch) / distance;
  return `The hyperparameters had hardly moved by the end, ${told} the most. At this pace it takes some ${formatNumber(Number(epochs.toPrecision(2)))} epochs until one has moved by a factor of e: give it as many (--epochs), or let it take larger steps (--hyper-lr).`;
}

const indifferent = ({ told }: Way, { hyperFlag = HYPER }: RemarkFacts): string =>
  `The hyperparameters did move, ${told} the most, but the validation loss hardly depends on them here, or the way was wrong: keep the start held fixed, or tune others (${hyperFlag}).`;

/** The hyperparameter that has moved the most from one point to another. */
interface Way {
  readonly distance: number;
  /** Its name, and from where to where. */
  readonly told: string;
}

function farthest(from: TracePoint, to: TracePoint, space: Space): Way {
  const ways = Object.entries(from.hyperparameters).map(([name, start]): Way => {
    const end = to.hyperparameters[name] ?? start;
    return {
      distance: distanceBetween(space.hypers[name], start, end),
      told: `${name} from ${formatHyper(start, 4)} to ${formatHyper(end, 4)}`,
    };
  });
  return ways.reduce((most, way) => (way.distance > most.distance ? way : most));
}

/** The largest distance over the elements; of those that a trace has thinned, that between their means. */
function distanceBetween(
  hyper: Space["hypers"][string] | undefined,
  from: HyperPoint,
  to: HyperPoint,
): number {
  if (!hyper || hyper.kind === "choice") return from.value === to.value ? 0 : Infinity;
  const thinned = from.elements !== undefined || to.elements !== undefined;
  const numbersOf = ({ value }: HyperPoint): number[] => {
    const numbers = [value].flat() as number[]; // it is no choice
    return thinned ? [meanOf(numbers)] : numbers;
  };
  const ends = numbersOf(to);
  return mostOf(numbersOf(from).map((start, i) => distance(hyper, start, ends[i] as number)));
}

/** By the logarithm of how many times farther from a bound, or from 0 where there is none. */
function distance({ log, low, high }: TunableHyper, from: number, to: number): number {
  if (from === to) return 0;
  const bounds = log ? [0] : [low, high].filter((bound) => bound !== undefined);
  return mostOf((bounds.length > 0 ? bounds : [0]).map((bound) => farther(from - bound, to - bound)));
}

const farther = (from: number, to: number): number => {
  const times = Math.abs(Math.log(to / from));
  return Number.isNaN(times) ? Infinity : times; // it has changed its sign
};

/** What a run says whose training began anew; nothing where it did not. */
function restartOf(trace: readonly TracePoint[]): string | undefined {
  const step = trace.find(({ restartedAt }) => restartedAt !== undefined)?.restartedAt;
  if (step === undefined) return undefined;
  const first = trace.filter((point) => point.step <= step);
  const [best, last] = [bestPoint(first), first.at(-1)] as [TracePoint, TracePoint]; // it has its start
  return `Training began anew at epoch ${formatNumber(last.epoch)}, from the hyperparameters found by then, since the network had overfitted before: its ${lowestLoss(best)} was that of epoch ${formatNumber(best.epoch)}.`;
}

/** The last point before the hyperparameters moved: the last of all where they did not. */
export function lastUntuned(trace: readonly TracePoint[]): TracePoint | undefined {
  const [start] = trace;
  return start && trace.findLast((point) => sameValues(point, start));
}

const sameValues = (a: TracePoint, b: TracePoint): boolean =>
  Object.entries(a.hyperparameters).every(
    ([name, { value }]) => JSON.stringify(value) === JSON.stringify(b.hyperparameters[name]?.value),
  );
