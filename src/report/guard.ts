import type { Guard } from "../api/result.ts";
import type { TracePoint } from "../api/trace.ts";
import { chanceOf } from "../tuners/chance.ts";
import { optionText } from "../util/option-text.ts";
import { formatNumber } from "../util/format-number.ts";
import type { Gain } from "./gain.ts";

/**
 * What tuning gained on the validation rows that the tuner sees and on those that it doesn't; nothing for a run that keeps none from it.
 *
 * @param reference the same training without tuning, at its best, or the last point before the hyperparameters moved
 * @param against what the sentence calls the training without tuning; without it the reference is the same run, whose gain is training's as well
 * @param gain what is gained on all validation rows, without which none holds elsewhere; `untuned` of a best point that nothing was tuned for
 */
export function guardOf(
  best: TracePoint,
  reference: TracePoint | undefined,
  against?: string,
  gain: Gain | "untuned" = "sure",
): Guard | undefined {
  if (!best.guard || !reference?.guard) return undefined;
  const { rows, loss, seen } = best.guard;
  const chance = chanceOf(rows) * Math.abs(reference.guard.loss);
  const gains = { gainTuner: reference.guard.seen - seen, gainGuard: reference.guard.loss - loss };
  const held = against === undefined ? null : doesHold(gains, chance);
  const judged = gain === "sure" || (gain !== "untuned" && held === false);
  const holds = judged ? held : null;
  return {
    rows,
    ...gains,
    holds,
    sentence: sentenceOn({ rows, ...gains, holds }, chance, { against, gain: judged ? "judged" : gain }),
  };
}

/** The share of a gain that rows which the tuner doesn't see must have for it to hold. */
const LEAST_SHARE = 1 / 3;

/**
 * Whether what was gained on rows that the tuner saw was gained on the others too; null where nothing was gained on the first, or chance may decide.
 *
 * @param chance what it makes of a difference on the others
 */
function doesHold({ gainTuner, gainGuard }: Gains, chance: number): Guard["holds"] {
  const surplus = gainGuard - LEAST_SHARE * gainTuner;
  return gainTuner > 0 && Math.abs(surplus) >= chance ? surplus > 0 : null;
}

type Gains = Pick<Guard, "gainTuner" | "gainGuard">;

/** Why a gain on the rows that the tuner sees is not held against that on the others. */
const UNJUDGED = {
  unconfirmed: "The gain may be chance, since the test rows do not confirm it",
  "by chance": "The gain may be chance",
  "too little": "The gain is too little to judge",
  none: "There is no gain on all validation rows together",
  loss: "There is no gain on all validation rows together",
  untuned: "The gain is not tuning's, since the best epoch came before the hyperparameters moved",
} as const;

function sentenceOn(
  { rows, gainTuner, gainGuard, holds }: Omit<Guard, "sentence">,
  chance: number,
  {
    against,
    gain,
  }: { readonly against: string | undefined; readonly gain: keyof typeof UNJUDGED | "judged" },
): string {
  if (against === undefined) {
    const moved = (gain: number) => `${gain < 0 ? "rose" : "fell"} by ${formatNumber(Math.abs(gain), 2)}`;
    return `Since the hyperparameters began to move, the validation loss ${moved(gainTuner)} on the rows that the tuner sees and ${moved(gainGuard)} on the ${rows} kept from it; what of it is tuning's and not training's, only a baseline tells (${optionText("baseline", true)}).`;
  }
  if (gainTuner <= 0 && gainGuard <= 0) {
    return `Tuning gained nothing, on the validation rows that the tuner sees as on the ${rows} kept from it.`;
  }
  const change = (gain: number) => `${gain < 0 ? "higher" : "lower"} by ${formatNumber(Math.abs(gain), 2)}`;
  const bothOn = (seen: string) =>
    `against ${against}, the validation loss is ${change(gainTuner)} on ${seen}, and ${change(gainGuard)} on the ${rows} kept from it`;
  if (gain !== "judged" && gainTuner > 0)
    return `${UNJUDGED[gain]}: ${bothOn("the rows that the tuner sees")}.`;
  const both = bothOn("those that it sees");
  if (gainTuner <= 0) return `There is no gain to judge on rows that the tuner does not see: ${both}.`;
  if (holds === null)
    return `Too few rows are kept from the tuner to tell whether the gain holds on them: ${both}${Number.isFinite(chance) ? `, where chance makes ${formatNumber(chance, 2)}` : ""}.`;
  return holds
    ? `The gain holds on rows that the tuner does not see: ${both}.`
    : `The gain does not hold on rows that the tuner does not see: ${both}. Tune fewer hyperparameters (l2.* in the place of l2.each), or keep them near their start, by a method that has a use for ${optionText("hyperPenalty", 0.01)}.`;
}
