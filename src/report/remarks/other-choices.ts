/*
 * Of runs that make no hyperparameter steps: searches, which try values, and a run that chooses by scores and then trains what it chose (SMASH).
 */
import type { TracePoint } from "../../api/trace.ts";
import { optionText } from "../../util/option-text.ts";
import type { RemarkFacts } from "./facts.ts";
import { longer } from "./longer-run.ts";
import { HYPER, type Remark } from "./remark.ts";

/** What helps a search none of whose trainings gained; of one with bounds, none of those within them. */
export function searchInVain(
  trace: readonly TracePoint[],
  best: TracePoint,
  { inStore = false }: Pick<RemarkFacts, "inStore"> = {},
): Remark {
  const finite = trace.filter(({ trial }) => !trial?.failed);
  const kept = best.unfit ? finite : finite.filter(({ unfit }) => !unfit);
  const count = trainingsIn(kept);
  const within = count < trainingsIn(finite) ? " within the bounds" : "";
  const found =
    count === 1
      ? `Its one training${within} had no better`
      : `None of its ${count} trainings${within} came upon better`;
  const more = inStore
    ? `${optionText("trials")}, with the command that began it`
    : `${optionText("epochs")}, also of hypertrain resume`;
  return {
    sentence: `${found} hyperparameters: give it more trainings (${more}), or narrow the ranges around the start (${HYPER}).`,
  };
}

const trainingsIn = (trace: readonly TracePoint[]): number =>
  new Set(trace.map(({ trial }) => trial?.number)).size;

/** Why a run that chooses by scores has nothing else than its start: it did not come to train its choice, or chose that. */
export const noOtherChoice = (end: TracePoint, facts: Pick<RemarkFacts, "ended">): Remark => ({
  sentence: end.unfit
    ? `The run ended before it trained what it chose: give it ${longer(facts, end)}.`
    : "It chose the start itself, which had the lowest of its scores.",
});

/** What helps it where it gained nothing by its choice. */
export const noBetterChoice: Remark = {
  sentence: `What it chose is no better here: let it score more (${optionText("candidates")}), or compare with another method (${optionText("method")}).`,
};
