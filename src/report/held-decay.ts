import type { TracePoint } from "../api/trace.ts";
import type { Space } from "../space/space.ts";
import { formatNumber } from "../util/format-number.ts";
import { optionText } from "../util/option-text.ts";
import { inWords } from "../util/words.ts";
import { HYPER } from "./remarks/remark.ts";

/** What float32 may make of a value that is held, as a share. */
const ROUNDING = 1e-4;

/** Which weight decays a run ended with at their end, 1 / learning rate, in a sentence; nothing where none did, and of a search. */
export function heldDecaySentence(
  trace: readonly TracePoint[],
  { space, learningRate }: { readonly space: Space; readonly learningRate?: number | undefined },
): string | undefined {
  const last = trace.at(-1);
  if (!last || last.trial || learningRate === undefined) return undefined;
  const held = Object.entries(last.hyperparameters).filter(([name, { value }]) => {
    const hyper = space.hypers[name];
    const isOpen = hyper?.kind === "real" && hyper.high === undefined && hyper.start < 1 / learningRate;
    return isOpen && Math.abs(Number(value) * learningRate - 1) < ROUNDING;
  });
  const [first] = held;
  if (!first) return undefined;
  const names = inWords(
    held.map(([name]) => name),
    "and",
  );
  return `${names} ended at ${formatNumber(1 / learningRate)}, 1 / learning rate, where a weight decay is held, since training diverges behind it: for more, take a lower learning rate (${optionText("lr")}) or a range with an upper end (${HYPER}).`;
}
