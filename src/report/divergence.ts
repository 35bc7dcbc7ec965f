import type { TracePoint } from "../api/trace.ts";
import type { FirstTuning } from "../tuners/run.ts";
import { optionText } from "../util/option-text.ts";
import { formatNumber } from "../util/format-number.ts";
import { formatLoss } from "./format.ts";
import { sameValues } from "./untuned.ts";

/** What is known of a run besides its trace where its training may have diverged. */
export interface DivergenceFacts {
  /** Why the run ended; default after its epochs. */
  readonly ended?: string | undefined;
  /** The learning rate of the weights, where it is known. */
  readonly learningRate?: number | undefined;
  /** When the first hyperparameter step is made, where that is known. */
  readonly firstTuning?: FirstTuning | undefined;
}

/** A training loss diverged that lies above the loss of the untrained network by so many times its size. */
const TIMES_UNTRAINED = 10;

/**
 * That the training of a run diverged behind its best point, when, and what to do, in one sentence, behind which nothing else is worth telling of the run; undefined where
 * it did not, and of a search, whose trainings may.
 *
 * It diverged where a number became infinite, and where the training loss rose far above the loss of the untrained network: one that overfits lowers it.
 */
export function divergenceSentence(
  trace: readonly TracePoint[],
  best: TracePoint,
  facts: DivergenceFacts,
): string | undefined {
  const [start] = trace;
  const end = trace.at(-1);
  if (!start || !end || start.trial) return undefined;
  const bound = start.valid.loss + TIMES_UNTRAINED * Math.abs(start.valid.loss);
  const high = trace.find(({ step, train }) => step > best.step && train !== undefined && train.loss > bound);
  if (!high && facts.ended !== "diverged") return undefined;
  const when = high
    ? `by epoch ${formatNumber(high.epoch)} the training loss was ${formatLoss(high.train?.loss)}, where the untrained network has ${formatLoss(start.valid.loss)}`
    : `behind epoch ${formatNumber(end.epoch)} a number became infinite`;
  const until = high?.step ?? 2 * end.step - (trace.at(-2)?.step ?? 0); // where the next evaluation would have been
  const tuned = trace.some((point) => point.step <= until && !sameValues(point, start));
  return `Training diverged: ${when}. ${mend(start, tuned || until >= (facts.firstTuning?.steps ?? Infinity), facts)}`;
}

/** In 11 of 15 trainings that diverged a tenth of their rate was enough, in the others a hundredth (docs/how-to-read-the-report.md). */
function mend(
  { hyperparameters }: TracePoint,
  tuned: boolean,
  { learningRate: rate }: DivergenceFacts,
): string {
  const again = "and a tenth of that where it still does";
  if (Object.hasOwn(hyperparameters, "lr"))
    return `Take a tenth of the learning rate's range (${optionText("hyper")}), ${again}.`;
  const tenth = rate === undefined ? optionText("lr") : optionText("lr", Number((rate / 10).toPrecision(3)));
  return tuned
    ? `Take a tenth of the learning rates of the weights (${tenth}) and of the hyperparameters (${optionText("hyperLr")}), ${again}.`
    : `Take a tenth of the learning rate (${tenth}), ${again}.`;
}
