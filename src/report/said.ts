import type { Guard, TuneResult } from "../api/result.ts";
import { divergenceSentence } from "./divergence.ts";
import { frontSentence } from "./front.ts";
import { gainOver, isUntuned } from "./gain.ts";
import { guardOf } from "./guard.ts";
import { heldDecaySentence } from "./held-decay.ts";
import { metricSentence } from "./metric-sentence.ts";
import { missedClassesSentence } from "./missed-classes.ts";
import { rateSentence } from "./rate-sentence.ts";
import { remarksOn } from "./remarks.ts";
import type { RunFacts } from "./run-facts.ts";
import { failedSentence, type LostTraining } from "./trainings.ts";
import { trustOf } from "./trust.ts";
import { untrainedSentence } from "./untrained-sentence.ts";
import { lastUntuned } from "./untuned.ts";

/** What is known of a search besides. */
export interface SearchFacts {
  /** Trainings that were begun, and those of them that failed. */
  readonly trainings: number;
  readonly failed: readonly LostTraining[];
  readonly front: TuneResult["front"];
}

/** Training steps behind which it tells something that a network misses a class. */
const STEPS_TO_LEARN = 100;

/** What a run says of itself: of one that diverged that, and which decays were held. */
export function saidOf(
  run: RunFacts,
  { trainings, failed, front }: SearchFacts,
): Pick<TuneResult, "trust" | "guard" | "remarks"> {
  const { trace, end, firstTuning, learningRate, goals, holdsHypers = false } = run;
  const { best, reason: ended } = end;
  const decay = heldDecaySentence(trace, { decays: run.heldDecays, learningRate });
  const diverged = divergenceSentence(trace, best, { ended, learningRate, firstTuning });
  if (diverged !== undefined) return { remarks: given(diverged, decay) };
  const isOver = ended !== "running";
  const guard = holdsHypers ? undefined : guardOn(run);
  const trustIn = (lengthTold: boolean) =>
    run.learnsResponse ? trustOf(trace, { firstTuning, carries: run.carries, lengthTold, ended }) : undefined;
  const said =
    isOver && !holdsHypers
      ? remarksOn(trace, best, {
          ...run,
          ...{ ended, trust: trustIn(false)?.verdict, gainHolds: guard?.holds },
          ...{
            baseline: run.baseline?.end.best,
            baselineRun: run.baseline?.run,
            baselineBeyond: run.baseline?.beyond,
          },
        })
      : [];
  const trust = trustIn(said.some(({ epochs }) => epochs !== undefined));
  // who tunes in a run says when that begins
  const untrained = trainings > 0 || holdsHypers ? untrainedSentence(trace, ended) : undefined;
  const searched = isOver && front?.length && goals ? frontSentence(front, trainings, goals) : undefined;
  return {
    ...(trust && { trust }),
    ...(guard && { guard }),
    remarks: [
      ...given(failedSentence(trace, failed), untrained, metricSentence(trace), searched),
      ...said.map(({ sentence }) => sentence),
      ...(isOver ? given(missedIn(run), decay, rateSentence(trace)) : []),
    ],
  };
}

const given = (...sentences: readonly (string | undefined)[]): string[] =>
  sentences.filter((sentence) => sentence !== undefined);

/** Nothing of a network that has hardly learned, and of one whose rows it was trained on. */
function missedIn({ end: { best }, isRefit, data, weighsClasses }: RunFacts): string | undefined {
  if (best.step < STEPS_TO_LEARN || isRefit) return undefined;
  return missedClassesSentence(best, { names: data?.classes?.map(({ name }) => name), weighsClasses });
}

/** Without a baseline nothing is told of a search, nor of a run whose best point came before its hyperparameters moved. */
function guardOn({ trace, end: { best }, baseline, rows }: RunFacts): Guard | undefined {
  if (baseline) {
    const held = baseline.end.best;
    const gain = isUntuned(trace, best) ? "untuned" : gainOver(held, best, rows);
    return guardOf(best, held, "the start held fixed", gain);
  }
  return best.trial || isUntuned(trace, best) ? undefined : guardOf(best, lastUntuned(trace));
}
