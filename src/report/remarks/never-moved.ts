import type { TracePoint } from "../../api/trace.ts";
import type { FirstTuning } from "../../tuners/run.ts";
import { optionText } from "../../util/option-text.ts";
import { formatNumber } from "../../util/format-number.ts";
import { formatLoss } from "../format.ts";
import type { RemarkFacts } from "./facts.ts";
import type { Remark } from "./remark.ts";

/** Why the hyperparameters of a run never moved, and when they would have. */
export function neverMoved(
  trace: readonly TracePoint[],
  { firstTuning, ended }: Pick<RemarkFacts, "firstTuning" | "ended">,
): Remark {
  const { step, epoch, valid } = trace.at(-1) as TracePoint; // it has its start
  const said = "The hyperparameters never moved";
  if (!firstTuning) return { sentence: `${said}: the run ended before its first hyperparameter step.` };
  const { steps, epochs, warmupEpochs } = firstTuning;
  if (step >= steps && trace.every(({ valid }) => Math.abs(valid.loss) < TINY)) {
    const sentence = `${said}, although hyperparameter steps were made: the losses are so small (${formatLoss(valid.loss)}) that their gradients vanish beside the epsilon of the optimizers. Multiply the loss, so that it comes near 1.`;
    return { sentence };
  }
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
  if (ended === "gradients") return { sentence: `${why} ${advice(gradientsToTune(trace, steps))}` };
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

/** The gradients with which a run makes its hyperparameter steps, a fifth of them warm-up. */
function gradientsToTune(trace: readonly TracePoint[], steps: number): string {
  const { step, gradientEvaluations } = trace.at(-1) as TracePoint; // as above
  if (step === 0) return `more gradients (${optionText("gradientLimit")})`;
  const whole = Math.ceil((WARMUPS * steps * gradientEvaluations) / step);
  return `some ${whole} gradients (${optionText("gradientLimit", whole)}), of which a fifth goes before that step`;
}

/** The share of the way to the first hyperparameter step that tells its pace. */
const TELLING = 0.1;

/** Losses below which gradients are of the size of an optimizer's epsilon, 1e-8. */
const TINY = 1e-8;

/** How many times its warm-up a run is long, as by default. */
const WARMUPS = 5;
