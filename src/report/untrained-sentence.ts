import type { TracePoint } from "../api/trace.ts";
import { optionText } from "../util/option-text.ts";
import type { RemarkFacts } from "./remarks/facts.ts";

/** That a run ended before it was evaluated behind a step, so that its model is untrained; undefined where it was. */
export function untrainedSentence(
  trace: readonly TracePoint[],
  ended: RemarkFacts["ended"],
): string | undefined {
  const trained = trace.some(({ epoch, trial }) => (trial?.epoch ?? epoch) > 0);
  if (trained || ended === "running") return undefined;
  const [what, option] =
    ended === "gradients" ? (["gradients", "gradientLimit"] as const) : (["time", "time"] as const);
  return `The run ended before its first training was evaluated, so its model is the untrained network: give it more ${what} (${optionText(option)}).`;
}
