import type { TracePoint } from "../api/trace.ts";
import type { Space } from "../space/space.ts";
import { formatNumber } from "../util/format-number.ts";
import { optionText } from "../util/option-text.ts";
import { inWords } from "../util/words.ts";
import { HYPER } from "./remarks/remark.ts";

/** What float32 may make of a value that is held, as a share. */
const ROUNDING = 1e-4;

/** Which weight decays of a run were held at their end, 1 / learning rate, at an evaluation, in a sentence; nothing where none was, and of a search. */
export function heldDecaySentence(
  trace: readonly TracePoint[],
  { space, learningRate }: { readonly space: Space; readonly learningRate?: number | undefined },
): string | undefined {
  if (learningRate === undefined) return undefined;
  const end = 1 / learningRate;
  const held = Object.entries(space.hypers).flatMap(([name, hyper]) => {
    if (hyper.kind !== "real" || hyper.high !== undefined || hyper.start >= end) return [];
    const isHeld = trace.some(
      ({ hyperparameters, trial }) =>
        !trial && Math.abs(Number(hyperparameters[name]?.value) / end - 1) < ROUNDING,
    );
    return isHeld ? [name] : [];
  });
  if (held.length === 0) return undefined;
  return `${inWords(held, "and")} ${held.length === 1 ? "was" : "were"} held at ${formatNumber(end)}, 1 / learning rate, where a step of gradient descent makes its weights 0: for more, take a lower learning rate (${optionText("lr")}) or a range with an upper end (${HYPER}).`;
}
