import type { Trust, TuneResult } from "../api/result.ts";
import { refitSentence } from "./refit.ts";

/** What a run says of itself, the most useful first. */
export interface RunSentences {
  /** At most two, and what its guard says: for whoever reads no more than the end of a run. */
  readonly first: readonly string[];
  /** All others, for its report. */
  readonly others: readonly string[];
}

/** As many pieces of advice as anybody follows after one run. */
const MOST = 2;

/**
 * Orders what a run says of itself: what puts its numbers in doubt comes first, since all else is read off them; then its remarks, in their own order; then
 * what confirms the numbers. What its guard says is among the first in any case, since rows are kept for that answer. Why a method was chosen, and that a response was
 * not or could not be judged, which nobody asked, call for nothing.
 */
export function sentencesOf({ auto, remarks, trust, guard, refit }: TuneResult): RunSentences {
  const trusted = (...verdicts: readonly Trust["verdict"][]) =>
    trust && verdicts.includes(trust.verdict) ? [trust.sentence] : [];
  const telling = [
    ...(guard?.holds === false ? [guard.sentence] : []),
    ...[...trusted("wrong"), ...remarks, ...trusted("right", "partly right", "too far")],
  ];
  const others = [
    ...trusted("unclear", "unchecked"),
    ...(auto === undefined ? [] : [auto]),
    ...(refit ? [refitSentence(refit)] : []),
  ];
  return {
    first: [...telling.slice(0, MOST), ...(guard && guard.holds !== false ? [guard.sentence] : [])],
    others: [...telling.slice(MOST), ...others],
  };
}
