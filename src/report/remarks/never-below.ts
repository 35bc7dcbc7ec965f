import type { TracePoint } from "../../api/trace.ts";
import { LEAST_DIFFERENCE } from "../../tuners/chance.ts";
import { optionText } from "../../util/option-text.ts";
import { behind, type Remark } from "./remark.ts";

/**
 * What helps where no epoch validates below the untrained network, which guesses: it is told by what became of the training loss, since a guess costs about as
 * much on the rows that train.
 *
 * @param start the untrained network, the best of all
 * @param few what helps where few rows validate
 */
export function neverBelow(start: TracePoint, end: TracePoint, few: Remark | undefined): Remark {
  const said = `No epoch has a lower ${start.guard ? "loss on the guard" : "validation loss"} than the untrained network`;
  const change = (end.train?.loss ?? NaN) - start.valid.loss;
  const least = LEAST_DIFFERENCE * Math.abs(start.valid.loss);
  if (change < -least) {
    const learned = `${said}, although the training loss fell: what it learns of the training rows does not hold for others.`;
    const sentence = `${learned} More rows would help, or a lower learning rate (${optionText("lr")}).`;
    return few ? behind(learned, few) : { sentence };
  }
  if (change > least) {
    return {
      sentence: `${said}, and the training loss rose: take a lower learning rate (${optionText("lr")}).`,
    };
  }
  return {
    sentence: `${said}, and the training loss hardly changed: take another learning rate, a higher one first (${optionText("lr")}).`,
  };
}
