import type { TracePoint } from "../../api/trace.ts";
import { LEAST_DIFFERENCE } from "../../tuners/chance.ts";
import { trainingBegan } from "../../tuners/progress.ts";
import { optionText } from "../../util/option-text.ts";
import { behind, HYPER, type Remark } from "./remark.ts";

/**
 * What helps where no epoch validates below the untrained network, which guesses: it is told by what became of the training loss.
 *
 * @param trace of which the untrained network is the best
 * @param few what helps where few rows validate
 */
export function neverBelow(trace: readonly TracePoint[], few: Remark | undefined): Remark {
  const start = trace[0] as TracePoint; // it was looked at before
  const said = `No epoch has a lower ${start.guard ? "loss on the guard" : "validation loss"} than the untrained network`;
  const change = changeOf(trace);
  if (change === "fell") {
    const learned = `${said}, although the training loss fell: what it learns of the training rows does not hold for others.`;
    const sentence = `${learned} More rows would help, or a lower learning rate (${optionText("lr")}).`;
    return few ? behind(learned, few) : { sentence };
  }
  if (change === "rose") {
    return {
      sentence: `${said}, and the training loss rose: take a lower learning rate (${optionText("lr")}).`,
    };
  }
  return {
    sentence: `${said}, and the training loss hardly changed: take another learning rate, a higher one first (${optionText("lr")}).`,
  };
}

/** What helps a search none of whose trainings validates below its untrained network. */
export const noTrainingBelow = (): Remark => ({
  sentence: `No training has a lower validation loss than the untrained network: take lower learning rates (${optionText("lr")}), or other ranges of the hyperparameters (${HYPER}).`,
});

/**
 * What became of the training loss from the first epoch of the last training to its end. One that kept its level since, or has one epoch alone, may have changed within
 * the first, before anybody looked: then it is held against the validation loss of the untrained network, since a guess costs about as much on the rows that train.
 */
function changeOf(trace: readonly TracePoint[]): "fell" | "rose" | "kept" {
  const end = trace.at(-1) as TracePoint; // as above
  const losses = trace.flatMap(({ step, train }) => (train && step > trainingBegan(end) ? [train.loss] : []));
  const last = losses.at(-1) ?? NaN;
  const since = (loss = NaN) => {
    const least = LEAST_DIFFERENCE * Math.abs(loss);
    return last < loss - least ? "fell" : last > loss + least ? "rose" : "kept";
  };
  const own = since(losses[0]);
  return own === "kept" ? since(trace[0]?.valid.loss) : own;
}
