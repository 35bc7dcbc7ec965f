import type { Trust } from "../api/result.ts";
import type { ResponseCheck, TracePoint } from "../api/trace.ts";
import type { FirstTuning } from "../tuners/run.ts";
import { optionText } from "../util/option-text.ts";
import { meanOf } from "../util/statistics.ts";
import { checksPaidBy, gradientsFor } from "../tuners/check-budget.ts";
import { formatNumber } from "../util/format-number.ts";

/** What trust goes by beside the trace. */
export interface TrustFacts {
  /** When the first hyperparameter step is made, before which nothing is checked; where that is known. */
  readonly firstTuning?: FirstTuning | undefined;
  /** Whether training carries running statistics, with which nothing is checked; default false. */
  readonly carries?: boolean | undefined;
  /** Whether the run is told elsewhere how long it should be, so that it needs no other number; default false. */
  readonly lengthTold?: boolean;
  /** Why the run ended, since one that time ended is to have more of it; default after its epochs. */
  readonly ended?: string | undefined;
}

/**
 * Whether the response of a run can be trusted, from the checks in its trace.
 *
 * Each check is turned so that it predicts a fall. With sums over n checks of what was predicted, P, and seen, S, the share of the
 * prediction that came is S / P. Its standard error has two parts: the noise of what was seen, as each check measured it, and the
 * scatter of the checks around that share, which differs from place to place.
 *
 * What was seen as far on the other side, O, tells how the loss bends. Its change is a slope (S - O) / 2, of which a response knows, and a bend
 * (S + O) / 2, of which none does:
 *
 * - Where the fall surely did not come, the step was too long, and not the way wrong, if the bend took at least half of what the slope gave and the cosine
 *   speaks for the way; without one, if the loss rises there by surely more. With no such bend the way is right and the prediction too large.
 * - Where the way was wrong and the loss rises on both sides, the lowest loss on this line is slope² / (4 bend) below. If that is next to nothing the run stands at its lowest
 *   point, and nobody is led astray; as long as the cosine says that the line is that of training's own hypergradient.
 * - Where more than twice as much came and the slope alone is what was predicted, the response is right.
 *
 * A response that predicts nothing at all, while training does change the loss, is wrong as well.
 *
 * Nothing is said where S itself cannot be told from noise, since a change that nobody can see leads nobody astray; nor where P and S are
 * both next to nothing beside the loss that training began with.
 */
export function trustOf(trace: readonly TracePoint[], facts: TrustFacts = {}): Trust {
  const checks = trace.flatMap(({ check }) => (check ? [turned(check)] : []));
  const count = checks.length;
  const [start] = trace;
  if (!start || count === 0) return unchecked(facts.carries ? NOT_CHECKED : notYet(trace.at(-1), facts));
  const predicted = meanOf(checks.map((check) => check.predicted));
  const seen = meanOf(checks.map((check) => check.seen));
  const share = predicted === 0 ? 0 : seen / predicted;
  const known = studentOverTwo(count) * Math.hypot(...checks.map(({ noise }) => noise)); // a degree of freedom each
  const expected = (check: ResponseCheck) => (predicted === 0 ? seen : share * check.predicted);
  const scatter = Math.hypot(...checks.map((check) => check.seen - expected(check)));
  const error = (2 * Math.hypot(known, scatter * widening(count))) / count;
  const cosine = cosineOf(checks);
  const negligible = Math.max(-predicted, Math.abs(seen)) < NEGLIGIBLE * Math.abs(start.valid.loss);
  const chance = (2 * known) / count;
  const visible = !negligible && Math.abs(seen) > chance;
  const opposite = meanOf(checks.map((check) => check.opposite ?? NaN)); // NaN decides nothing
  const line: Line = { seen, opposite, chance, tiny: NEGLIGIBLE * Math.abs(start.valid.loss) };
  const judged = visible
    ? judge({ predicted, share, error: error / -predicted, cosine, line })
    : { verdict: "unclear" as const, why: "What happens here is too small" };
  const means = { predicted, seen, error, cosine };
  const parts = tell({ count, opposite, share, means, unsure: judged.why ?? "" });
  const sentence = predicted === 0 && visible ? saysNothing(parts) : sentences[judged.verdict](parts);
  return { verdict: judged.verdict, checks: count, ...means, sentence };
}

/** The share of a loss that is next to nothing. */
const NEGLIGIBLE = 1e-4;

const unchecked = (why: string): Trust => ({
  ...{ verdict: "unchecked", checks: 0, predicted: null, seen: null, error: null, cosine: null },
  sentence: `The response was not checked: ${why}`,
});

const NOT_CHECKED =
  "that is not done where training carries running statistics, as those of batch normalisation.";

const notYet = (end: TracePoint | undefined, facts: TrustFacts): string =>
  `the run is too short to pay for it${end && end.step > 0 && !facts.lengthTold ? whatPays(end, facts) : ""}.`;

/** How long a run must be for one check: at least as many gradients an epoch as so far, since a warm-up takes the fewest. */
function whatPays(
  { step, epoch, seconds, gradientEvaluations }: TracePoint,
  { firstTuning: first, ended }: TrustFacts,
): string {
  const rate = gradientEvaluations / step;
  const taken = Math.max(gradientEvaluations, rate * (first?.steps ?? 0));
  const epochs = Math.ceil(((gradientsFor(checksPaidBy(taken) + 1) / rate) * epoch) / step);
  const time = ended === "time" ? Math.ceil((seconds * epochs) / epoch) : undefined;
  if (!first) {
    return `; going on to ${time === undefined ? `${epochs} epochs` : `some ${time} s`} would be enough (hypertrain resume)`; // which keeps the warm-up
  }
  const length = time === undefined ? optionText("epochs", epochs) : optionText("time", `${time}s`);
  const warmup = optionText("warmupEpochs", Number(formatNumber(first.warmupEpochs)));
  return `; ${length} ${warmup} would be enough`;
}

/** The same check of the way on which the response predicts a fall: the other side, where its own prediction rises. */
function turned(check: ResponseCheck): ResponseCheck {
  const { predicted, seen, opposite } = check;
  if (predicted <= 0) return check;
  return { ...check, predicted: -predicted, seen: opposite ?? -seen, opposite: seen };
}

/** From the scatter of few checks to the standard error that it tells. */
const widening = (count: number): number =>
  count === 1 ? 0 : Math.sqrt(count / (count - 1)) * studentOverTwo(count - 1);

/** About the 95 % quantile of Student's distribution over 2. */
const studentOverTwo = (freedom: number): number => 1 + 2 / freedom ** 2;

/** The mean of the cosines, each counted as much as its check predicts. */
function cosineOf(checks: readonly ResponseCheck[]): number | null {
  const known = checks.filter(({ cosine }) => cosine !== undefined);
  if (known.length === 0) return null;
  const weighted = known.map(({ cosine, predicted }) => (cosine as number) * predicted); // filtered above
  return meanOf(weighted) / meanOf(known.map(({ predicted }) => predicted));
}

/** What was seen on both sides of a move, and what of it chance may make or is next to nothing. */
interface Line {
  readonly seen: number;
  readonly opposite: number;
  readonly chance: number;
  readonly tiny: number;
}

/**
 * Right within a factor of two and by more than chance. If a tenth or less came, surely not half, the step was too long or the response is
 * wrong.
 */
function judge({ predicted, share, error, cosine, line }: Judged): { verdict: Checked; why?: string } {
  if (predicted === 0) return { verdict: "wrong" };
  const slope = (line.seen - line.opposite) / 2;
  const within = (ratio: number) => ratio >= 0.5 && ratio <= 2;
  if (share <= 0.1 && share + error < 0.5) {
    if (isRightWay(cosine, line)) return { verdict: bendsBack(line) ? "too far" : "partly right" };
    return isLowest(cosine, line)
      ? { verdict: "unclear", why: "The loss is lowest next to here, which leaves too little" }
      : { verdict: "wrong" };
  }
  if (share - error <= 0.1) return { verdict: "unclear", why: "What happens here scatters too much" };
  const asPredicted = within(share) || (share > 2 && within(slope / predicted));
  return { verdict: asPredicted && (cosine ?? 1) >= 0.5 ? "right" : "partly right" };
}

interface Judged {
  readonly predicted: number;
  readonly share: number;
  /** Of the share. */
  readonly error: number;
  readonly cosine: number | null;
  readonly line: Line;
}

function isRightWay(cosine: number | null, { seen, opposite, chance }: Line): boolean {
  const pointsDown = cosine === null ? opposite - seen > 2 * chance : cosine >= 0.5;
  return pointsDown && !(opposite < -chance);
}

/** Whether the bend takes at least half of the fall that the slope gives; taken for granted where nobody looked at the other side. */
const bendsBack = ({ seen, opposite }: Line): boolean => !((seen + opposite) / 2 < (opposite - seen) / 4);

/** Whether the loss rises on both sides along training's own hypergradient, and could fall by next to nothing. */
const isLowest = (cosine: number | null, { seen, opposite, chance, tiny }: Line): boolean =>
  cosine !== null &&
  Math.abs(cosine) >= 0.5 &&
  Math.min(seen, opposite) > chance &&
  (seen - opposite) ** 2 / (8 * (seen + opposite)) < tiny;

type Checked = Exclude<Trust["verdict"], "unchecked">;

type Means = { readonly [name in "predicted" | "seen" | "error"]: number } & Pick<Trust, "cosine">;

/** The parts that the sentences are made of. */
interface Parts {
  readonly told: string;
  readonly went: string;
  readonly checks: string;
  /** What is off where a part is right. */
  readonly off: string;
  /** What happened as far on the other side, with a comma before; nothing where nobody looked. */
  readonly otherWay: string;
  /** Why chance leaves nothing to tell. */
  readonly unsure: string;
}

function tell({ count, opposite, share, means, unsure }: Told): Parts {
  const { predicted, seen, error, cosine } = means;
  const number = (value: number) => formatNumber(Math.abs(value), 2);
  const moved = (value: number) => `${value > 0 ? "raised" : "lowered"} it by ${number(value)}`;
  const checks = count === 1 ? "one check" : `mean of ${count} checks`;
  const angle =
    cosine === null ? "" : `, cosine ${cosine.toFixed(2)} with the hypergradient of training itself`;
  return {
    told: `it predicted that ten training steps at hyperparameters which it prefers lower the validation loss by ${number(predicted)}`,
    went: `they ${moved(seen)}, of which chance may make ${number(error)}`,
    checks: `(${checks}${angle})`,
    off:
      share < 0.5
        ? "less than half of it came"
        : share > 2
          ? "more than twice as much came"
          : "its direction is off",
    otherWay: Number.isNaN(opposite) ? "" : `, and as far the other way they ${moved(opposite)}`,
    unsure,
  };
}

/** What the sentences tell of. */
interface Told {
  readonly count: number;
  readonly opposite: number;
  readonly share: number;
  readonly means: Means;
  readonly unsure: string;
}

const saysNothing = ({ went, checks }: Parts): string =>
  `The response is wrong here: it predicted that ten training steps at other hyperparameters change nothing, but ${went} ${checks}. The hyperparameters have nothing to follow: see that the response learns (its learning rate), or take a method that needs no response, which differentiates training itself or trains again and again.`;

const sentences: Readonly<Record<Checked, (parts: Parts) => string>> = {
  right: ({ told, went, checks }) => `The response is right here: ${told}, and ${went} ${checks}.`,
  "partly right": ({ told, went, off, checks }) =>
    `The response is only partly right here, since ${off}: ${told}, and ${went} ${checks}.`,
  "too far": ({ told, went, otherWay, checks }) =>
    `The response points the right way here, but one perturbation is too long a step: ${told}, but ${went}${otherWay} ${checks}.`,
  wrong: ({ told, went, otherWay, checks }) =>
    `The response is wrong here: ${told}, but ${went}${otherWay} ${checks}. The hyperparameters may have gone astray: compare with a method that needs no response, which differentiates training itself or trains again and again.`,
  unclear: ({ told, went, unsure, checks }) =>
    `${unsure} to tell whether the response is right: ${told}, and ${went} ${checks}.`,
};
