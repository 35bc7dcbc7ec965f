import type { TracePoint } from "../../api/trace.ts";
import { optionText } from "../../util/option-text.ts";
import type { RemarkFacts } from "./facts.ts";

/** What lets a run go on for longer, until so many epochs where these are known. */
export function longer({ ended }: Pick<RemarkFacts, "ended">, end: TracePoint, epochs?: number): string {
  if (ended === "patience") return `more patience (${optionText("patience")})`;
  if (epochs === undefined)
    return ended === "time" ? `more time (${optionText("time")})` : `more epochs (${optionText("epochs")})`;
  if (ended !== "time") return `${epochs} epochs (${optionText("epochs", epochs)})`;
  const seconds = Math.ceil((end.seconds * epochs) / end.epoch);
  return `some ${seconds} s (${optionText("time", `${seconds}s`)})`;
}

/** A number of epochs as advice: whole, of two digits. */
export const roundUp = (epochs: number): number => {
  const digit = 10 ** Math.max(0, Math.floor(Math.log10(epochs)) - 1);
  return Math.ceil(epochs / digit) * digit;
};

/** The epochs of a run that is to be longer since its loss still fell. */
export const asLongAgain = ({ epoch }: TracePoint): number => roundUp(2 * epoch);
