import type { TracePoint } from "../api/trace.ts";
import { formatNumber } from "../util/format-number.ts";

/** Epochs that the sentence names. */
const NAMED = 6;

/**
 * How often a run lowered its learning rates by its validation loss, and when, in a sentence; nothing where its schedule is another, and of
 * a search, each of whose trainings has rates of its own. Of a run whose training began anew, with the rates of the start, it tells of that training.
 */
export function rateSentence(trace: readonly TracePoint[]): string | undefined {
  const { restartedAt } = trace.at(-1) ?? {};
  const points = trace
    .filter(({ rateFactor, trial }) => rateFactor !== undefined && !trial)
    .filter(({ step }) => restartedAt === undefined || step > restartedAt); // with rates as at first
  const last = points.at(-1)?.rateFactor;
  if (last === undefined) return undefined;
  const lowered = points.filter(({ rateFactor = 1 }, i) => rateFactor < (points[i - 1]?.rateFactor ?? 1));
  const anew = restartedAt === undefined ? "" : " in the training that began anew";
  if (lowered.length === 0) return `The plateau did not lower the learning rates${anew}.`;
  const epochs = lowered.slice(0, NAMED).map(({ epoch }) => formatNumber(epoch));
  const times = lowered.length === 1 ? "once" : `${lowered.length} times`;
  const others = lowered.length > NAMED ? ` and ${lowered.length - NAMED} later ones` : "";
  return `The plateau lowered the learning rates${anew} ${times}, to ${formatNumber(last)} of what they were at first: behind epoch${lowered.length === 1 ? "" : "s"} ${epochs.join(", ")}${others}.`;
}
