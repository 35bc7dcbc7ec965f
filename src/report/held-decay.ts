import type { HyperPoint, TracePoint } from "../api/trace.ts";
import { formatNumber } from "../util/format-number.ts";
import { optionText } from "../util/option-text.ts";
import { inWords } from "../util/words.ts";
import { HYPER } from "./remarks/remark.ts";

/** What float32 may make of a value that is held, as a share. */
const ROUNDING = 1e-4;

/** What may be held in a run. */
export interface DecayFacts {
  /** The weight decays that a tuner holds at 1 / learning rate; default none. */
  readonly decays?: readonly string[] | undefined;
  readonly learningRate?: number | undefined;
}

/** Which weight decays of a run, or elements of one, were held at their end, 1 / learning rate, at an evaluation, in a sentence; nothing where none was, and of a search. */
export function heldDecaySentence(
  trace: readonly TracePoint[],
  { decays = [], learningRate }: DecayFacts,
): string | undefined {
  const [start] = trace;
  if (learningRate === undefined || !start || start.trial) return undefined;
  const end = 1 / learningRate;
  const held = decays.filter((name) => {
    const from = numbersOf(start.hyperparameters[name]);
    return trace.some(({ hyperparameters }) =>
      numbersOf(hyperparameters[name]).some(
        (value, i) => Math.abs(value / end - 1) < ROUNDING && value !== from[i], // one may start next to it
      ),
    );
  });
  if (held.length === 0) return undefined;
  return `${inWords(held, "and")} ${held.length === 1 ? "was" : "were"} held at ${formatNumber(end)}, 1 / learning rate, where a step of gradient descent makes its weights 0: for more, take a lower learning rate (${optionText("lr")}) or a range with an upper end (${HYPER}).`;
}

/** Of thousands of elements the highest quantile that a trace tells. */
function numbersOf(point: HyperPoint | undefined): readonly number[] {
  if (point?.elements) return [point.elements.q90];
  return point ? [point.value].flat().map(Number) : [];
}
